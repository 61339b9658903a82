// SPDX-License-Identifier: LGPL-3.0-or-later
// No text makes a template do harm, and no value a filter.
#include "lib/rules/template.h"

#include <doctest/doctest.h>

#include "lib/rules/filters.h"
#include "lib/rules/letter_case.h"
#include "tests/property/rules_sources/random_values.h"
#include "tests/unit/rules_sources/sample.h"

namespace webhook::property {
namespace {

constexpr std::uint64_t kSeeds = 3000;

}  // namespace

TEST_CASE("any text is a template or an error, and any template renders or says why not") {
  constexpr std::string_view kPieces[] = {"{{",
                                          "}}",
                                          "{{ ",
                                          " }}",
                                          " | ",
                                          "|",
                                          "\"",
                                          "\\",
                                          "(",
                                          ")",
                                          ",",
                                          "2",
                                          " ",
                                          "text",
                                          "{{ payload.order",
                                          "{{ payload.tags",
                                          "{{ value.order.id",
                                          "{{ response.body",
                                          "{{ item",
                                          "{{ record.note",
                                          ".lines[*].qty",
                                          ".lines",
                                          "[0]",
                                          "[*]",
                                          "upper",
                                          "json",
                                          "first",
                                          "length",
                                          "number(2)",
                                          "date(\"%Y\")",
                                          "default(\"x\")",
                                          "replace(\"a\", \"b\")",
                                          "join(\",\")"};
  const rules::Sample sample;
  std::size_t rendered_count = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds * 10; ++seed) {
    CAPTURE(seed);
    base::SeededRandom random(seed);
    const std::string text = RandomMix(random, kPieces, 1 + Below(random, 14));
    CAPTURE(text);
    const auto parsed = rules::ParseTemplate(text);
    if (!parsed.ok()) {
      REQUIRE(parsed.error().starts_with("template, character "));
      continue;
    }
    const auto rendered = parsed.value().Render(sample.facts());
    if (rendered.ok()) ++rendered_count;
    if (text.find("{{") == std::string::npos) REQUIRE(rendered.value() == text);
  }
  CHECK(rendered_count > kSeeds);
}

TEST_CASE("a value written as json is itself again") {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    CAPTURE(seed);
    base::SeededRandom random(seed);
    const model::Value value = RandomValue(random);
    rules::Facts facts;
    facts.payload = &value;
    const auto json = rules::ParseTemplate("[{{ payload | json }}]").value().Render(facts);
    REQUIRE(json.ok());
    REQUIRE(model::ParseJson(json.value()).value() == model::Value::ListOf({value}));
  }
}

TEST_CASE("every filter of every value is a value or an error that names it") {
  const struct {
    const char* name;
    std::vector<model::Value> arguments;
  } filters[] = {{"default", {model::Value::Text("x")}},
                 {"upper", {}},
                 {"lower", {}},
                 {"strip", {}},
                 {"replace", {model::Value::Text("1"), model::Value::Text("22")}},
                 {"date", {model::Value::Text("%d.%m.%Y %H:%M:%S")}},
                 {"number", {model::Value::Integer(3)}},
                 {"json", {}},
                 {"length", {}},
                 {"first", {}},
                 {"last", {}},
                 {"join", {model::Value::Text(",")}}};
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    CAPTURE(seed);
    base::SeededRandom random(seed);
    const model::Value value = RandomValue(random, static_cast<int>(Below(random, 7)));
    for (const auto& [name, arguments] : filters) {
      const auto applied = Apply(rules::MakeFilter(name, arguments).value(), value);
      if (!applied.ok()) REQUIRE(applied.error().starts_with(std::string(name) + ": "));
    }
  }
}

TEST_CASE("case changes once") {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    CAPTURE(seed);
    base::SeededRandom random(seed);
    const std::string text = RandomText(random) + static_cast<char>(Below(random, 256));
    REQUIRE(rules::UpperCase(rules::UpperCase(text)) == rules::UpperCase(text));
    REQUIRE(rules::LowerCase(rules::LowerCase(text)) == rules::LowerCase(text));
  }
}

}  // namespace webhook::property
