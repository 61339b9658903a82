// SPDX-License-Identifier: LGPL-3.0-or-later
#include "tests/unit/config/config_input.h"

#include <doctest/doctest.h>

#include <utility>

namespace webhook::config {

const std::string kOdoo =
    "[odoo]\n"
    "url = \"https://odoo.example.com\"\n"
    "database = \"production\"\n"
    "api_key_file = \"/key\"\n";

FileReader MemoryFiles(std::map<std::string, FileText> files) {
  return [files = std::move(files)](const std::string& path,
                                    std::size_t bytes_max) -> base::Result<FileText, FileError> {
    const auto found = files.find(path);
    if (found == files.end()) return FileError{"No such file or directory"};
    if (found->second.bytes.size() > bytes_max) return FileError{"too large"};
    return found->second;
  };
}

ConfigInput Input(std::string text, Environment environment) {
  return {"worker.toml",
          {std::move(text), 0640},
          std::move(environment),
          "host-1",
          MemoryFiles({{"/key", {"0123456789abcdef\n", 0640}},
                       {"/ca.pem", {"-----BEGIN CERTIFICATE-----\n", 0644}},
                       {"/empty.pem", {"", 0644}}})};
}

std::string ErrorsOf(const ConfigInput& input) {
  const ConfigResult result = ParseConfig(input);
  return result.ok() ? "" : ErrorsText(result.error());
}

std::string WarningsOf(const ConfigInput& input) {
  const ConfigResult result = ParseConfig(input);
  REQUIRE(result.ok());
  return ErrorsText(result.value().warnings);
}

Config ConfigOf(const ConfigInput& input) {
  INFO(ErrorsOf(input));
  const ConfigResult result = ParseConfig(input);
  REQUIRE(result.ok());
  return result.value().config;
}

}  // namespace webhook::config
