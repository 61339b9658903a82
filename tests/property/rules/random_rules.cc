// SPDX-License-Identifier: LGPL-3.0-or-later
#include "tests/property/rules/random_rules.h"

#include <array>
#include <string_view>
#include <utility>

namespace webhook::property {
namespace {

using model::Value;

template <std::size_t N>
std::string Pick(base::Random& random, const std::array<std::string_view, N>& from) {
  return std::string(from[random.Next() % N]);
}

bool OneIn(base::Random& random, std::uint64_t count) { return random.Next() % count == 0; }

std::string RandomText(base::Random& random) {
  constexpr std::array<std::string_view, 22> kTexts{"",
                                                    "a",
                                                    "A",
                                                    "ab",
                                                    "abc",
                                                    "true",
                                                    "false",
                                                    "null",
                                                    "0",
                                                    "1",
                                                    "1.10",
                                                    "-0",
                                                    "1e400",
                                                    "2026-11-24",
                                                    "2026-11-24T00:00:00Z",
                                                    "2026-11-23T22:00:00-02:00",
                                                    "é",
                                                    "É",
                                                    "a\nb\r\n",
                                                    "[1, \"a\"]",
                                                    "{\"a\": 1}",
                                                    "(a|b)*$"};
  return Pick(random, kTexts);
}

std::string RandomWildText(base::Random& random) {
  constexpr std::array<std::string_view, 24> kPieces{
      "{{", "}}", "payload.", "a", "[", "]", "*",  ".", "\"", "\\", "|", "upper",
      "-1", "0",  "(",        ")", "?", "é", "\n", "/", "$",  "id", " ", "event.x"};
  std::string text;
  for (std::uint64_t i = random.Next() % 12; i > 0; --i) text += Pick(random, kPieces);
  return text;
}

std::string RandomPath(base::Random& random) {
  constexpr std::array<std::string_view, 8> kPaths{"a", "b",    "a.b", "a[0]",
                                                   "$", "a[*]", "b.a", "a[-1].b"};
  return Pick(random, kPaths);
}

model::Source RandomSource(base::Random& random, bool wild) {
  model::Source source;
  source.kind = model::SourceKind::kPayloadPath;
  source.expression = RandomPath(random);
  if (OneIn(random, 6)) {
    source.kind = model::SourceKind::kHeader;
    source.expression = OneIn(random, 2) ? "X-Token" : "x-a";
  }
  if (!wild) return source;
  source.kind = static_cast<model::SourceKind>(random.Next() % 19);
  if (OneIn(random, 2)) source.expression = RandomWildText(random);
  source.literal = RandomText(random);
  source.literal_is_json = OneIn(random, 3);
  return source;
}

model::Rule RandomRule(base::Random& random, model::RowId id, bool wild) {
  model::Rule rule;
  rule.id = id;
  rule.sequence = static_cast<int>(random.Next() % 4);
  rule.name = wild ? RandomWildText(random) : "rule " + std::to_string(id);
  for (std::uint64_t i = random.Next() % 4; i > 0; --i) {
    model::Condition condition = RandomCondition(random);
    condition.source = RandomSource(random, wild);
    rule.conditions.push_back(std::move(condition));
  }
  if (!wild) return rule;
  rule.phase = static_cast<model::Phase>(random.Next() % 3);
  rule.action = static_cast<model::Action>(random.Next() % 8);
  if (OneIn(random, 2)) rule.target_model = "m";
  for (std::uint64_t i = random.Next() % 3; i > 0; --i) {
    rule.lookups.push_back({0, RandomWildText(random), RandomSource(random, true)});
    model::Assignment assignment;
    assignment.scope = static_cast<model::Scope>(random.Next() % 4);
    assignment.target = OneIn(random, 2) ? "line/a" : RandomWildText(random);
    assignment.source = RandomSource(random, true);
    rule.assignments.push_back(std::move(assignment));
  }
  return rule;
}

Value RandomList(base::Random& random, int depth_max) {
  Value::List items;
  for (std::uint64_t i = random.Next() % 4; i > 0; --i) {
    items.push_back(RandomValue(random, depth_max - 1));
    if (items.back().is_missing()) items.back() = Value::MakeNull();
  }
  return Value::ListOf(std::move(items));
}

Value RandomObject(base::Random& random, int depth_max) {
  constexpr std::array<std::string_view, 4> kKeys{"a", "b", "A", "é"};
  Value object = Value::ObjectOf({});
  for (std::uint64_t i = random.Next() % 4; i > 0; --i) {
    object.Set(Pick(random, kKeys), RandomValue(random, depth_max - 1));
  }
  return object;
}

}  // namespace

std::string RandomNumberText(base::Random& random) {
  constexpr std::array<std::string_view, 4> kSigns{"", "", "-", ""};
  const std::uint64_t whole = OneIn(random, 4) ? random.Next() : random.Next() % 12;
  std::string text = Pick(random, kSigns) + std::to_string(whole);
  if (OneIn(random, 2))
    text += "." + std::to_string(random.Next() % 12) + (OneIn(random, 2) ? "0" : "");
  constexpr std::array<std::string_view, 6> kExponents{"", "", "e1", "E-2", "e400", "e-999999999"};
  return text + Pick(random, kExponents);
}

Value RandomValue(base::Random& random, int depth_max) {
  switch (random.Next() % (depth_max > 0 ? 8 : 6)) {
    case 0:
      return Value();
    case 1:
      return Value::MakeNull();
    case 2:
      return Value::Bool(OneIn(random, 2));
    case 3:
      return Value::Decimal(RandomNumberText(random));
    case 4:
    case 5:
      return Value::Text(RandomText(random));
    case 6:
      return RandomList(random, depth_max);
    default:
      return RandomObject(random, depth_max);
  }
}

model::Condition RandomCondition(base::Random& random) {
  model::Condition condition;
  condition.source = RandomSource(random, false);
  condition.op = static_cast<model::Operator>(random.Next() % 15);
  condition.expected = OneIn(random, 3) ? RandomNumberText(random) : RandomText(random);
  condition.expected_is_json = OneIn(random, 3);
  condition.ignore_case = OneIn(random, 3);
  return condition;
}

model::Handler RandomHandler(base::Random& random, bool wild) {
  model::Handler handler;
  handler.id = 1;
  auto& fields = handler.field_metadata["m"];
  fields["line"].type = model::FieldType::kOne2many;
  fields["line"].relation = "m";
  fields["a"].required = true;
  model::RowId id = 0;
  for (std::uint64_t i = random.Next() % 8; i > 0; --i) {
    id += OneIn(random, 4) ? -5 : 3;
    handler.rules.push_back(RandomRule(random, id == 0 ? 1000 : id, wild));
  }
  return handler;
}

}  // namespace webhook::property
