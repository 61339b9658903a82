// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/lease_book.h"

#include <doctest/doctest.h>

using webhook::delivery::LeaseBook;
using webhook::model::Lease;
namespace base = webhook::base;

namespace {

base::SteadyTime At(int ms) { return base::SteadyTime(base::Milliseconds(ms)); }

}  // namespace

TEST_CASE("a lease is its delivery and its token") {
  LeaseBook book;
  book.Add({1, "a"}, At(10));
  CHECK(book.Holds({1, "a"}));
  CHECK_FALSE(book.Holds({1, "b"}));
  CHECK_FALSE(book.Holds({2, "a"}));
  CHECK(book.Deadline({1, "a"}) == At(10));
  CHECK_FALSE(book.Deadline({1, "b"}).has_value());
  CHECK(book.size() == 1);
}

TEST_CASE("adding again moves the deadline and counts once") {
  LeaseBook book;
  book.Add({1, "a"}, At(10));
  book.Add({1, "a"}, At(20));
  CHECK(book.size() == 1);
  CHECK(book.Deadline({1, "a"}) == At(20));
}

TEST_CASE("only a lease that is held can be extended") {
  LeaseBook book;
  book.Extend({1, "a"}, At(10));
  CHECK(book.size() == 0);
  CHECK_FALSE(book.Holds({1, "a"}));
  book.Add({1, "a"}, At(10));
  book.Extend({1, "a"}, At(30));
  book.Extend({2, "a"}, At(30));
  book.Extend({1, "b"}, At(30));
  CHECK(book.Deadline({1, "a"}) == At(30));
  CHECK(book.size() == 1);
}

TEST_CASE("removing says whether the claim is over, once") {
  LeaseBook book;
  book.Add({1, "a"}, At(10));
  book.Add({2, "a"}, At(10));
  book.Add({1, "b"}, At(10));
  CHECK_FALSE(book.Remove({3, "a"}));
  CHECK_FALSE(book.Remove({1, "c"}));
  CHECK_FALSE(book.Remove({1, "a"}));
  CHECK_FALSE(book.Remove({1, "a"}));
  CHECK(book.size() == 2);
  CHECK(book.Remove({2, "a"}));
  CHECK_FALSE(book.Remove({2, "a"}));
  CHECK(book.Remove({1, "b"}));
  CHECK(book.size() == 0);
}

TEST_CASE("leases that end before a moment") {
  LeaseBook book;
  book.Add({1, "a"}, At(10));
  book.Add({2, "a"}, At(20));
  book.Add({3, "b"}, At(19));
  CHECK(book.EndingBefore(At(10)).empty());
  const auto ending = book.EndingBefore(At(20));
  REQUIRE(ending.size() == 2);
  CHECK(ending[0].job_id == 1);
  CHECK(ending[1].job_id == 3);
  CHECK(ending[1].lease_token == "b");
  CHECK(book.EndingBefore(At(21)).size() == 3);
}
