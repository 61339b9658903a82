// SPDX-License-Identifier: LGPL-3.0-or-later
// "Did you mean": the known word nearest to a misspelt one. Pure.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace webhook::base {

// Insertions, deletions, substitutions and swaps of neighbours that lead from one to the other.
std::size_t EditDistance(std::string_view from, std::string_view to);

// The nearest of `known`, the first of equals; empty when none is near: a third of the word may
// differ, at least one and at most three characters.
std::string_view Nearest(std::string_view word, std::span<const std::string_view> known);

// `did you mean "url"?`, or `known are: url, database` when none is near.
std::string Suggest(std::string_view word, std::span<const std::string_view> known);

}  // namespace webhook::base
