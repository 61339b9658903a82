// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/inbound/source_limits.h"

#include <doctest/doctest.h>

#include <string>

#include "lib/base/random.h"

using namespace webhook::inbound;
using std::chrono::seconds;
using webhook::base::Milliseconds;
using webhook::base::SteadyTime;

namespace {

const SteadyTime kStart(Milliseconds(5'000'000));

int Admitted(SourceLimits& limits, const std::string& address, SteadyTime now, int tries) {
  int admitted = 0;
  for (int i = 0; i < tries; ++i) {
    if (!limits.Admit(address, now)) ++admitted;
  }
  return admitted;
}

}  // namespace

TEST_CASE("a source is an IPv4 address or an IPv6 network of 64 bits") {
  CHECK(SourceKey("192.0.2.1") != SourceKey("192.0.2.2"));
  CHECK(SourceKey("::ffff:192.0.2.1") == SourceKey("192.0.2.1"));
  CHECK(SourceKey("2001:db8:1:2::1") == SourceKey("2001:db8:1:2:ffff::"));
  CHECK(SourceKey("2001:db8:1:2::1") != SourceKey("2001:db8:1:3::1"));
  CHECK(SourceKey("") != SourceKey("unix"));
  CHECK(SourceKey(std::string(1000, 'x')).size() < 100);
}

TEST_CASE("twice the rate at once, then the rate") {
  SourceLimits limits({.requests_per_second_max = 10, .failures_per_minute_max = 0});
  CHECK(Admitted(limits, "192.0.2.1", kStart, 50) == 20);
  CHECK(limits.Admit("192.0.2.1", kStart) == seconds(1));
  CHECK(Admitted(limits, "192.0.2.2", kStart, 50) == 20);
  CHECK(Admitted(limits, "192.0.2.1", kStart + seconds(1), 50) == 10);
  CHECK(Admitted(limits, "192.0.2.1", kStart + seconds(60), 50) == 20);
  CHECK(Admitted(limits, "192.0.2.1", kStart + seconds(59), 50) == 0);  // read before the lock
}

TEST_CASE("a source whose requests are rejected has to wait") {
  SourceLimits limits({.requests_per_second_max = 0, .failures_per_minute_max = 6});
  CHECK(Admitted(limits, "192.0.2.1", kStart, 100) == 100);
  for (int i = 0; i < 7; ++i) limits.NoteFailure("192.0.2.1", kStart);
  CHECK(limits.Admit("192.0.2.1", kStart) == seconds(10));
  CHECK_FALSE(limits.Admit("192.0.2.2", kStart));
  CHECK(limits.Admit("192.0.2.1", kStart + seconds(9)).has_value());
  CHECK_FALSE(limits.Admit("192.0.2.1", kStart + seconds(10)));
  limits.NoteFailure("192.0.2.1", kStart + seconds(10));
  CHECK(limits.Admit("192.0.2.1", kStart + seconds(10)).has_value());
}

TEST_CASE("without limits nothing is remembered") {
  SourceLimits limits({.requests_per_second_max = 0, .failures_per_minute_max = 0});
  CHECK(Admitted(limits, "192.0.2.1", kStart, 1000) == 1000);
  limits.NoteFailure("192.0.2.1", kStart);
  CHECK(limits.size() == 0);
}

TEST_CASE("the table is bounded, and takes any text") {
  SourceLimits limits({.requests_per_second_max = 1, .sources_max = 160});
  webhook::base::SeededRandom random(20260104);
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    for (std::uint64_t length = random.Next() % 40; length > 0; --length) {
      text += static_cast<char>(random.Next() % 256);
    }
    limits.Admit(text, kStart + Milliseconds(i));
  }
  CHECK(limits.size() <= 160);
  CHECK(limits.size() >= 100);
}
