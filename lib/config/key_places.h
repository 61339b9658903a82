// SPDX-License-Identifier: LGPL-3.0-or-later
// Where a key's value goes in Config, as the table of keys says it: by a section's and a member's
// name. Part of the table; nothing else includes it.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <type_traits>

#include "lib/config/keys.h"

namespace webhook::config {

template <auto SectionMember, auto Member>
auto& At(Config& config) {
  return config.*SectionMember.*Member;
}

template <auto SectionMember, auto Member>
constexpr Choice ChoiceAt(std::span<const std::string_view> names) {
  return {
      names,
      [](const Config& config) { return static_cast<std::size_t>(config.*SectionMember.*Member); },
      [](Config& config, std::size_t index) {
        auto& value = config.*SectionMember.*Member;
        value = static_cast<std::remove_reference_t<decltype(value)>>(index);
      }};
}

}  // namespace webhook::config
