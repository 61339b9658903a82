// SPDX-License-Identifier: LGPL-3.0-or-later
// Values in tests, written as JSON; `missing` is the missing one.
#pragma once

#include <doctest/doctest.h>

#include <string>

#include "lib/model/value.h"

namespace webhook::rules {

inline model::Value Json(const std::string& json) {
  if (json == "missing") return {};
  auto value = model::ParseJson(json);
  REQUIRE_MESSAGE(value.ok(), json);
  return std::move(value).value();
}

}  // namespace webhook::rules
