// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/callback/operation.h"

#include <doctest/doctest.h>

#include <string>
#include <type_traits>

#include "lib/callback/outcome.h"

namespace webhook::callback {

template <typename T>
constexpr bool kIsValue = requires(T value) {
  ToValue(value);
};

TEST_CASE("values of fields") {
  CHECK(ToValue("a") == Value::Text("a"));
  CHECK(ToValue(std::string_view("a")) == Value::Text("a"));
  CHECK(ToValue(true) == Value::Bool(true));
  CHECK(ToValue(7) == Value::Integer(7));
  CHECK(ToValue(7L) == Value::Integer(7));
  CHECK(ToValue(Value::Decimal("1.10")) == Value::Decimal("1.10"));
  static_assert(!kIsValue<double>, "a double is not exact");
  static_assert(!kIsValue<float>, "a float is not exact");
  CHECK(Cleared() == Value::Bool(false));
  CHECK(model::DumpJson(RecordId(5)) == R"({"id":5})");
  CHECK(model::DumpJson(ExternalId("base.us")) == R"({"external_id":"base.us"})");
  CHECK(model::DumpJson(List({Object({{"name", ToValue("x")}, {"qty", ToValue(2)}})})) ==
        R"([{"name":"x","qty":2}])");
}

TEST_CASE("an operation step by step") {
  const Operation built = Update("sale.order")
                              .By("name", "S1")
                              .By("partner_id.ref", std::string("A"))
                              .Set("note", "old")
                              .Set("note", "new")
                              .IfNone(LookupPolicy::kDeadLetter)
                              .IfMany(LookupPolicy::kFirst)
                              .IncludeArchived();
  const model::RecordOperation& operation = built.operation();
  CHECK(operation.kind == model::OperationKind::kUpdate);
  CHECK(operation.model == "sale.order");
  REQUIRE(operation.lookup.size() == 2);
  CHECK(operation.lookup[1].field == "partner_id.ref");
  CHECK(model::DumpJson(operation.values) == R"({"note":"new"})");
  CHECK(operation.on_none == LookupPolicy::kDeadLetter);
  CHECK(operation.on_many == LookupPolicy::kFirst);
  CHECK(operation.include_archived);
  CHECK(operation.rule_id == 0);
}

TEST_CASE("outcomes") {
  static_assert(!std::is_default_constructible_v<Outcome>, "no outcome by default");
  const Outcome outcome = Outcome::Retry("later", std::chrono::minutes(2))
                              .With(Create("a").Set("x", 1))
                              .With(Upsert("b").By("y", 2));
  CHECK(outcome.kind() == OutcomeKind::kRetry);
  CHECK(outcome.retry_after() == std::chrono::seconds(120));
  CHECK(outcome.note() == "later");
  REQUIRE(outcome.operations().size() == 2);
  CHECK(outcome.operations()[1].operation().kind == model::OperationKind::kUpsert);
  Outcome done = Outcome::Done();
  done.Note("one").Note("two");
  CHECK(done.note() == "two");
}

}  // namespace webhook::callback
