// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/rules/form_body.h"

#include <doctest/doctest.h>

namespace webhook::rules {
namespace {

TEST_CASE("names and values are decoded, in their order") {
  const FormPairs expected = {{"a", "1 2"}, {"b c", "é&="}, {"a", ""}, {"", "x"}, {"d", ""}};
  CHECK(ParseForm("a=1+2&b%20c=%C3%a9%26=&&a=&=x&d", 10) == expected);
  CHECK(ParseForm("", 10) == FormPairs{});
  CHECK(ParseForm("&&&", 10) == FormPairs{});
}

TEST_CASE("an escape that is none stays") {
  CHECK(FormDecoded("%") == "%");
  CHECK(FormDecoded("%4") == "%4");
  CHECK(FormDecoded("%zz%41%") == "%zzA%");
  CHECK(FormDecoded("%%41") == "%A");
  CHECK(FormDecoded("%00") == std::string(1, '\0'));
  CHECK(FormDecoded("%FF") == "\xFF");
}

TEST_CASE("more pairs than allowed are none") {
  CHECK(ParseForm("a&b&", 2)->size() == 2);
  CHECK_FALSE(ParseForm("a&b&c", 2));
}

}  // namespace
}  // namespace webhook::rules
