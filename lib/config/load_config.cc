// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/config/load_config.h"

#include <unistd.h>

#include <array>
#include <string_view>
#include <utility>

namespace webhook::config {
namespace {

constexpr std::size_t kConfigBytesMax = 1'048'576;

std::string HostName() {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0 || name[0] == '\0') return "webhook-worker";
  return std::string(name.data()).substr(0, 128);  // as the hello schema says
}

}  // namespace

ConfigResult LoadConfig(const std::string& path, const Environment& environment) {
  ConfigInput input;
  input.file_name = path;
  input.environment = environment;
  input.host_name = HostName();
  input.read_file = SystemFileReader();
  if (!path.empty()) {
    auto file = input.read_file(path, kConfigBytesMax);
    if (!file.ok()) {
      return ConfigErrors{
          {{path},
           "",
           {"cannot be read: " + file.error().reason, "expected the configuration file (TOML)"}}};
    }
    input.file = std::move(file.value());
  }
  return ParseConfig(input);
}

Environment ReadEnvironment(const char* const* variables) {
  Environment environment;
  for (; *variables != nullptr; ++variables) {
    const std::string_view variable = *variables;
    const std::size_t equals = variable.find('=');
    if (equals == std::string_view::npos) continue;
    environment.emplace(variable.substr(0, equals), variable.substr(equals + 1));
  }
  return environment;
}

}  // namespace webhook::config
