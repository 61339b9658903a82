// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/rules/header_parameters.h"

#include <doctest/doctest.h>

namespace webhook::rules {
namespace {

TEST_CASE("the word") {
  CHECK(HeaderWord(" Text/Plain ; charset=utf-8") == "text/plain");
  CHECK(HeaderWord("") == "");
  CHECK(HeaderWord(";x=1") == "");
}

TEST_CASE("parameters, plain and quoted") {
  constexpr std::string_view kHeader =
      R"(form-data; name="a;b=\"c\""; filename = plain.txt ;x; y=; filename="second"; path="C:\d")";
  CHECK(HeaderParameter(kHeader, "Name") == "a;b=\"c\"");
  CHECK(HeaderParameter(kHeader, "filename") == "plain.txt");
  CHECK(HeaderParameter(kHeader, "y") == "");
  CHECK(HeaderParameter(kHeader, "path") == "C:\\d");
  CHECK_FALSE(HeaderParameter(kHeader, "x"));
  CHECK_FALSE(HeaderParameter(kHeader, "c"));
  CHECK_FALSE(HeaderParameter("form-data", "name"));
  CHECK(HeaderParameter("a; b=\"open", "b") == "open");
  CHECK(HeaderParameter("a; b=\"c\"junk; d=e", "d") == "e");
}

}  // namespace
}  // namespace webhook::rules
