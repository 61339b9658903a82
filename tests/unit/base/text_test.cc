// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/base/text.h"

#include <doctest/doctest.h>

using webhook::base::PrintableText;

TEST_CASE("valid UTF-8 stays as it is") {
  CHECK(PrintableText("Gr\xC3\xBC\xC3\x9F \xE2\x82\xAC \xF0\x9F\x98\x80\t\r\n", 100) ==
        "Gr\xC3\xBC\xC3\x9F \xE2\x82\xAC \xF0\x9F\x98\x80\t\r\n");
}

TEST_CASE("NUL and other controls are written visibly") {
  CHECK(PrintableText(std::string_view("a\0b\x1b", 4), 100) == "a\\u0000b\\u001b");
}

TEST_CASE("bytes that are not UTF-8 are written visibly") {
  CHECK(PrintableText("\xFF", 100) == "\\xff");
  CHECK(PrintableText("\xC3", 100) == "\\xc3");                             // cut short
  CHECK(PrintableText("\xC0\x80", 100) == "\\xc0\\x80");                    // overlong
  CHECK(PrintableText("\xED\xA0\x80", 100) == "\\xed\\xa0\\x80");           // surrogate
  CHECK(PrintableText("\xF4\x90\x80\x80", 100) == "\\xf4\\x90\\x80\\x80");  // beyond U+10FFFF
}

TEST_CASE("the limit never cuts a character") {
  CHECK(PrintableText("ab\xE2\x82\xAC", 4) == "ab");
  CHECK(PrintableText("ab\xE2\x82\xAC", 5) == "ab\xE2\x82\xAC");
  CHECK(PrintableText("abc", 0).empty());
}
