// SPDX-License-Identifier: LGPL-3.0-or-later
// A value as the file or the environment gives it, before it is checked against its key.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "lib/config/config_error.h"
#include "lib/config/keys.h"

namespace webhook::config {

// A type that no key takes: "a date".
struct OtherType {
  std::string_view what;
};

using GivenValue =
    std::variant<std::string, std::int64_t, bool, std::vector<std::string>, OtherType>;

struct Given {
  const Key* key;
  GivenValue value;
  Place place;
};

}  // namespace webhook::config
