// SPDX-License-Identifier: LGPL-3.0-or-later
// Plans of random rules over random payloads: never a crash, the same twice, and what was planned
// passes as a callback's operation unchanged.
#include <doctest/doctest.h>

#include "lib/rules/coerce_operation.h"
#include "lib/rules/describe.h"
#include "lib/rules/plan.h"
#include "lib/rules/request_changes.h"
#include "tests/property/rules_plan/random_values.h"

using namespace webhook;
using model::FieldType;
using model::Value;

namespace {

constexpr std::uint64_t kRuns = 60'000;

model::FieldMetadata Metadata() {
  const auto field = [](FieldType type) {
    model::FieldMeta meta;
    meta.type = type;
    meta.relation = "res.partner";
    return meta;
  };
  model::FieldMetadata metadata;
  metadata["res.partner"] = {
      {"name", field(FieldType::kChar)},      {"color", field(FieldType::kInteger)},
      {"date", field(FieldType::kDate)},      {"parent", field(FieldType::kMany2one)},
      {"tags", field(FieldType::kMany2many)}, {"lines", field(FieldType::kOne2many)}};
  return metadata;
}

const std::vector<std::string> kTargets = {"name",
                                           "color",
                                           "date",
                                           "parent",
                                           "parent/id",
                                           "parent/.id",
                                           "parent/name",
                                           "parent/color",
                                           "tags",
                                           "tags/name",
                                           "tags/.id",
                                           "lines",
                                           "lines/name",
                                           "lines/parent/name",
                                           "lines/tags",
                                           "lines/.id",
                                           "lines/lines/name",
                                           "unknown",
                                           "name/x",
                                           "",
                                           "/",
                                           "a//b"};

rules::CompiledSource RandomSource(base::Random& random) {
  const bool of_item = random.Next() % 3 == 0;
  static const std::vector<std::string> kPaths = {"$", "a", "b", "c[0]", "id", "items"};
  model::Source source{of_item ? model::SourceKind::kItemPath : model::SourceKind::kPayloadPath,
                       kPaths[random.Next() % kPaths.size()],
                       {},
                       false};
  auto compiled = rules::CompileSource(source);
  REQUIRE(compiled.ok());
  return std::move(compiled).value();
}

rules::CompiledRule RandomRule(base::Random& random, model::Scope scope) {
  using model::Action;
  static const std::vector<Action> kActions = {Action::kCreateRecord, Action::kUpdateRecord,
                                               Action::kUpsertRecord};
  rules::CompiledRule rule;
  rule.rule.name = "R";
  rule.rule.target_model = "res.partner";
  rule.rule.action = kActions[random.Next() % 4 % 3];
  for (std::size_t i = random.Next() % 3; i > 0; --i) {
    rule.rule.lookups.push_back({0, random.Next() % 2 == 0 ? "name" : "parent", {}});
    rule.lookup_sources.push_back(RandomSource(random));
  }
  for (std::size_t i = 1 + random.Next() % 2; i > 0; --i) {
    rule.rule.assignments.push_back(
        {0,
         scope,
         kTargets[random.Next() % kTargets.size()],
         {},
         random.Next() % 2 == 0 ? model::ListMode::kAdd : model::ListMode::kReplace});
    rule.assignment_sources.push_back(RandomSource(random));
  }
  return rule;
}

// What rules read: a, b, c, …
Value RandomPayload(base::Random& random) {
  Value payload = Value::ObjectOf({});
  for (const char* key : {"a", "b", "c"}) {
    Value value = property::RandomValue(random);
    if (!value.is_missing()) payload.Set(key, std::move(value));
  }
  return payload;
}

}  // namespace

TEST_CASE("plans are total and stable") {
  const model::FieldMetadata metadata = Metadata();
  int planned_count = 0;
  for (std::uint64_t seed = 1; seed <= kRuns; ++seed) {
    base::SeededRandom random(seed);
    const rules::CompiledRule rule = RandomRule(random, model::Scope::kField);
    const Value payload = RandomPayload(random);
    rules::Facts facts;
    facts.payload = &payload;
    const auto planned = rules::Plan(rule, facts, metadata);
    const auto again = rules::Plan(rule, facts, metadata);
    REQUIRE_MESSAGE(planned.ok() == again.ok(), "seed ", seed);
    if (!planned.ok()) {
      REQUIRE_MESSAGE(rules::PlanErrorText(planned.error()) == rules::PlanErrorText(again.error()),
                      "seed ", seed);
      continue;
    }
    ++planned_count;
    const std::string shown = rules::Describe(planned.value());
    REQUIRE_MESSAGE(planned.value().values == again.value().values, "seed ", seed);
    const auto coerced = rules::CoerceOperation(planned.value(), metadata, {"res.partner"});
    REQUIRE_MESSAGE(coerced.ok(), "seed ", seed, ": ", shown,
                    coerced.ok() ? "" : rules::PlanErrorText(coerced.error()));
    REQUIRE_MESSAGE(coerced.value().values == planned.value().values, "seed ", seed, ": ", shown);
  }
  CHECK(planned_count > 1000);
}

TEST_CASE("changes of requests are total, and say truly whether something changed") {
  int changed_count = 0;
  for (std::uint64_t seed = 1; seed <= kRuns; ++seed) {
    base::SeededRandom random(seed);
    const model::Scope scope =
        random.Next() % 2 == 0 ? model::Scope::kPayload : model::Scope::kHeader;
    const rules::CompiledRule rule = RandomRule(random, scope);
    const Value payload = RandomPayload(random);
    rules::Facts facts;
    facts.payload = &payload;
    const rules::RequestDraft before{
        "post", "/", {{"name", "5"}}, R"({ "name": "x", "tags": [] })"};
    rules::RequestDraft draft = before;
    const auto changed = rules::ApplyAssignments(rule, facts, draft);
    const bool differs = draft.headers != before.headers || draft.payload != before.payload;
    REQUIRE_MESSAGE(differs == (changed.ok() && changed.value()), "seed ", seed);
    changed_count += differs ? 1 : 0;
  }
  CHECK(changed_count > 1000);
}
