// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/retry_after.h"

#include <doctest/doctest.h>

using webhook::delivery::HttpHeaders;
using webhook::delivery::RetryAfter;
namespace base = webhook::base;
using std::chrono::seconds;

namespace {

const base::WallTime kNow = base::FromUnixMs(784111777000);  // Sun, 06 Nov 1994 08:49:37 GMT

std::optional<base::Milliseconds> Of(const std::string& value, base::WallTime now = kNow) {
  return RetryAfter({{"Retry-After", value}}, now);
}

}  // namespace

// RFC 9110, section 10.2.3.
TEST_CASE("the examples of the RFC") {
  CHECK(Of("120") == seconds(120));
  const auto date = Of("Fri, 31 Dec 1999 23:59:59 GMT", base::FromUnixMs(946684798500));
  CHECK(date == base::Milliseconds(500));
}

TEST_CASE("seconds") {
  CHECK(Of("0") == seconds(0));
  CHECK(Of("007") == seconds(7));
  CHECK(Of("86400") == seconds(86400));
  CHECK(Of("9999999999") == seconds(9999999999));
}

TEST_CASE("more seconds than fit are a very long time, not none") {
  for (const char* value : {"99999999999", "18446744073709551616",
                            "999999999999999999999999999999999999999999999999999999999999"}) {
    CAPTURE(std::string(value));
    const auto after = Of(value);
    REQUIRE(after.has_value());
    CHECK(*after >= seconds(9999999999));
  }
  CHECK(Of("00000000000000000120") == seconds(120));
}

TEST_CASE("a date is a delay from now, to the millisecond; the past and the present are none") {
  const std::string date = "Sun, 06 Nov 1994 08:49:37 GMT";
  CHECK(Of(date, kNow - base::Milliseconds(1)) == base::Milliseconds(1));
  CHECK(Of(date, kNow - seconds(3600)) == seconds(3600));
  CHECK_FALSE(Of(date, kNow).has_value());
  CHECK_FALSE(Of(date, kNow + seconds(1)).has_value());
  CHECK_FALSE(Of("Thu, 01 Jan 1970 00:00:00 GMT").has_value());
  CHECK(Of("Fri, 31 Dec 9999 23:59:59 GMT").has_value());
}

TEST_CASE("leap days and leap seconds") {
  const base::WallTime before = base::FromUnixMs(951782400000);  // 2000-02-29T00:00:00Z
  CHECK(Of("Tue, 29 Feb 2000 00:00:01 GMT", before) == seconds(1));
  CHECK_FALSE(Of("Thu, 29 Feb 2001 00:00:01 GMT", before).has_value());
  CHECK(Of("Sat, 31 Dec 2016 23:59:60 GMT", base::FromUnixMs(1483228799000)) == seconds(1));
  CHECK_FALSE(Of("Sat, 31 Dec 2016 23:59:61 GMT", base::FromUnixMs(1483228799000)).has_value());
}

TEST_CASE("every month") {
  const char* const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  base::Milliseconds last{0};
  for (const char* month : months) {
    const auto after = Of(std::string("Mon, 01 ") + month + " 2001 00:00:00 GMT");
    REQUIRE(after.has_value());
    CHECK(*after > last);
    last = *after;
  }
}

TEST_CASE("the header's name has no case") {
  for (const char* name : {"retry-after", "RETRY-AFTER", "rEtRy-AfTeR"}) {
    CHECK(RetryAfter({{name, "5"}}, kNow) == seconds(5));
  }
  CHECK_FALSE(RetryAfter({{"Retry-After-Not", "5"}}, kNow).has_value());
  CHECK_FALSE(RetryAfter({{"X-Retry-After", "5"}}, kNow).has_value());
  CHECK_FALSE(RetryAfter({}, kNow).has_value());
}

TEST_CASE("two headers say nothing, even when they agree") {
  CHECK_FALSE(RetryAfter({{"Retry-After", "5"}, {"Retry-After", "9"}}, kNow).has_value());
  CHECK_FALSE(RetryAfter({{"Retry-After", "5"}, {"retry-after", "5"}}, kNow).has_value());
  CHECK(RetryAfter({{"Date", "x"}, {"Retry-After", "5"}, {"Via", "y"}}, kNow) == seconds(5));
}

TEST_CASE("what is neither seconds nor a date says nothing") {
  for (const std::string value : {"",
                                  " ",
                                  "-1",
                                  "+5",
                                  "1.5",
                                  "5s",
                                  "5 ",
                                  " 5",
                                  "0x10",
                                  "1e3",
                                  "five",
                                  "5, 9",
                                  "5;q=1",
                                  "Sun, 06 Nov 1994 08:49:37",
                                  "Sun, 06 Nov 1994 08:49:37 UTC",
                                  "Sun, 06 Nov 1994 08:49:37 +0000",
                                  "sun, 06 nov 1994 09:49:37 gmt",
                                  "Sun, 06 Nov 1994 24:00:00 GMT",
                                  "Sun, 06 Nov 1994 09:60:00 GMT",
                                  "Sun, 00 Nov 1994 09:49:37 GMT",
                                  "Thu, 31 Nov 1994 09:49:37 GMT",
                                  "Sun, 06 Nev 1994 09:49:37 GMT",
                                  "Sun, 06 Nov 94 09:49:37 GMT   ",
                                  "Sun, 06 Nov 1994 -9:49:37 GMT",
                                  "Sun, 06 Nov 1994 -0:59:37 GMT",
                                  "Sun, 6  Nov 1994 09:49:37 GMT",
                                  "Sun,-06-Nov-1994-09-49-37-GMT",
                                  "Sun, 06-Nov-1994 09:49:37 GMT",
                                  "Sun, 06 Nov 1994T09:49:37 GMT",
                                  "Sun, 06 Nov 1994 09.49.37 GMT",
                                  "Sun, 06 Nov 1994 09:49:37 GMT ",
                                  "1994-11-06T09:49:37Z",
                                  "1994-11-06T09:49:37.000000000Z"}) {
    CAPTURE(value);
    CHECK_FALSE(Of(value).has_value());
  }
}

TEST_CASE("bytes of any kind say nothing") {
  CHECK_FALSE(Of(std::string("5\0", 2)).has_value());
  CHECK_FALSE(Of("\xFF\xFE").has_value());
  CHECK_FALSE(Of(std::string(100000, 'x')).has_value());
  std::string date = "Sun, 06 Nov 1994 09:49:37 GMT";
  for (std::size_t at = 3; at < date.size(); ++at) {  // the name of the day is not looked at
    std::string changed = date;
    changed[at] = '?';
    CAPTURE(changed);
    CHECK_FALSE(Of(changed).has_value());
  }
}

// RFC 9110, section 5.6.7: the same moment in its three forms.
TEST_CASE("the obsolete forms of a date: RFC 850 and asctime") {
  for (const std::string date : {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
                                 "Sun Nov  6 08:49:37 1994", "Sun Nov 06 08:49:37 1994"}) {
    CAPTURE(date);
    CHECK(Of(date, base::FromUnixMs(784111717000)) == seconds(60));
    CHECK_FALSE(Of(date, base::FromUnixMs(784111777000)).has_value());
  }
  CHECK(Of("Wed Nov 16 08:49:37 1994", base::FromUnixMs(784111717000)) == seconds(60 + 10 * 86400));
}

TEST_CASE("a year of two digits is at most fifty years ahead") {
  const base::WallTime in_2026 = base::FromUnixMs(1767225600000);
  CHECK(Of("Thursday, 01-Jan-76 00:00:00 GMT", in_2026).has_value());        // 2076
  CHECK_FALSE(Of("Saturday, 01-Jan-77 00:00:00 GMT", in_2026).has_value());  // 1977
  CHECK(Of("Friday, 02-Jan-26 00:00:00 GMT", in_2026) == seconds(86400));
  const base::WallTime in_1999 = base::FromUnixMs(946684799000);
  CHECK(Of("Sunday, 02-Jan-00 00:00:00 GMT", in_1999) == seconds(86401));
}

TEST_CASE("what only looks like an obsolete form says nothing") {
  for (const std::string value :
       {"Sun, 06-Nov-94 08:49:37 GMT", "sunday, 06-Nov-94 08:49:37 GMT",
        "Someday, 06-Nov-94 08:49:37 GMT", "Sunday, 06-Nov-1994 08:49:37 GMT",
        "Sunday, 6-Nov-94 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37", ", 06-Nov-94 08:49:37 GMT",
        "Sun Nov 6 08:49:37 1994", "Sun Nov  0 08:49:37 1994", "Sun Nov 31 08:49:37 1994",
        "Sun Nov  6 24:49:37 1994", "Sun Nov  6 08:49:37 94", "Sun Nov  6 08:49:37 1994 GMT"}) {
    CAPTURE(value);
    CHECK_FALSE(Of(value, base::FromUnixMs(0)).has_value());
  }
}
