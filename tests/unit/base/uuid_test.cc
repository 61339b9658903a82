// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/base/uuid.h"

#include <doctest/doctest.h>

using namespace webhook::base;

TEST_CASE(
    "a version 7 UUID starts with the Unix milliseconds and has version and variant in place") {
  SeededRandom random(1);
  const std::string uuid = MakeUuid7(FromUnixMs(0x017F22E279B0), random);  // RFC 9562, appendix A.6
  CHECK(uuid.substr(0, 15) == "017f22e2-79b0-7");
  CHECK((uuid[19] == '8' || uuid[19] == '9' || uuid[19] == 'a' || uuid[19] == 'b'));
  CHECK(IsUuid(uuid));
}

TEST_CASE("later UUIDs sort later, equal milliseconds still differ") {
  SeededRandom random(2);
  CHECK(MakeUuid7(FromUnixMs(1000), random) < MakeUuid7(FromUnixMs(1001), random));
  CHECK(MakeUuid7(FromUnixMs(1000), random) != MakeUuid7(FromUnixMs(1000), random));
}

TEST_CASE("only the canonical spelling is a UUID") {
  CHECK(IsUuid("017f22e2-79b0-7cc3-98c4-dc0c0c07398f"));
  CHECK_FALSE(IsUuid("017F22E2-79B0-7CC3-98C4-DC0C0C07398F"));
  CHECK_FALSE(IsUuid("017f22e279b07cc398c4dc0c0c07398f"));
  CHECK_FALSE(IsUuid("017f22e2-79b0-7cc3-98c4-dc0c0c07398g"));
  CHECK_FALSE(IsUuid(""));
}
