// SPDX-License-Identifier: LGPL-3.0-or-later
#include <algorithm>
#include <charconv>
#include <cstdint>

#include "lib/inbound/verify_signature.h"
#include "lib/rules/instant.h"

namespace webhook::inbound {
namespace {

constexpr std::int64_t kUnixMsMax = 253'402'300'799'999;  // the end of the year 9999
constexpr std::int64_t kMsPerSecond = 1000;
constexpr std::int64_t kAttosecondsPerMs = 1'000'000'000'000'000;

std::optional<std::int64_t> ParseWhole(std::string_view text, std::int64_t max) {
  const bool is_digits =
      std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (!is_digits || error != std::errc() || number > max) return std::nullopt;
  return number;
}

std::optional<base::WallTime> ParseIso8601(std::string_view text) {
  const auto instant = rules::ParseInstant(text);
  if (!instant || !instant->has_time) return std::nullopt;
  return base::FromUnixMs(instant->unix_seconds * kMsPerSecond +
                          instant->attoseconds / kAttosecondsPerMs);
}

}  // namespace

std::optional<base::WallTime> ParseTimestamp(model::TimestampFormat format, std::string_view text) {
  if (format == model::TimestampFormat::kIso8601) return ParseIso8601(text);
  const std::int64_t unit = format == model::TimestampFormat::kUnix ? kMsPerSecond : 1;
  const auto number = ParseWhole(text, kUnixMsMax / unit);
  if (!number) return std::nullopt;
  return base::FromUnixMs(*number * unit);
}

}  // namespace webhook::inbound
