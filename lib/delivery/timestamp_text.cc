// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/timestamp_text.h"

#include <fmt/format.h>

namespace webhook::delivery {
namespace {

// 2026-11-24T10:00:00Z
std::string Iso8601(base::WallTime now) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now);
  const auto day = std::chrono::floor<std::chrono::days>(seconds);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(seconds - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     time.hours().count(), time.minutes().count(), time.seconds().count());
}

}  // namespace

std::string TimestampText(model::TimestampFormat format, base::WallTime now) {
  switch (format) {
    case model::TimestampFormat::kUnix:
      return std::to_string(base::ToUnixMs(now) / 1000);
    case model::TimestampFormat::kUnixMs:
      return std::to_string(base::ToUnixMs(now));
    case model::TimestampFormat::kIso8601:
      return Iso8601(now);
  }
  return {};
}

}  // namespace webhook::delivery
