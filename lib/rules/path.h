// SPDX-License-Identifier: LGPL-3.0-or-later
// Paths into a JSON value: `order.lines.0.sku`, `lines[-1]`, `lines[*].sku`, `meta["x.y"]`,
// `"a.b".c`, `$`. Names are exact. A whole number, bare or in brackets, is an index of a list (from
// the end when it is negative) and a key of an object; a quoted one is only ever a key. `[*]` takes
// every item of a list and makes the result one flat list, however many there are in a path; items
// that lack what follows are left out. `$` at the start is the value itself. Names with dots,
// brackets, quotes or outer spaces are quoted; \" and \\ are the escapes. Pure and total.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "lib/model/value.h"

namespace webhook::rules {

inline constexpr std::size_t kPathCharactersMax = 1000;  // bytes
inline constexpr std::size_t kPathSegmentsMax = 50;
inline constexpr std::size_t kCollectedMax = 100'000;  // what `[*]` may gather

struct Segment {
  std::string key;
  std::optional<int> index;  // of a list; when the key is a whole number that is not quoted
  bool collect = false;      // `[*]`; then there is no key
  bool operator==(const Segment&) const = default;
};

struct Path {
  std::vector<Segment> segments;  // none: the value itself
  bool collects() const;
  bool operator==(const Path&) const = default;
};

// The error says what is wrong and at which character, counted in bytes from 1.
base::Result<Path, std::string> ParsePath(std::string_view text);

// What is there, or missing; null is null. `[*]` of anything but a list is missing (left out inside
// another `[*]`). Gathers one more than kCollectedMax at most: whoever reads for a rule makes that
// an error (lib/rules/reading.h does).
model::Value Find(const Path& path, const model::Value& value);

// The same without a copy: null when there is nothing. Precondition: the path does not collect.
const model::Value* Locate(const Path& path, const model::Value& value);

}  // namespace webhook::rules
