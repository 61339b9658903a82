// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/callback_host/output_lines.h"

#include <doctest/doctest.h>

namespace webhook::callback_host {

using Lines = std::vector<std::string>;

TEST_CASE("lines, however they arrive") {
  OutputLines output;
  CHECK(output.Append("a\nb") == Lines{"a"});
  CHECK(output.Append("c").empty());
  CHECK(output.Append("\n\n\nd\n") == Lines{"bc", "d"});
  output.Append("rest");
  CHECK(output.Rest() == "rest");
  CHECK(output.Rest().empty());
}

TEST_CASE("of a long line the beginning") {
  OutputLines output;
  for (int i = 0; i < 10; ++i) output.Append(std::string(1500, 'x'));
  CHECK(output.Append("\ny\n") == Lines{std::string(kLineBytesMax, 'x'), "y"});
}

TEST_CASE("a quota says once that it is used up") {
  LineQuota quota;
  for (int i = 0; i < kLinesPerCallMax; ++i) CHECK(quota.Next() == LineQuota::Verdict::kWrite);
  CHECK(quota.Next() == LineQuota::Verdict::kSayThatMoreFollow);
  CHECK(quota.Next() == LineQuota::Verdict::kDrop);
  CHECK(quota.Next() == LineQuota::Verdict::kDrop);
  quota.Reset();
  CHECK(quota.Next() == LineQuota::Verdict::kWrite);
}

}  // namespace webhook::callback_host
