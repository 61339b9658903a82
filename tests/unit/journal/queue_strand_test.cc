// SPDX-License-Identifier: LGPL-3.0-or-later
#include "tests/fakes/queue_strand.h"

#include <doctest/doctest.h>

#include <string>
#include <thread>
#include <vector>

using namespace webhook;
using base::Milliseconds;

TEST_CASE("tasks run when pumped, in order, with those they post") {
  fakes::FakeClock clock;
  fakes::QueueStrand strand(clock);
  std::string ran;
  strand.Post([&] {
    ran += "a";
    strand.Post([&] { ran += "c"; });
    CHECK(ran == "a");
  });
  strand.Post([&] { ran += "b"; });
  CHECK(ran == "");
  CHECK(strand.RunReady() == 3);
  CHECK(ran == "abc");
  CHECK(strand.RunReady() == 0);
}

TEST_CASE("AdvanceTo runs each task at its own time and ends where it was told") {
  fakes::FakeClock clock;
  fakes::QueueStrand strand(clock);
  const auto start = clock.SteadyNow();
  std::vector<std::int64_t> times;
  const auto note = [&] { times.push_back((clock.SteadyNow() - start).count()); };
  strand.After(Milliseconds(20), note);
  strand.After(Milliseconds(10), [&] {
    note();
    strand.After(Milliseconds(5), note);
  });
  strand.After(Milliseconds(31), note);
  strand.AdvanceTo(start + Milliseconds(30));
  CHECK(times == std::vector<std::int64_t>{10, 15, 20});
  CHECK(clock.SteadyNow() == start + Milliseconds(30));
  CHECK(strand.NextDue() == start + Milliseconds(31));
}

TEST_CASE("equal times keep the order of handing in") {
  fakes::FakeClock clock;
  fakes::QueueStrand strand(clock);
  std::string ran;
  for (char c = 'a'; c <= 'e'; ++c) strand.After(Milliseconds(7), [&ran, c] { ran += c; });
  strand.RunUntilIdle();
  CHECK(ran == "abcde");
}

TEST_CASE("RunUntilIdle moves time to the last task") {
  fakes::FakeClock clock;
  fakes::QueueStrand strand(clock);
  const auto wall = clock.Now();
  int left = 1000;
  std::function<void()> again = [&] {
    if (--left > 0) strand.After(Milliseconds(60'000), again);
  };
  strand.Post(again);
  strand.RunUntilIdle();
  CHECK(left == 0);
  CHECK(clock.Now() - wall == Milliseconds(999 * 60'000));
}

TEST_CASE("RunUntil waits for another thread's post") {
  fakes::FakeClock clock;
  fakes::QueueStrand strand(clock);
  int ran = 0;
  std::thread other([&] {
    for (int i = 0; i < 1000; ++i) strand.Post([&ran] { ++ran; });
  });
  CHECK(strand.RunUntil([&] { return ran == 1000; }));
  other.join();
  CHECK_FALSE(strand.RunUntil([] { return false; }, std::chrono::seconds(0)));
}

TEST_CASE("only the wall clock jumps") {
  fakes::FakeClock clock;
  const auto steady = clock.SteadyNow();
  const auto wall = clock.Now();
  clock.JumpWall(Milliseconds(-3'600'000));
  CHECK(clock.SteadyNow() == steady);
  CHECK(clock.Now() == wall - Milliseconds(3'600'000));
}
