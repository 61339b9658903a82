// SPDX-License-Identifier: LGPL-3.0-or-later
#include "app/webhook_demo/env_file.h"

#include <fstream>
#include <sstream>
#include <stdexcept>

namespace webhook::demo {
namespace {

bool IsName(std::string_view text) {
  return !text.empty() && text.find_first_not_of(
                              "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                              "abcdefghijklmnopqrstuvwxyz_0123456789") == std::string_view::npos;
}

std::string Unquoted(std::string_view word) {
  std::string value;
  char quote = 0;
  for (std::size_t i = 0; i < word.size(); ++i) {
    const char c = word[i];
    if (c == quote) {
      quote = 0;
    } else if (quote == 0 && (c == '\'' || c == '"')) {
      quote = c;
    } else if (c == '\\' && quote != '\'' && i + 1 < word.size()) {
      value += word[++i];
    } else {
      value += c;
    }
  }
  return value;
}

}  // namespace

EnvValues ParseEnv(std::string_view text) {
  EnvValues values;
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);) {
    std::string_view rest = line;
    if (rest.starts_with("export ")) rest.remove_prefix(7);
    const auto equals = rest.find('=');
    if (equals == std::string_view::npos || !IsName(rest.substr(0, equals))) continue;
    values[std::string(rest.substr(0, equals))] = Unquoted(rest.substr(equals + 1));
  }
  return values;
}

EnvValues ReadEnvFile(const std::string& path) {
  const std::ifstream file(path);
  if (!file)
    throw std::runtime_error("the file " + path + ", which describes Odoo, cannot be read");
  std::ostringstream text;
  text << file.rdbuf();
  return ParseEnv(text.str());
}

}  // namespace webhook::demo
