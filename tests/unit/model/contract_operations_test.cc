// SPDX-License-Identifier: LGPL-3.0-or-later
// What rules and callbacks add to a settlement.
#include <doctest/doctest.h>

#include "lib/model/contract.h"
#include "tests/unit/model/answers.h"

using namespace webhook::model;
namespace base = webhook::base;
using Json = nlohmann::json;

namespace {

Settlement EventSettlement() {
  Settlement settlement;
  settlement.settlement_uid = kUid;
  settlement.kind = JobKind::kEvent;
  settlement.job_id = 42;
  settlement.lease_token = kOtherUid;
  settlement.outcome = "done";
  settlement.transition.state = DeliveryState::kDone;
  return settlement;
}

RecordOperation Upsert() {
  RecordOperation operation;
  operation.kind = OperationKind::kUpsert;
  operation.model = "res.partner";
  operation.lookup = {{"ref", Value::Text("Ä")}, {"company_id/code", Value::Integer(5)}};
  operation.values =
      Value::ObjectOf({{"name", Value::Text("Zo\xC3\xAB")}, {"credit", Value::Decimal("1.10")}});
  operation.rule_id = 7;
  operation.on_none = LookupPolicy::kDeadLetter;
  operation.on_many = LookupPolicy::kFirst;
  operation.include_archived = true;
  return operation;
}

std::string Encoded(const Settlement& settlement) {
  const std::string text = EncodeSettlement(settlement);
  CHECK(IsAscii(text));
  CHECK(SchemaErrors("settlement", text) == "");
  CHECK(SchemaErrors("settle_request", EncodeSettle(kUid, {text, text})) == "");
  return text;
}

}  // namespace

TEST_CASE("a settlement of an event says so") {
  const Json json = Json::parse(Encoded(EventSettlement()));
  CHECK(json == Json({{"settlement_uid", kUid},
                      {"kind", "event"},
                      {"id", 42},
                      {"lease_token", kOtherUid},
                      {"outcome", "done"},
                      {"state", "done"}}));
}

TEST_CASE("an event that waits is received, and nothing was delivered with it") {
  Settlement settlement = EventSettlement();
  settlement.outcome = "deferred";
  settlement.transition.state = DeliveryState::kQueued;
  settlement.transition.next_attempt_at = base::FromUnixMs(1767225720000);
  CHECK(Json::parse(Encoded(settlement)).at("state") == "received");
  settlement.kind = JobKind::kDelivery;
  CHECK(Json::parse(Encoded(settlement)).at("state") == "queued");
  settlement = EventSettlement();
  settlement.outcome = "delivered";
  CHECK(Json::parse(Encoded(settlement)).at("outcome") == "done");
}

TEST_CASE("operations keep their order, their members, and the spelling of numbers") {
  Settlement settlement = EventSettlement();
  RecordOperation create;
  create.model = "res.partner.category";
  create.values = Value::ObjectOf({{"name", Value::Text("x")}});
  settlement.operations = {Upsert(), create};
  const std::string text = Encoded(settlement);
  CHECK(text.find("\"credit\":1.10") != std::string::npos);
  CHECK(Json::parse(text).at("operations") == Json::parse(R"([
    {"operation": "upsert", "model": "res.partner", "rule_id": 7, "on_none": "dead_letter",
     "on_many": "first", "include_archived": true,
     "lookup": [{"field": "ref", "value": "\u00c4"}, {"field": "company_id/code", "value": 5}],
     "values": {"name": "Zo\u00eb", "credit": 1.10}},
    {"operation": "create", "model": "res.partner.category", "values": {"name": "x"}}])"));
}

TEST_CASE("what an operation cannot say to Odoo is left out") {
  Settlement settlement = EventSettlement();
  RecordOperation operation = Upsert();
  operation.rule_id = -7;                    // of a rule that is not saved
  operation.on_none = LookupPolicy::kFirst;  // none of nothing
  operation.values.Set("n\xFF", Value());
  settlement.operations = {operation};
  const Json json = Json::parse(Encoded(settlement)).at("operations")[0];
  CHECK_FALSE(json.contains("rule_id"));
  CHECK_FALSE(json.contains("on_none"));
}

TEST_CASE("otherwise, execution and frozen content are there when they are given") {
  Settlement settlement = EventSettlement();
  settlement.otherwise.emplace();
  settlement.otherwise->next_attempt_at = base::FromUnixMs(1767225720000);
  settlement.execution = Execution{5, "upsert_record", "{\"rule\": 5}"};
  settlement.frozen = FrozenContent{"put", "/b", {{"A", "1"}}, "{\"a\": 1.10}"};
  const Json json = Json::parse(Encoded(settlement));
  CHECK(json.at("otherwise") == Json({{"state", "error"},
                                      {"failure_reason", "record_operation"},
                                      {"next_attempt_at_ms", 1767225720000}}));
  CHECK(json.at("execution") ==
        Json({{"rule_id", 5}, {"action", "upsert_record"}, {"trace", "{\"rule\": 5}"}}));
  CHECK(json.at("frozen") == Json({{"http_method", "put"},
                                   {"target_path", "/b"},
                                   {"request_headers", {{"A", "1"}}},
                                   {"payload", "{\"a\": 1.10}"}}));
  settlement.frozen->target_path = "";
  settlement.execution = Execution{-1, "", ""};
  const Json bare = Json::parse(Encoded(settlement));
  CHECK_FALSE(bare.at("frozen").contains("target_path"));
  CHECK(bare.at("execution") == Json::object());
}

TEST_CASE("otherwise is error or dead_letter with a reason, whatever the transition says") {
  Settlement settlement = EventSettlement();
  settlement.operations = {Upsert()};
  settlement.otherwise.emplace();
  settlement.otherwise->state = DeliveryState::kDeadLetter;
  settlement.otherwise->failure_reason = FailureReason::kAttemptsExhausted;
  settlement.otherwise->failure_message = "not of this place";
  CHECK(Json::parse(Encoded(settlement)).at("otherwise") ==
        Json({{"state", "dead_letter"}, {"failure_reason", "attempts_exhausted"}}));
  settlement.otherwise->state = DeliveryState::kDone;
  CHECK(Json::parse(Encoded(settlement)).at("otherwise").at("state") == "error");
}

TEST_CASE("an execution is cut to what the schema allows") {
  Settlement settlement = EventSettlement();
  settlement.execution = Execution{1, std::string(100, 'a'), std::string(30000, '\xFF')};
  CHECK(Json::parse(Encoded(settlement)).at("execution").at("trace").get<std::string>().size() <=
        20000);
}
