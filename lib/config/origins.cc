// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/config/origins.h"

#include <fmt/format.h>

#include <utility>

namespace webhook::config {

Origins::Origins(std::string file_name, std::map<std::string, int> section_lines)
    : file_name_(std::move(file_name)), section_lines_(std::move(section_lines)) {}

Place Origins::PlaceOf(const Key& key) const {
  if (const auto found = places_.find(&key); found != places_.end()) return found->second;
  if (file_name_.empty()) return {"environment"};
  const auto section = section_lines_.find(std::string(key.section));
  return {file_name_, section == section_lines_.end() ? 0 : section->second};
}

std::string Origins::HowToGive(const Key& key) const {
  if (file_name_.empty()) return EnvironmentVariable(key);
  return fmt::format("{} = {} in [{}], or {}", key.name, key.example, key.section,
                     EnvironmentVariable(key));
}

}  // namespace webhook::config
