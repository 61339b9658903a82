// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/model/spelling.h"

#include <doctest/doctest.h>

#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <vector>

using namespace webhook::model;

namespace {

const std::map<FailureReason, std::string> kReasons = {
    {FailureReason::kHttpStatus, "http_status"},
    {FailureReason::kTimeout, "timeout"},
    {FailureReason::kConnect, "connect"},
    {FailureReason::kTls, "tls"},
    {FailureReason::kConnectionLost, "connection_lost"},
    {FailureReason::kResponseInvalid, "response_invalid"},
    {FailureReason::kAddressRefused, "address_refused"},
    {FailureReason::kAuth, "auth"},
    {FailureReason::kRequestInvalid, "request_invalid"},
    {FailureReason::kEndpointGone, "endpoint_gone"},
    {FailureReason::kAttemptsExhausted, "attempts_exhausted"},
    {FailureReason::kExpired, "expired"},
    {FailureReason::kInterrupted, "interrupted"},
    {FailureReason::kSettlementRefused, "settlement_refused"},
    {FailureReason::kRule, "rule"},
    {FailureReason::kRuleInvalid, "rule_invalid"},
    {FailureReason::kRecordOperation, "record_operation"},
    {FailureReason::kCallback, "callback"},
};

const std::vector<Outcome> kOutcomes = {Delivered{},
                                        Retry{FailureReason::kTimeout, "", {}, {}},
                                        DeadLetter{FailureReason::kTls, ""},
                                        Canceled{""},
                                        Deferred{{}, ""},
                                        Interrupted{""}};

// The text of one section of schema/README.md.
std::string Section(const std::string& title) {
  std::ifstream file(WEBHOOK_SCHEMA_DIR "/README.md");
  REQUIRE(file.is_open());
  std::stringstream text;
  text << file.rdbuf();
  const std::string all = text.str();
  const auto start = all.find("## " + title);
  REQUIRE(start != std::string::npos);
  return all.substr(start, all.find("\n## ", start) - start);
}

// The first cell of each row of the section's table, without its backquotes.
std::set<std::string> FirstCells(const std::string& title) {
  std::set<std::string> cells;
  std::istringstream lines(Section(title));
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("| `failure_reason`", 0) == 0) continue;  // the heading
    if (line.rfind("| `", 0) == 0) cells.insert(line.substr(3, line.find('`', 3) - 3));
  }
  return cells;
}

}  // namespace

TEST_CASE("delivery states are stored as schema/README.md spells them") {
  CHECK(Spelling(DeliveryState::kQueued) == "queued");
  CHECK(Spelling(DeliveryState::kDone) == "done");
  CHECK(Spelling(DeliveryState::kError) == "error");
  CHECK(Spelling(DeliveryState::kDeadLetter) == "dead_letter");
  CHECK(Spelling(DeliveryState::kCanceled) == "canceled");
}

TEST_CASE("every state stands in the diagram of deliveries") {
  const std::string diagram = Section("Delivery");
  for (const auto state : {DeliveryState::kQueued, DeliveryState::kDone, DeliveryState::kError,
                           DeliveryState::kDeadLetter, DeliveryState::kCanceled}) {
    CAPTURE(Spelling(state));
    CHECK(diagram.find(" " + std::string(Spelling(state))) != std::string::npos);
  }
}

TEST_CASE("failure reasons are pinned") {
  for (const auto& [reason, spelling] : kReasons) CHECK(Spelling(reason) == spelling);
}

TEST_CASE("the worker's failure reasons are those of the table, but for the ones Odoo sets") {
  std::set<std::string> expected = FirstCells("Failure reasons");
  REQUIRE(expected.size() == 21);
  for (const char* of_odoo : {"payload_invalid", "poison", "operator"}) {
    CHECK(expected.erase(of_odoo) == 1);
  }
  std::set<std::string> ours;
  for (const auto& [reason, spelling] : kReasons) ours.emplace(Spelling(reason));
  CHECK(ours == expected);
}

TEST_CASE("spellings of rules, operations and leases are pinned") {
  const auto all = [](auto last) {
    std::string spellings;
    for (int i = 0; i <= static_cast<int>(last); ++i) {
      spellings += std::string(Spelling(static_cast<decltype(last)>(i))) + " ";
    }
    return spellings;
  };
  CHECK(all(SourceKind::kTemplate) ==
        "payload_path header query_parameter resolved_value semantic_field event_field "
        "delivery_field endpoint_field company_field partner_field record_field context_key "
        "request_field response_status response_header response_body item_path literal template ");
  CHECK(all(Operator::kMatches) ==
        "equals not_equals is_set not_set contains not_contains in not_in gt gte lt lte "
        "starts_with ends_with matches ");
  CHECK(all(Scope::kPayload) == "field request header payload ");
  CHECK(all(Phase::kResponse) == "event before_send response ");
  CHECK(all(Action::kCancel) ==
        "done dead_letter retry create_record update_record upsert_record send cancel ");
  CHECK(all(LookupPolicy::kDeadLetter) == "error first dead_letter ");
  CHECK(all(FieldType::kOther) ==
        "boolean integer float monetary char text html date datetime selection many2one many2many "
        "one2many binary properties reference other ");
  CHECK(all(OperationKind::kUpsert) == "create update upsert ");
  CHECK(all(JobKind::kEvent) == "delivery event ");
}

TEST_CASE("outcomes are those of the table, in its order") {
  std::set<std::string> ours;
  std::string in_order;
  for (const Outcome& outcome : kOutcomes) {
    ours.emplace(Spelling(outcome));
    in_order += std::string(Spelling(outcome)) + " ";
  }
  CHECK(in_order == "delivered retry dead_letter canceled deferred interrupted ");
  CHECK(ours == FirstCells("Outcome of an attempt"));
  CHECK(std::variant_size_v<Outcome> == kOutcomes.size());
}

TEST_CASE("the sources of identity keys are spelled as they are stored") {
  CHECK(Spelling(DeliveryIdentity::kDeliveryId) == "delivery_id");
  CHECK(Spelling(DeliveryIdentity::kIdempotencyKey) == "idempotency_key");
  CHECK(Spelling(DeliveryIdentity::kBodySha256) == "body_sha256");
  CHECK(Spelling(ReplayIdentity::kNone) == "none");
  CHECK(Spelling(ReplayIdentity::kEventId) == "event_id");
  CHECK(Spelling(ReplayIdentity::kIdempotencyKey) == "idempotency_key");
}
