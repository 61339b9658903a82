// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/base/suggestion.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace webhook::base {

TEST_CASE("edit distance") {
  CHECK(EditDistance("", "") == 0);
  CHECK(EditDistance("", "abc") == 3);
  CHECK(EditDistance("abc", "") == 3);
  CHECK(EditDistance("url", "ulr") == 1);  // a swap is one edit
  CHECK(EditDistance("kitten", "sitting") == 3);
  CHECK(EditDistance("ca", "abc") == 3);  // no edit inside a swapped pair
  CHECK(EditDistance("abcd", "badc") == 2);
}

TEST_CASE("only a near word is suggested, the nearest one") {
  const std::vector<std::string_view> known = {"lease_seconds", "threads", "url"};
  CHECK(Nearest("lease_second", known) == "lease_seconds");
  CHECK(Nearest("leaseseconds", known) == "lease_seconds");
  CHECK(Nearest("thread", known) == "threads");
  CHECK(Nearest("ulr", known) == "url");
  CHECK(Nearest("xyz", known).empty());
  CHECK(Nearest("", known).empty());
  CHECK(Nearest(std::string(100'000, 'a'), known).empty());
}

TEST_CASE("without a near word all known ones are named") {
  const std::vector<std::string_view> known = {"url", "database"};
  CHECK(Suggest("databse", known) == "did you mean \"database\"?");
  CHECK(Suggest("nothing", known) == "known are: url, database");
}

}  // namespace webhook::base
