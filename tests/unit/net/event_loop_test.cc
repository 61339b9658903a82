// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/net/event_loop.h"

#include <doctest/doctest.h>

#include <memory>
#include <thread>
#include <vector>

namespace webhook::net {
namespace {

using base::Milliseconds;

TEST_CASE("tasks run in the order they were posted") {
  base::SystemClock clock;
  EventLoop loop(clock);
  std::vector<int> ran;
  for (int i = 0; i < 100; ++i) loop.Post([&ran, i] { ran.push_back(i); });
  loop.Stop();
  loop.Run();
  REQUIRE(ran.size() == 100);
  for (int i = 0; i < 100; ++i) CHECK(ran[static_cast<std::size_t>(i)] == i);
}

TEST_CASE("a task posted by a task runs later, not inside it") {
  base::SystemClock clock;
  EventLoop loop(clock);
  std::vector<int> ran;
  loop.Post([&] {
    loop.Post([&] {
      ran.push_back(2);
      loop.Stop();
    });
    ran.push_back(1);
  });
  loop.Run();
  CHECK(ran == std::vector<int>{1, 2});
}

TEST_CASE("timers run by their time, not before it, and equal ones in order") {
  base::SystemClock clock;
  EventLoop loop(clock);
  std::vector<int> ran;
  const base::SteadyTime start = clock.SteadyNow();
  loop.After(Milliseconds(40), [&] {
    ran.push_back(3);
    CHECK(clock.SteadyNow() - start >= Milliseconds(40));
    loop.Stop();
  });
  loop.After(Milliseconds(20), [&] { ran.push_back(1); });
  loop.After(Milliseconds(20), [&] { ran.push_back(2); });
  loop.After(Milliseconds(-5), [&] { ran.push_back(0); });
  loop.After(Milliseconds(3'600'000), [&] { ran.push_back(99); });
  loop.Run();
  CHECK(ran == std::vector<int>{0, 1, 2, 3});
}

TEST_CASE("what was posted before Stop still runs, also when a task keeps posting") {
  base::SystemClock clock;
  EventLoop loop(clock);
  int ran = 0;
  std::function<void()> again = [&] {
    ++ran;
    loop.Post(again);
  };
  loop.Post(again);
  loop.Post([&] { loop.Stop(); });
  loop.Run();
  CHECK(ran >= 1);
}

TEST_CASE("a stopped loop goes on when it is run again") {
  base::SystemClock clock;
  EventLoop loop(clock);
  int ran = 0;
  loop.Stop();
  loop.Run();
  loop.Post([&] { ++ran; });
  loop.Stop();
  loop.Run();
  CHECK(ran == 1);
}

TEST_CASE("what a task holds is let go when it has run") {
  base::SystemClock clock;
  EventLoop loop(clock);
  auto held = std::make_shared<int>(1);
  const std::weak_ptr<int> watched = held;
  bool gone = false;
  loop.Post([held = std::move(held)] {});
  loop.Post([&] { gone = watched.expired(); });
  loop.Stop();
  loop.Run();
  CHECK(gone);
}

TEST_CASE("many threads post; each one's tasks keep their order, none is lost") {
  constexpr int kThreads = 4;
  constexpr int kTasks = 5000;
  base::SystemClock clock;
  EventLoop loop(clock);
  std::vector<std::vector<int>> ran(kThreads);
  int finished = 0;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < kTasks; ++i) {
        loop.Post([&, thread, i] { ran[static_cast<std::size_t>(thread)].push_back(i); });
        if (i % 1000 == 0) loop.After(Milliseconds(1), [] {});
      }
      loop.Post([&] {
        if (++finished == kThreads) loop.Stop();
      });
    });
  }
  loop.Run();
  for (std::thread& thread : threads) thread.join();
  for (const std::vector<int>& of_thread : ran) {
    REQUIRE(of_thread.size() == kTasks);
    for (int i = 0; i < kTasks; ++i) CHECK(of_thread[static_cast<std::size_t>(i)] == i);
  }
}

}  // namespace
}  // namespace webhook::net
