// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/rules/decimal.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace webhook::rules;  // NOLINT: a test

namespace {

Decimal Of(const std::string& text) {
  const auto decimal = ParseDecimal(text);
  REQUIRE_MESSAGE(decimal.has_value(), text);
  return *decimal;
}

// Left of, equal to, or right of.
char Relation(const std::string& left, const std::string& right) {
  const auto order = Compare(Of(left), Of(right));
  if (order == 0) return '=';
  return order < 0 ? '<' : '>';
}

}  // namespace

TEST_CASE("numbers are compared exactly, from their text") {
  struct Row {
    std::string left;
    char relation;
    std::string right;
  };
  const std::vector<Row> rows{
      {"0.1", '<', "0.30000000000000004"},
      {"0.3", '<', "0.30000000000000004"},  // what 0.1 + 0.2 is as a double
      {"0.3", '=', "0.30"},
      {"1.10", '=', "1.1"},
      {"9223372036854775808", '>', "9223372036854775807"},
      {"9223372036854775808", '=', "9.223372036854775808e18"},
      {"9007199254740993", '>', "9007199254740992"},
      {"1e400", '>', "1e399"},
      {"1e400", '=', "10e399"},
      {"-1e400", '<', "1e-400"},
      {"1e-400", '>', "0"},
      {"1e999999999", '>', "9.99e999999998"},
      {"-1e999999999", '<', "-1e999999998"},
      {"1e-999999999", '<', "1e-999999998"},
      {"-0", '=', "0"},
      {"0e999999999999999999999999", '=', "0.000"},
      {"-0.0e5", '=', "0"},
      {"12", '<', "123"},
      {"-12", '>', "-123"},
      {"-1", '<', "1"},
      {"100", '=', "1e2"},
      {"0.001", '=', "1E-3"},
      {"00123", '=', "123"},
      {"+5", '=', "5"},
      {".5", '=', "0.5"},
      {"5.", '=', "5"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.left);
    CAPTURE(row.right);
    CHECK(Relation(row.left, row.right) == row.relation);
    const char mirrored = row.relation == '<' ? '>' : row.relation == '>' ? '<' : '=';
    CHECK(Relation(row.right, row.left) == mirrored);
    CHECK((Of(row.left) == Of(row.right)) == (row.relation == '='));
  }
}

TEST_CASE("what is no number") {
  for (const char* text : {"",
                           " 1",
                           "1 ",
                           "abc",
                           ".",
                           "-",
                           "+",
                           "e5",
                           "1e",
                           "1e+",
                           "1e5.0",
                           "--1",
                           "1,000",
                           "0x10",
                           "NaN",
                           "Infinity",
                           "1_000",
                           "1e9999999999999999",
                           "-1e-9999999999999999",
                           "1e99999999999999999999999999999"}) {
    CAPTURE(text);
    CHECK_FALSE(ParseDecimal(text).has_value());
  }
}

TEST_CASE("halves are rounded away from zero") {
  struct Row {
    std::string number;
    int places;
    std::string text;
  };
  const std::vector<Row> rows{
      {"0.5", 0, "1"},
      {"-0.5", 0, "-1"},
      {"0.49999999999999999999", 0, "0"},
      {"1.005", 2, "1.01"},
      {"2.675", 2, "2.68"},
      {"2.674999", 2, "2.67"},
      {"-2.675", 2, "-2.68"},
      {"9.995", 2, "10.00"},
      {"999.5", 0, "1000"},
      {"0.05", 1, "0.1"},
      {"0.04", 1, "0.0"},
      {"-0.04", 1, "0.0"},
      {"0.004", 1, "0.0"},
      {"12.5", 2, "12.50"},
      {"12", 3, "12.000"},
      {"0", 2, "0.00"},
      {"1e3", 0, "1000"},
      {"1e3", 2, "1000.00"},
      {"1e-999999999", 2, "0.00"},
      {"123.456", 1, "123.5"},
      {"0.0009", 3, "0.001"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.number);
    CAPTURE(row.places);
    CHECK(FixedText(Of(row.number), row.places) == row.text);
  }
  CHECK_FALSE(FixedText(Of("1e400"), 2).has_value());
  CHECK_FALSE(FixedText(Of("-1e999999999"), 0).has_value());
}

TEST_CASE("canonical text") {
  const std::vector<std::pair<std::string, std::string>> rows{
      {"1.10", "1.1"},  {"-0", "0"},       {"0.05", "0.05"},   {"-0.050", "-0.05"},
      {"100", "100"},   {"1e2", "100"},    {"1e400", "1e400"}, {"-1.25e-77", "-1.25e-77"},
      {"00123", "123"}, {"1.5e3", "1500"}, {"1e-3", "0.001"},  {"12.5e100", "1.25e101"},
  };
  for (const auto& [number, text] : rows) {
    CAPTURE(number);
    CHECK(CanonicalText(Of(number)) == text);
    CHECK(Of(text) == Of(number));
  }
}

TEST_CASE("integers") {
  CHECK(ToInteger(Of("12.0")) == 12);
  CHECK(ToInteger(Of("-12e1")) == -120);
  CHECK(ToInteger(Of("0")) == 0);
  CHECK(ToInteger(Of("9223372036854775807")) == INT64_MAX);
  CHECK(ToInteger(Of("-9223372036854775808")) == INT64_MIN);
  CHECK_FALSE(ToInteger(Of("9223372036854775808")).has_value());
  CHECK_FALSE(ToInteger(Of("-9223372036854775809")).has_value());
  CHECK_FALSE(ToInteger(Of("1e400")).has_value());
  CHECK_FALSE(ToInteger(Of("0.5")).has_value());
  CHECK(IsInteger(Of("1e400")));
  CHECK_FALSE(IsInteger(Of("1e-400")));
}
