// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/rules/letter_case.h"

#include "tests/unit/rules_sources/sample.h"

namespace webhook::rules {

TEST_CASE("letters have their case") {
  const struct {
    std::string lower;
    std::string upper;
  } cases[] = {
      {"abcxyz 019 _-@[`{", "ABCXYZ 019 _-@[`{"},
      {"äöüåøñçþé÷×", "ÄÖÜÅØÑÇÞÉ÷×"},
      {"ÿčłżśőűğşœ", "ŸČŁŻŚŐŰĞŞŒ"},
      {"șțơưǎ", "ȘȚƠƯǍ"},
      {"ạếữỹ", "ẠẾỮỸ"},
      {"αβγσωάέήίόύώϊϋ", "ΑΒΓΣΩΆΈΉΊΌΎΏΪΫ"},
      {"абвяёђџґӏӂ", "АБВЯЁЂЏҐӀӁ"},
      {"中文 עברית 😀", "中文 עברית 😀"},
  };
  for (const auto& one : cases) {
    CHECK(UpperCase(one.lower) == one.upper);
    CHECK(LowerCase(one.upper) == one.lower);
    CHECK(UpperCase(one.upper) == one.upper);
    CHECK(LowerCase(one.lower) == one.lower);
  }
}

TEST_CASE("letters with one way only") {
  CHECK(UpperCase("ıſς") == "ISΣ");
  CHECK(LowerCase("İẞ") == "iß");
  CHECK(UpperCase("ß") == "ß");
}

TEST_CASE("bytes that are not UTF-8 stay") {
  CHECK(UpperCase("a\xFF\xC3z\xE2\x82") == "A\xFF\xC3Z\xE2\x82");
  CHECK(LowerCase("A\xED\xA0\x80Z") == "a\xED\xA0\x80z");
}

}  // namespace webhook::rules
