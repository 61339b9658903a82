// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/status_set.h"

#include <doctest/doctest.h>

using namespace webhook::delivery;

namespace {

std::string Members(std::string_view text) {
  const auto set = ParseStatusSet(text);
  REQUIRE(set.ok());
  std::string members;
  for (int status = -1; status < 1000; ++status) {
    if (set.value().Contains(status)) members += std::to_string(status) + ' ';
  }
  return members;
}

}  // namespace

TEST_CASE("statuses and ranges of them, both ends included") {
  CHECK(Members("409") == "409 ");
  CHECK(Members("409, 422") == "409 422 ");
  CHECK(Members("422,409,409") == "409 422 ");
  CHECK(Members(" 500 - 502 ,\t300\n") == "300 500 501 502 ");
  CHECK(Members("599-599") == "599 ");
  const auto all = ParseStatusSet("300-599");
  REQUIRE(all.ok());
  CHECK_FALSE(all.value().empty());
  CHECK_FALSE(all.value().Contains(299));
  CHECK(all.value().Contains(300));
  CHECK(all.value().Contains(599));
  CHECK_FALSE(all.value().Contains(600));
}

TEST_CASE("blank is the empty set") {
  for (const std::string_view text : {"", " ", "\t\n "}) {
    const auto set = ParseStatusSet(text);
    REQUIRE(set.ok());
    CHECK(set.value().empty());
    CHECK_FALSE(set.value().Contains(500));
  }
}

TEST_CASE("anything else is an error that quotes the part") {
  for (const std::string part : {"200", "299", "600", "0409", "+409", "409.0", "4xx", "502-500",
                                 "500-", "-500", "409;422", "500-502-504",
                                 "500\xE2\x80\x93"
                                 "599"}) {
    CAPTURE(part);
    const auto set = ParseStatusSet("409, " + part);
    REQUIRE_FALSE(set.ok());
    CHECK(set.error().starts_with("\""));
    CHECK(set.error().find("300 to 599") != std::string::npos);
  }
  CHECK_FALSE(ParseStatusSet("409,").ok());
  CHECK_FALSE(ParseStatusSet(",409").ok());
  CHECK_FALSE(ParseStatusSet(std::string(2000, '4')).ok());
}
