// SPDX-License-Identifier: LGPL-3.0-or-later
#include <doctest/doctest.h>

#include "lib/inbound/verify_signature.h"

namespace webhook::inbound {
namespace {

using model::TimestampFormat;

std::optional<std::int64_t> Ms(TimestampFormat format, std::string_view text) {
  const auto time = ParseTimestamp(format, text);
  if (!time) return std::nullopt;
  return base::ToUnixMs(*time);
}

TEST_CASE("unix seconds and milliseconds are digits only") {
  CHECK(Ms(TimestampFormat::kUnix, "1700000000") == 1'700'000'000'000);
  CHECK(Ms(TimestampFormat::kUnixMs, "1700000000123") == 1'700'000'000'123);
  CHECK(Ms(TimestampFormat::kUnix, "0") == 0);
  CHECK(Ms(TimestampFormat::kUnix, "253402300799") == 253'402'300'799'000);
  for (const std::string_view text :
       {"", " 1700000000", "1700000000 ", "+1700000000", "-1", "123.4", "1e9", "0x10", "²",
        "253402300800", "9223372036854775808", "99999999999999999999999", "1700000000\n"}) {
    CAPTURE(text);
    CHECK_FALSE(Ms(TimestampFormat::kUnix, text));
  }
  CHECK_FALSE(Ms(TimestampFormat::kUnixMs, "253402300800000"));
  CHECK_FALSE(Ms(TimestampFormat::kUnix, std::string_view("17\0", 3)));
  CHECK_FALSE(Ms(TimestampFormat::kUnix, std::string(1'000'000, '9')));
}

TEST_CASE("ISO 8601 with a zone, or without: UTC") {
  constexpr std::int64_t kMs = 1'700'000'000'000;  // 2023-11-14T22:13:20Z
  CHECK(Ms(TimestampFormat::kIso8601, "2023-11-14T22:13:20Z") == kMs);
  CHECK(Ms(TimestampFormat::kIso8601, "2023-11-14T23:13:20+01:00") == kMs);
  CHECK(Ms(TimestampFormat::kIso8601, "2023-11-14T22:13:20") == kMs);
  CHECK(Ms(TimestampFormat::kIso8601, "2023-11-14T22:13:20.123456Z") == kMs + 123);
  for (const std::string_view text : {"", "2023-11-14", "1700000000", "2023-13-14T22:13:20Z",
                                      "2023-11-14T25:13:20Z", "soon", "2023-11-14T22:13:20Z "}) {
    CAPTURE(text);
    CHECK_FALSE(Ms(TimestampFormat::kIso8601, text));
  }
}

}  // namespace
}  // namespace webhook::inbound
