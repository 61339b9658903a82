// SPDX-License-Identifier: LGPL-3.0-or-later
#include <doctest/doctest.h>

#include "lib/base/random.h"
#include "lib/model/contract.h"
#include "lib/model/spelling.h"
#include "tests/unit/model/answers.h"

using namespace webhook::model;
namespace base = webhook::base;
using Json = nlohmann::json;
using base::FromUnixMs;
using base::Milliseconds;

namespace {

Attempt FullAttempt() {
  Attempt attempt;
  attempt.attempt_uid = kOtherUid;
  attempt.started_at = FromUnixMs(1767225600000);
  attempt.duration = Milliseconds(250);
  attempt.http_method = "post";
  attempt.target_url = "https://example.com/hooks";
  attempt.request_headers = {{"webhook-id", kUid}};
  attempt.request_body = "{}";
  attempt.response_status_code = 503;
  attempt.response_headers = {{"Retry-After", "120"}};
  attempt.response_body = "busy";
  return attempt;
}

Settlement FullSettlement() {
  Settlement settlement;
  settlement.settlement_uid = kUid;
  settlement.job_id = 42;
  settlement.lease_token = kOtherUid;
  settlement.outcome = "retry";
  settlement.transition.state = DeliveryState::kError;
  settlement.transition.next_attempt_at = FromUnixMs(1767225720000);
  settlement.transition.failure_reason = FailureReason::kHttpStatus;
  settlement.transition.failure_message = "the receiver answered HTTP 503";
  settlement.transition.note = "a note";
  settlement.attempt = FullAttempt();
  return settlement;
}

Settlement BareSettlement() {
  Settlement settlement;
  settlement.settlement_uid = kUid;
  settlement.job_id = 1;
  settlement.lease_token = kOtherUid;
  settlement.outcome = "delivered";
  settlement.transition.state = DeliveryState::kDone;
  return settlement;
}

Json Good() {
  return Answer({{"results",
                  {{{"settlement_uid", kUid}, {"status", "applied"}},
                   {{"settlement_uid", kOtherUid},
                    {"status", "failed"},
                    {"category", "data"},
                    {"message", "no"}}}}});
}

void CheckFits(const Settlement& settlement) {
  const std::string text = EncodeSettlement(settlement);
  CHECK(IsAscii(text));
  CHECK(SchemaErrors("settlement", text) == "");
}

// Texts that a receiver or the network can bring about.
std::string RandomBytes(base::Random& random, std::size_t length) {
  std::string bytes;
  while (bytes.size() < length) bytes += static_cast<char>(random.Next() & 0xFF);
  return bytes;
}

}  // namespace

TEST_CASE("a settlement has what it says and leaves out what it has not") {
  const std::string full = EncodeSettlement(FullSettlement());
  CHECK(SchemaErrors("settlement", full) == "");
  CHECK(Json::parse(full) == Json::parse(R"({
          "settlement_uid": "01890a5d-ac96-774b-bcce-b302099a8057", "kind": "delivery", "id": 42,
          "lease_token": "01890a5d-ac96-774b-bcce-b302099a8058", "outcome": "retry",
          "state": "error", "next_attempt_at_ms": 1767225720000, "failure_reason": "http_status",
          "failure_message": "the receiver answered HTTP 503", "note": "a note",
          "attempt": {
            "attempt_uid": "01890a5d-ac96-774b-bcce-b302099a8058",
            "started_at_ms": 1767225600000, "duration_ms": 250, "http_method": "post",
            "target_url": "https://example.com/hooks", "maybe_delivered": false,
            "request_headers": {"webhook-id": "01890a5d-ac96-774b-bcce-b302099a8057"},
            "request_body": "{}", "response_status_code": 503,
            "response_headers": {"Retry-After": "120"}, "response_body": "busy"}})"));

  const std::string bare = EncodeSettlement(BareSettlement());
  CHECK(SchemaErrors("settlement", bare) == "");
  CHECK(Json::parse(bare).size() == 6);
}

TEST_CASE("an attempt without a reply says why, and whether it may have been delivered") {
  Settlement settlement = FullSettlement();
  Attempt& attempt = *settlement.attempt;
  attempt.response_status_code.reset();
  attempt.response_headers.clear();
  attempt.response_body.reset();
  attempt.error_kind = "timeout";
  attempt.error_message = "no answer within 30 s";
  attempt.maybe_delivered = true;
  CheckFits(settlement);
  const Json json = Json::parse(EncodeSettlement(settlement)).at("attempt");
  CHECK(json.at("error_kind") == "timeout");
  CHECK(json.at("error_message") == "no answer within 30 s");
  CHECK(json.at("maybe_delivered") == true);
  CHECK_FALSE(json.contains("response_status_code"));
  CHECK_FALSE(json.contains("response_body"));
}

TEST_CASE("an empty captured body is there, one that was not captured is not") {
  Settlement settlement = FullSettlement();
  settlement.attempt->request_body = "";
  settlement.attempt->response_body.reset();
  const Json json = Json::parse(EncodeSettlement(settlement)).at("attempt");
  CHECK(json.at("request_body") == "");
  CHECK_FALSE(json.contains("response_body"));
}

TEST_CASE("every state and every reason fits the schema of a settlement") {
  for (const auto state : {DeliveryState::kQueued, DeliveryState::kDone, DeliveryState::kError,
                           DeliveryState::kDeadLetter, DeliveryState::kCanceled}) {
    Settlement settlement = FullSettlement();
    settlement.transition.state = state;
    CheckFits(settlement);
    CHECK(Json::parse(EncodeSettlement(settlement)).at("state") == Spelling(state));
  }
  for (const Outcome& outcome :
       {Outcome(Delivered{}), Outcome(Retry{FailureReason::kTls, "", {}, {}}),
        Outcome(DeadLetter{FailureReason::kTls, ""}), Outcome(Canceled{}), Outcome(Deferred{}),
        Outcome(Interrupted{})}) {
    Settlement settlement = BareSettlement();
    settlement.outcome = Spelling(outcome);
    CheckFits(settlement);
  }
}

// One text beyond the schema would make Odoo refuse the whole batch it travels in.
TEST_CASE("long texts are cut to what the schema allows") {
  Settlement settlement = FullSettlement();
  settlement.transition.failure_message = std::string(3000, 'x');
  settlement.transition.note = std::string(3000, 'x');
  settlement.attempt->target_url = "https://example.com/" + std::string(5000, 'x');
  settlement.attempt->error_kind = std::string(100, 'x');
  settlement.attempt->error_message = std::string(2001, 'x');
  CheckFits(settlement);
  settlement.transition.failure_message = std::string(2000, '\xFF');
  settlement.attempt->error_message = std::string(1000, '\x01');
  CheckFits(settlement);
  const Json json = Json::parse(EncodeSettlement(settlement));
  CHECK(json.at("note") == std::string(2000, 'x'));
}

TEST_CASE("texts of a settlement never bring U+0000 or broken UTF-8 to PostgreSQL") {
  Settlement settlement = FullSettlement();
  const std::string bad("a\0b\xFF\xED\xA0\x80", 7);
  settlement.transition.failure_message = bad;
  settlement.transition.note = bad;
  settlement.attempt->target_url = bad;
  settlement.attempt->error_kind = bad;
  settlement.attempt->error_message = bad;
  CheckFits(settlement);
  const Json json = Json::parse(EncodeSettlement(settlement));
  const std::string visible = "a\\u0000b\\xff\\xed\\xa0\\x80";
  CHECK(json.at("failure_message") == visible);
  CHECK(json.at("note") == visible);
  CHECK(json.at("attempt").at("target_url") == visible);
  CHECK(json.at("attempt").at("error_message") == visible);
}

TEST_CASE("whatever bytes an attempt saw, its settlement is ASCII and fits the schema") {
  constexpr std::uint64_t kSeed = 7;
  CAPTURE(kSeed);
  base::SeededRandom random(kSeed);
  for (int run = 0; run < 300; ++run) {
    CAPTURE(run);
    Settlement settlement = FullSettlement();
    settlement.transition.failure_message = RandomBytes(random, random.Next() % 3000);
    settlement.transition.note = RandomBytes(random, random.Next() % 100);
    settlement.attempt->target_url = RandomBytes(random, random.Next() % 5000);
    settlement.attempt->error_message = RandomBytes(random, random.Next() % 3000);
    settlement.attempt->request_body = RandomBytes(random, random.Next() % 100);
    settlement.attempt->response_body = RandomBytes(random, random.Next() % 100);
    settlement.attempt->response_headers = {{RandomBytes(random, 5), RandomBytes(random, 20)}};
    CheckFits(settlement);
  }
}

TEST_CASE("a settle request puts settlements together as they are") {
  const std::string full = EncodeSettlement(FullSettlement());
  const std::string bare = EncodeSettlement(BareSettlement());
  CHECK(SchemaErrors("settle_request", EncodeSettle(kUid, {})) == "");
  CHECK(SchemaErrors("settle_request", EncodeSettle(kUid, {full})) == "");
  const std::string three = EncodeSettle(kUid, {full, bare, full});
  CHECK(SchemaErrors("settle_request", three) == "");
  const Json json = Json::parse(three);
  CHECK(json.at("worker_uid") == kUid);
  REQUIRE(json.at("settlements").size() == 3);
  CHECK(json.at("settlements").at(0) == Json::parse(full));
  CHECK(json.at("settlements").at(1) == Json::parse(bare));
  CHECK(IsAscii(EncodeSettle("\"\\\xFF\n", {full})));
}

TEST_CASE("a settle answer is read result by result") {
  REQUIRE(SchemaErrors("settle_answer", Good().dump()) == "");
  const auto decoded = DecodeSettle(Good().dump());
  REQUIRE(decoded.ok());
  const auto& results = decoded.value().results;
  REQUIRE(results.size() == 2);
  CHECK(results[0].settlement_uid == kUid);
  CHECK(results[0].status == SettlementStatus::kApplied);
  CHECK(results[0].category.empty());
  CHECK(results[1].settlement_uid == kOtherUid);
  CHECK(results[1].status == SettlementStatus::kFailed);
  CHECK(results[1].category == "data");
  CHECK(results[1].message == "no");
}

TEST_CASE("settlement statuses are a closed list: an unknown one is not a success") {
  const std::vector<std::pair<const char*, SettlementStatus>> statuses = {
      {"applied", SettlementStatus::kApplied},
      {"already_applied", SettlementStatus::kAlreadyApplied},
      {"superseded", SettlementStatus::kSuperseded},
      {"conflict", SettlementStatus::kConflict},
      {"failed", SettlementStatus::kFailed}};
  for (const auto& [text, status] : statuses) {
    Json json = Good();
    json["results"][0]["status"] = text;
    const auto decoded = DecodeSettle(json.dump());
    REQUIRE(decoded.ok());
    CHECK(decoded.value().results[0].status == status);
  }
  for (const char* other : {"", "Applied", "ok", "done"}) {
    CheckRefused(Good(), {"/results/0/status", other}, DecodeSettle);
  }
}

TEST_CASE("a settle answer that is not what the contract says is refused by name") {
  for (const char* member : kEnvelopeMembers) {
    CheckRequired(Good(), std::string("/") + member, DecodeSettle);
  }
  for (const char* member : {"/results", "/results/0/settlement_uid", "/results/0/status"}) {
    CheckRequired(Good(), member, DecodeSettle);
  }
  CheckMistyped(Good(), "/results", kNoLists, DecodeSettle);
  for (const char* member : {"/results/0/settlement_uid", "/results/0/status",
                             "/results/1/category", "/results/1/message"}) {
    CheckMistyped(Good(), member, kNoTexts, DecodeSettle);
  }
}

TEST_CASE("additions to a settle answer are ignored and none of it ever throws") {
  Json json = Good();
  json["later"] = nullptr;
  json["results"][0]["later"] = 1;
  CHECK(DecodeSettle(json.dump()).ok());
  CheckNeverThrows(Good().dump(), DecodeSettle);
}
