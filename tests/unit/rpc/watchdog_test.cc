// SPDX-License-Identifier: LGPL-3.0-or-later
#include "rpc/watchdog.h"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

namespace webhook::rpc {
namespace {

// Reading one end of a connected pair ends only when the watchdog shuts it down.
struct Pair {
  Pair() { REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0); }
  ~Pair() {
    for (const int end : ends) close(end);
  }
  ssize_t Read() const {
    char byte = 0;
    return recv(ends[0], &byte, 1, 0);
  }
  int ends[2] = {-1, -1};
};

TEST_CASE("the deadline ends a blocked read") {
  const base::SystemClock clock;
  const Pair pair;
  Watchdog watchdog(clock);
  const auto start = clock.SteadyNow();
  CHECK(watchdog.Begin(start + base::Milliseconds(50)) == Watchdog::Stop::kNone);
  watchdog.Watch(pair.ends[0]);
  CHECK(pair.Read() == 0);
  CHECK(watchdog.End() == Watchdog::Stop::kDeadline);
  CHECK(clock.SteadyNow() - start >= base::Milliseconds(50));
}

TEST_CASE("an exchange that ends in time is left alone, and the next one starts afresh") {
  const base::SystemClock clock;
  const Pair pair;
  Watchdog watchdog(clock);
  watchdog.Begin(clock.SteadyNow() + base::Milliseconds(60'000));
  watchdog.Watch(pair.ends[0]);
  CHECK(watchdog.End() == Watchdog::Stop::kNone);
  CHECK(send(pair.ends[1], "x", 1, MSG_NOSIGNAL) == 1);
  CHECK(pair.Read() == 1);
  watchdog.Begin(clock.SteadyNow() + base::Milliseconds(20));
  CHECK(pair.Read() == 0);  // still the watched socket
  CHECK(watchdog.End() == Watchdog::Stop::kDeadline);
}

TEST_CASE("canceling ends the exchange under way and every later one") {
  const base::SystemClock clock;
  const Pair pair;
  Watchdog watchdog(clock);
  watchdog.Begin(clock.SteadyNow() + base::Milliseconds(60'000));
  watchdog.Watch(pair.ends[0]);
  std::thread canceler([&] { watchdog.Cancel(); });
  CHECK(pair.Read() == 0);
  CHECK(watchdog.End() == Watchdog::Stop::kCanceled);
  canceler.join();
  CHECK(watchdog.Begin(clock.SteadyNow() + base::Milliseconds(60'000)) ==
        Watchdog::Stop::kCanceled);
}

TEST_CASE("a closed socket is not touched") {
  const base::SystemClock clock;
  Watchdog watchdog(clock);
  {
    const Pair pair;
    watchdog.Begin(clock.SteadyNow() + base::Milliseconds(1));
    watchdog.Watch(pair.ends[0]);
    CHECK(pair.Read() == 0);
    watchdog.End();
    watchdog.Forget();
  }
  const Pair next;  // most likely the same descriptors
  watchdog.Begin(clock.SteadyNow());
  CHECK(send(next.ends[1], "x", 1, MSG_NOSIGNAL) == 1);
  CHECK(next.Read() == 1);
  watchdog.End();
}

}  // namespace
}  // namespace webhook::rpc
