// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/observe/throttle.h"

#include <doctest/doctest.h>

#include <vector>

namespace webhook::observe {
namespace {

base::SteadyTime At(int seconds) { return base::SteadyTime(std::chrono::seconds(seconds)); }

}  // namespace

TEST_CASE("a lasting trouble is said at once, then at doubling intervals up to the longest") {
  Throttle throttle(std::chrono::seconds(5), std::chrono::seconds(20));
  std::vector<int> said;
  for (int second = 100; second <= 200; ++second) {
    if (const auto occurrence = throttle.Note(At(second))) {
      said.push_back(second - 100);
      CHECK(occurrence->lasting == std::chrono::seconds(second - 100));
    }
  }
  CHECK(said == std::vector<int>{0, 5, 15, 35, 55, 75, 95});
}

TEST_CASE("what was kept quiet is counted") {
  Throttle throttle(std::chrono::seconds(5), std::chrono::seconds(5));
  CHECK(throttle.Note(At(0))->repetitions_kept == 0);
  CHECK_FALSE(throttle.Note(At(1)));
  CHECK_FALSE(throttle.Note(At(4)));
  CHECK(throttle.Note(At(5))->repetitions_kept == 2);
  CHECK_FALSE(throttle.Note(At(6)));
  CHECK(throttle.End(At(7))->repetitions_kept == 1);
}

TEST_CASE("the end is said once, with how long it took, and the next trouble at once") {
  Throttle throttle(std::chrono::seconds(5), std::chrono::seconds(20));
  CHECK_FALSE(throttle.End(At(0)));
  throttle.Note(At(10));
  CHECK(throttle.End(At(45))->lasting == std::chrono::seconds(35));
  CHECK_FALSE(throttle.End(At(46)));
  CHECK(throttle.Note(At(47))->lasting == std::chrono::seconds(0));
}

}  // namespace webhook::observe
