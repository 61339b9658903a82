// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/rules/operators.h"

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/model/spelling.h"

using namespace webhook;         // NOLINT: a test
using namespace webhook::rules;  // NOLINT: a test
using model::Operator;
using model::Value;

namespace {

// What is found, each a column of the table below; JSON, but for the first.
const std::vector<std::string> kFound{
    "missing",
    "null",
    "true",
    "false",
    "0",
    "1.10",
    "1e400",
    "\"\"",
    "\"abc\"",
    "\"1.10\"",
    "\"2026-11-24\"",
    "\"2026-11-24T02:00:00+02:00\"",
    "\"true\"",
    "[]",
    "[\"abc\",1.1,null]",
    "{\"abc\":1}",
};

enum class Expect { kTyped, kJson, kTypedAnyCase, kJsonAnyCase };

struct Row {
  Operator op;
  Expect expect;
  std::string expected;
  std::string_view holds;  // one character a column: y, ., or ? (no, as it cannot be compared)
};

Value FoundValue(const std::string& text) {
  if (text == "missing") return Value();
  auto value = model::ParseJson(text);
  REQUIRE_MESSAGE(value.ok(), text);
  return value.value();
}

model::Condition ConditionOf(Operator op, Expect expect, const std::string& expected) {
  model::Condition condition;
  condition.op = op;
  condition.expected = expected;
  condition.expected_is_json = expect == Expect::kJson || expect == Expect::kJsonAnyCase;
  condition.ignore_case = expect == Expect::kTypedAnyCase || expect == Expect::kJsonAnyCase;
  return condition;
}

CompiledTest TestOf(Operator op, Expect expect, const std::string& expected) {
  auto test = CompiledTest::Compile(ConditionOf(op, expect, expected));
  REQUIRE_MESSAGE(test.ok(), (test.ok() ? "" : test.error()));
  return test.value();
}

std::string ErrorOf(Operator op, Expect expect, const std::string& expected) {
  auto test = CompiledTest::Compile(ConditionOf(op, expect, expected));
  return test.ok() ? "" : test.error();
}

std::optional<Operator> Negation(Operator op) {
  if (op == Operator::kEquals) return Operator::kNotEquals;
  if (op == Operator::kIsSet) return Operator::kNotSet;
  if (op == Operator::kContains) return Operator::kNotContains;
  if (op == Operator::kIn) return Operator::kNotIn;
  return std::nullopt;
}

bool Holds(Operator op, Expect expect, const std::string& expected, const std::string& found) {
  return TestOf(op, expect, expected).Test(FoundValue(found)).holds;
}

constexpr auto kTyped = Expect::kTyped;
constexpr auto kJson = Expect::kJson;
constexpr auto kAnyCase = Expect::kTypedAnyCase;
constexpr auto kJsonAnyCase = Expect::kJsonAnyCase;

const std::vector<Row> kRows{
    // The columns, as in kFound:
    //      missing, null, true, false, 0, 1.10, 1e400, "", "abc", "1.10", a date, the same instant,
    //      "true", [], ["abc",1.1,null], {"abc":1}
    {Operator::kEquals, kTyped, "", ".......y........"},
    {Operator::kEquals, kTyped, "abc", "........y......."},
    {Operator::kEquals, kTyped, "ABC", "................"},
    {Operator::kEquals, kAnyCase, "ABC", "........y......."},
    {Operator::kEquals, kTyped, "null", "................"},
    {Operator::kEquals, kTyped, "0", "....y..........."},
    {Operator::kEquals, kTyped, "-0.00", "....y..........."},
    {Operator::kEquals, kTyped, "1.10", ".....y...y......"},
    {Operator::kEquals, kTyped, "1.1", ".....y.........."},
    {Operator::kEquals, kTyped, "10e399", "......y........."},
    {Operator::kEquals, kTyped, "true", "..y.........y..."},
    {Operator::kEquals, kTyped, "True", "................"},
    {Operator::kEquals, kAnyCase, "True", "..y.........y..."},
    {Operator::kEquals, kTyped, "false", "...y............"},
    {Operator::kEquals, kTyped, "2026-11-24", "..........yy...."},
    {Operator::kEquals, kTyped, "2026-11-24T00:00:00Z", "..........yy...."},
    {Operator::kEquals, kTyped, "2026-11-24T00:00:01Z", "................"},
    {Operator::kEquals, kTyped, "[]", "................"},
    {Operator::kEquals, kJson, "null", ".y.............."},
    {Operator::kEquals, kJson, "true", "..y............."},
    {Operator::kEquals, kJson, "false", "...y............"},
    {Operator::kEquals, kJson, "0", "....y..........."},
    {Operator::kEquals, kJson, "1.1", ".....y.........."},
    {Operator::kEquals, kJson, "\"1.10\"", ".........y......"},
    {Operator::kEquals, kJson, "\"\"", ".......y........"},
    {Operator::kEquals, kJson, "\"true\"", "............y..."},
    {Operator::kEquals, kJson, "[]", ".............y.."},
    {Operator::kEquals, kJson, "[\"abc\", 1.10, null]", "..............y."},
    {Operator::kEquals, kJson, "[\"ABC\", 1.10, null]", "................"},
    {Operator::kEquals, kJsonAnyCase, "[\"ABC\", 1.10, null]", "..............y."},
    {Operator::kEquals, kJson, "{\"abc\": 1.0}", "...............y"},
    {Operator::kEquals, kJsonAnyCase, "{\"ABC\": 1.0}", "...............y"},

    {Operator::kIsSet, kTyped, "", "..yyyyy.yyyyyyyy"},

    {Operator::kContains, kTyped, "b", "????....y......."},
    {Operator::kContains, kTyped, "abc", "????....y.....yy"},
    {Operator::kContains, kTyped, "ABC", "????............"},
    {Operator::kContains, kAnyCase, "ABC", "????....y.....yy"},
    {Operator::kContains, kTyped, "1.1", "????.y...y....y."},
    {Operator::kContains, kTyped, "", "????yyyyyyyyy..."},
    {Operator::kContains, kJson, "1.1", "????.y...y....y?"},
    {Operator::kContains, kJson, "null", "?????????????.y?"},
    {Operator::kContains, kJson, "\"1.1\"", "????.y...y......"},

    {Operator::kIn, kTyped, "abc\n0\r\n\n  \n", "....y...y......."},
    {Operator::kIn, kTyped, "true\n1.1", "..y..y......y..."},
    {Operator::kIn, kAnyCase, "x\nABC", "........y......."},
    {Operator::kIn, kTyped, "x\nABC", "................"},
    {Operator::kIn, kJson, "[null, false, \"\", []]", ".y.y...y.....y.."},
    {Operator::kIn, kJson, "[1.1, \"2026-11-24\"]", ".....y....yy...."},

    {Operator::kGreater, kTyped, "1.1", "????..y??.??????"},
    {Operator::kGreater, kTyped, "1.0999", "????.yy??y??????"},
    {Operator::kGreaterOrEqual, kTyped, "1.1", "????.yy??y??????"},
    {Operator::kLess, kTyped, "1.1", "????y..??.??????"},
    {Operator::kLessOrEqual, kTyped, "1.1", "????yy.??y??????"},
    {Operator::kLess, kJson, "1e401", "????yyy??y??????"},
    {Operator::kGreater, kJson, "\"1.0\"", "????.yy??y??????"},
    {Operator::kGreater, kTyped, "2026-11-24", "??????????..????"},
    {Operator::kGreater, kTyped, "2026-11-23T23:59:59Z", "??????????yy????"},
    {Operator::kGreaterOrEqual, kTyped, "2026-11-24", "??????????yy????"},
    {Operator::kLess, kTyped, "2026-11-24T00:00:00.001Z", "??????????yy????"},
    {Operator::kLessOrEqual, kTyped, "2026-11-24", "??????????yy????"},

    {Operator::kStartsWith, kTyped, "ab", "????....y....???"},
    {Operator::kStartsWith, kAnyCase, "AB", "????....y....???"},
    {Operator::kStartsWith, kTyped, "1.1", "????.y...y...???"},
    {Operator::kStartsWith, kJson, "1", "????.yy..y...???"},
    {Operator::kEndsWith, kTyped, "bc", "????....y....???"},
    {Operator::kEndsWith, kTyped, "BC", "????.........???"},
    {Operator::kEndsWith, kAnyCase, "BC", "????....y....???"},
    {Operator::kEndsWith, kTyped, "0", "????yyy..y.y.???"},

    {Operator::kMatches, kTyped, "^[a-c]+$", "????....y....???"},
    {Operator::kMatches, kTyped, "B", "????.........???"},
    {Operator::kMatches, kAnyCase, "B", "????....y....???"},
    {Operator::kMatches, kTyped, R"(^\d{4}-\d\d-\d\d)", "????......yy.???"},
    {Operator::kMatches, kTyped, "", "????yyyyyyyyy???"},
};

}  // namespace

TEST_CASE("every operator on every type, and its negation") {
  for (const Row& row : kRows) {
    REQUIRE(row.holds.size() == kFound.size());
    const CompiledTest test = TestOf(row.op, row.expect, row.expected);
    for (std::size_t i = 0; i < kFound.size(); ++i) {
      const Value found = FoundValue(kFound[i]);
      const Verdict verdict = test.Test(found);
      INFO(model::Spelling(row.op), " ", row.expected, " on ", kFound[i], " ", verdict.reason);
      CHECK(verdict.holds == (row.holds[i] == 'y'));
      CHECK(!verdict.reason.empty() == (row.holds[i] == '?'));
      if (const auto negation = Negation(row.op)) {
        const Verdict negated = TestOf(*negation, row.expect, row.expected).Test(found);
        CHECK(negated.holds == (row.holds[i] != 'y'));
      }
    }
  }
}

TEST_CASE("every operator is in the table") {
  for (const Operator op :
       {Operator::kEquals, Operator::kIsSet, Operator::kContains, Operator::kIn, Operator::kGreater,
        Operator::kGreaterOrEqual, Operator::kLess, Operator::kLessOrEqual, Operator::kStartsWith,
        Operator::kEndsWith, Operator::kMatches}) {
    bool is_there = false;
    for (const Row& row : kRows) is_there = is_there || row.op == op;
    CHECK(is_there);
  }
}

TEST_CASE("numbers never become doubles") {
  CHECK_FALSE(Holds(Operator::kEquals, kTyped, "0.3", "0.30000000000000004"));
  CHECK(Holds(Operator::kEquals, kTyped, "9223372036854775808", "9223372036854775808"));
  CHECK_FALSE(Holds(Operator::kEquals, kTyped, "9223372036854775808", "9223372036854775807"));
  CHECK_FALSE(Holds(Operator::kEquals, kTyped, "9007199254740993", "9007199254740992"));
  CHECK(Holds(Operator::kGreater, kTyped, "9007199254740992", "9007199254740993"));
  CHECK_FALSE(Holds(Operator::kEquals, kTyped, "1e400", "1e401"));
  CHECK(Holds(Operator::kLess, kTyped, "1e999999999", "1e999999998"));
  CHECK(Holds(Operator::kEquals, kTyped, "1e5", "100000"));
  CHECK_FALSE(Holds(Operator::kEquals, kTyped, "1e5", "\"100000\""));
  CHECK_FALSE(Holds(Operator::kEquals, kTyped, "123", "\"00123\""));
}

TEST_CASE("a number beyond all exponents equals what is written the same, and has no order") {
  CHECK(Holds(Operator::kEquals, kTyped, "1e9999999999999999", "1e9999999999999999"));
  CHECK(Holds(Operator::kEquals, kJson, "[1e9999999999999999]", "[1e9999999999999999]"));
  CHECK_FALSE(Holds(Operator::kEquals, kTyped, "1e9999999999999998", "1e9999999999999999"));
  const CompiledTest test = TestOf(Operator::kGreater, kTyped, "5");
  CHECK(test.Test(FoundValue("1e9999999999999999")).reason ==
        "a number is expected, and what was found is none");
}

TEST_CASE("letters of any case, beyond ASCII too") {
  CHECK(Holds(Operator::kEquals, kAnyCase, "ÄRGER", "\"ärger\""));
  CHECK(Holds(Operator::kContains, kAnyCase, "STRASSE Ö", "\"Alte Strasse ö 5\""));
  CHECK(Holds(Operator::kStartsWith, kAnyCase, "é", "\"École\""));
  CHECK(Holds(Operator::kMatches, kAnyCase, "^école$", "\"ÉCOLE\""));
  CHECK_FALSE(Holds(Operator::kEquals, kTyped, "ÄRGER", "\"ärger\""));
}

TEST_CASE("why nothing could be compared is said") {
  const auto reason = [](Operator op, const std::string& expected, const std::string& found) {
    return std::string(TestOf(op, kTyped, expected).Test(FoundValue(found)).reason);
  };
  CHECK(reason(Operator::kGreater, "5", "missing") == "nothing was found");
  CHECK(reason(Operator::kGreater, "5", "\"abc\"") ==
        "a number is expected, and what was found is none");
  CHECK(reason(Operator::kGreater, "2026-11-24", "5") ==
        "a date is expected, and what was found is none");
  CHECK(reason(Operator::kGreater, "5", "true") == "what was found is no number and no date");
  CHECK(reason(Operator::kStartsWith, "5", "null") == "what was found is no text");
  CHECK(reason(Operator::kContains, "5", "true") == "what was found is no text, list or object");
}

TEST_CASE("an expected value that does not fit is an error that says what does") {
  CHECK(ErrorOf(Operator::kMatches, kTyped, "a(b") ==
        "the pattern \"a(b\" is no RE2 pattern (missing ): a(b); look-around and back references "
        "do not exist there");
  CHECK(
      ErrorOf(Operator::kMatches, kTyped, "(?=a)").starts_with("the pattern \"(?=a)\" is no RE2"));
  CHECK(ErrorOf(Operator::kMatches, kTyped, "((((a{1000}){1000}){1000}){1000})")
            .starts_with("the pattern"));
  CHECK(ErrorOf(Operator::kMatches, kJson, "5") ==
        "the pattern is no text; take the JSON switch off");
  CHECK(ErrorOf(Operator::kGreater, kTyped, "soon") ==
        "the expected value \"soon\" has no order; write a number like 12.50, or a date like "
        "2026-11-24 or 2026-11-24T10:00:00Z");
  CHECK(
      ErrorOf(Operator::kLess, kJson, "true").starts_with("the expected value true has no order"));
  CHECK(ErrorOf(Operator::kStartsWith, kJson, "[1]") ==
        "the expected value [1] is no text; write a text");
  CHECK(ErrorOf(Operator::kIn, kTyped, " \n\r\n") == "no value is expected; write one a line");
  CHECK(ErrorOf(Operator::kNotIn, kJson, "[]") == "no value is expected; the JSON list is empty");
  CHECK(ErrorOf(Operator::kIn, kJson, "5").starts_with("the expected value is no JSON list"));
  CHECK(ErrorOf(Operator::kEquals, kJson, "{").starts_with("the expected value: "));
  CHECK(TestOf(Operator::kContains, kTyped, "").warning() ==
        "the expected value is empty, and every text contains that; write a text");
}

TEST_CASE("a pattern and a part are looked for in linear time") {
  const std::string many_a = "\"" + std::string(1'000'000, 'a') + "\"";
  CHECK_FALSE(Holds(Operator::kMatches, kTyped, "(a*)*b$", many_a));
  CHECK_FALSE(Holds(Operator::kContains, kTyped, std::string(5000, 'a') + "b", many_a));
}
