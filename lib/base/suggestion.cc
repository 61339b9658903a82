// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/base/suggestion.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

namespace webhook::base {
namespace {

constexpr std::size_t kWordBytesMax = 64;  // the table is quadratic; no key is longer

std::size_t EditsMax(std::string_view word) {
  return std::clamp<std::size_t>(word.size() / 3, 1, 3);
}

}  // namespace

// Optimal string alignment, three rows of the table at a time.
std::size_t EditDistance(std::string_view from, std::string_view to) {
  std::vector<std::size_t> before_last(to.size() + 1);
  std::vector<std::size_t> last(to.size() + 1);
  std::vector<std::size_t> row(to.size() + 1);
  for (std::size_t j = 0; j <= to.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= from.size(); ++i) {
    before_last.swap(last);
    last.swap(row);
    row[0] = i;
    for (std::size_t j = 1; j <= to.size(); ++j) {
      const std::size_t substitution = last[j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, substitution});
      const bool swapped = i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1];
      if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
  }
  return row[to.size()];
}

std::string_view Nearest(std::string_view word, std::span<const std::string_view> known) {
  if (word.size() > kWordBytesMax) return {};
  std::string_view nearest;
  std::size_t edits_max = EditsMax(word);
  for (const std::string_view candidate : known) {
    const std::size_t edits = EditDistance(word, candidate);
    if (edits > edits_max || (edits == edits_max && !nearest.empty())) continue;
    nearest = candidate;
    edits_max = edits;
  }
  return nearest;
}

std::string Suggest(std::string_view word, std::span<const std::string_view> known) {
  const std::string_view nearest = Nearest(word, known);
  if (!nearest.empty()) return fmt::format("did you mean \"{}\"?", nearest);
  return fmt::format("known are: {}", fmt::join(known, ", "));
}

}  // namespace webhook::base
