// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/status_set.h"

#include <fmt/format.h>

#include <algorithm>

#include "lib/base/text.h"

namespace webhook::delivery {
namespace {

constexpr std::size_t kTextBytesMax = 1000;
constexpr std::size_t kShownBytesMax = 40;
constexpr int kStatusMin = 300;
constexpr int kStatusMax = 599;

std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const std::size_t start = text.find_first_not_of(kBlanks);
  if (start == std::string_view::npos) return {};
  return text.substr(start, text.find_last_not_of(kBlanks) - start + 1);
}

// Nothing when the text is no status of the allowed ones.
std::optional<int> ReadStatus(std::string_view text) {
  if (text.size() != 3) return std::nullopt;
  int status = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    status = status * 10 + (c - '0');
  }
  if (status < kStatusMin || status > kStatusMax) return std::nullopt;
  return status;
}

std::optional<std::pair<int, int>> ReadRange(std::string_view part) {
  const std::size_t dash = part.find('-');
  const auto first = ReadStatus(Trimmed(part.substr(0, dash)));
  const auto last =
      dash == std::string_view::npos ? first : ReadStatus(Trimmed(part.substr(dash + 1)));
  if (!first || !last || *first > *last) return std::nullopt;
  return std::pair(*first, *last);
}

}  // namespace

bool StatusSet::Contains(int status) const {
  return std::any_of(ranges_.begin(), ranges_.end(), [status](const auto& range) {
    return range.first <= status && status <= range.second;
  });
}

base::Result<StatusSet, std::string> ParseStatusSet(std::string_view text) {
  StatusSet set;
  if (Trimmed(text).empty()) return set;
  if (text.size() > kTextBytesMax) {
    return fmt::format("the list of statuses is longer than {} characters", kTextBytesMax);
  }
  while (true) {
    const std::size_t comma = text.find(',');
    const std::string_view part = Trimmed(text.substr(0, comma));
    const auto range = ReadRange(part);
    if (!range) {
      return fmt::format(
          "\"{}\" is no status or range of statuses; write statuses from {} to {} and ranges of "
          "them, separated by commas, like 409, 422, 500-599",
          base::PrintableText(part, kShownBytesMax), kStatusMin, kStatusMax);
    }
    set.ranges_.push_back(*range);
    if (comma == std::string_view::npos) return set;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace webhook::delivery
