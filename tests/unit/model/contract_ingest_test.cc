// SPDX-License-Identifier: LGPL-3.0-or-later
#include <doctest/doctest.h>

#include "lib/base/base64.h"
#include "lib/model/contract.h"
#include "tests/unit/model/answers.h"

using namespace webhook::model;
namespace base = webhook::base;
using Json = nlohmann::json;

namespace {

const std::string kNul(1, '\0');

IngestedEvent Least() {
  IngestedEvent event;
  event.event_uid = kUid;
  event.endpoint_id = 3;
  event.received_at = base::FromUnixMs(1767225500123);
  return event;
}

IngestedEvent Most() {
  IngestedEvent event = Least();
  event.rejected = true;
  event.body = std::string("\0\xFF\"a", 4);
  event.headers = {{"content-type", "text/plain"}};
  event.query = {{"q", "1"}};
  event.remote_address = "192.0.2.7";
  event.identity_key = "D-1";
  event.identity_source = "delivery_id";
  event.replay_identity_key = "E-1";
  event.replay_identity_source = "event_id";
  event.replay_blocks = true;
  event.handler_selector = "orders";
  event.resolved_values = {{"id", "D-1"}};
  event.semantics = {{"topic", "orders/paid"}};
  event.payload = R"({"a":"1"})";
  event.files = {{"upload", "a.txt", "text/plain", "hello"}};
  event.rejection_category = "signature";
  event.rejection_reason = "No signature fits.";
  event.intake_id = 9;
  return event;
}

Json Encoded(const IngestedEvent& event) {
  const std::string text = EncodeIngestedEvent(event);
  CHECK(IsAscii(text));
  CHECK(SchemaErrors("ingested_event", text) == "");
  return Json::parse(text);
}

Json Request(const IngestRequest& request) {
  const std::string text = EncodeIngest(request);
  CHECK(IsAscii(text));
  CHECK(SchemaErrors("ingest_request", text) == "");
  return Json::parse(text);
}

Json GoodAnswer() {
  return Answer({{"results",
                  {{{"event_uid", kUid}, {"status", "ingested"}, {"id", 7}},
                   {{"event_uid", kOtherUid}, {"status", "failed"}, {"message", "why"}}}}});
}

Json IntakeRowJson() {
  return {{"id", 4},
          {"event_uid", kUid},
          {"endpoint_id", 3},
          {"received_at_ms", 1767225500123},
          {"http_method", "POST"},
          {"request_url", "https://odoo.example/webhooks/in/shop?a=1"},
          {"remote_address", "192.0.2.7"},
          {"request_headers", {{"x-shop", "1"}}},
          {"request_body_base64", "AP8iYQ=="}};
}

Json IntakeAnswer() {
  return Answer({{"deliveries", Json::array()},
                 {"intake", {IntakeRowJson()}},
                 {"intake_waiting", true},
                 {"interrupted", 0},
                 {"poisoned", 0}});
}

}  // namespace

TEST_CASE("an event says no more than it has") {
  CHECK(Encoded(Least()) == Json{{"event_uid", kUid},
                                 {"endpoint_id", 3},
                                 {"received_at_ms", 1767225500123},
                                 {"state", "received"},
                                 {"request_body_base64", ""},
                                 {"request_headers", Json::object()}});
}

TEST_CASE("an event is written member by member") {
  CHECK(Encoded(Most()) == Json{{"event_uid", kUid},
                                {"endpoint_id", 3},
                                {"received_at_ms", 1767225500123},
                                {"state", "rejected"},
                                {"request_body_base64", "AP8iYQ=="},
                                {"request_headers", {{"content-type", "text/plain"}}},
                                {"query", {{"q", "1"}}},
                                {"remote_address", "192.0.2.7"},
                                {"identity_key", "D-1"},
                                {"identity_source", "delivery_id"},
                                {"replay_identity_key", "E-1"},
                                {"replay_identity_source", "event_id"},
                                {"replay_blocks", true},
                                {"handler_selector", "orders"},
                                {"resolved_values", {{"id", "D-1"}}},
                                {"semantics", {{"topic", "orders/paid"}}},
                                {"payload", R"({"a":"1"})"},
                                {"files",
                                 {{{"name", "upload"},
                                   {"filename", "a.txt"},
                                   {"content_type", "text/plain"},
                                   {"content_base64", "aGVsbG8="}}}},
                                {"rejection_category", "signature"},
                                {"rejection_reason", "No signature fits."},
                                {"intake_id", 9}});
}

TEST_CASE("no NUL and no byte that is not UTF-8 reaches a text, the body keeps all of them") {
  const std::string bad = "\xC3\xBC" + kNul + "\xFF";
  const std::string visible = "\xC3\xBC\\u0000\\xff";
  IngestedEvent event = Most();
  event.body = bad;
  event.headers = {{bad, bad}};
  event.query = {{bad, bad}};
  event.resolved_values = {{bad, bad}};
  event.semantics = {{"topic", bad}};
  event.payload = "\"" + bad + "\"";
  event.files = {{bad, bad, bad, bad}};
  for (std::string* text :
       {&event.remote_address, &event.identity_key, &event.replay_identity_key,
        &event.handler_selector, &event.rejection_category, &event.rejection_reason}) {
    *text = bad;
  }
  const Json json = Encoded(event);
  const Json map = {{visible, visible}};
  CHECK(json.at("request_body_base64") == base::EncodeBase64(bad));
  CHECK(json.at("request_headers") == map);
  CHECK(json.at("query") == map);
  CHECK(json.at("resolved_values") == map);
  CHECK(json.at("semantics") == Json{{"topic", visible}});
  CHECK(json.at("payload") == "\"" + visible + "\"");
  CHECK(json.at("files").at(0).at("name") == visible);
  CHECK(json.at("files").at(0).at("content_base64") == base::EncodeBase64(bad));
  for (const char* member : {"remote_address", "identity_key", "replay_identity_key",
                             "handler_selector", "rejection_category", "rejection_reason"}) {
    CHECK(json.at(member) == visible);
  }
}

TEST_CASE("texts are cut to what the schema takes") {
  const std::string text(5000, 'x');
  IngestedEvent event = Most();
  for (std::string* one : {&event.remote_address, &event.handler_selector,
                           &event.rejection_category, &event.rejection_reason}) {
    *one = text;
  }
  event.files = std::vector<EventFile>(21, {text, text, text, text});
  const Json json = Encoded(event);
  CHECK(json.at("rejection_reason").get<std::string>().size() == 2000);
  CHECK(json.at("files").size() == 20);
}

TEST_CASE("a key that is too long makes no event the duplicate of another") {
  IngestedEvent event = Most();
  event.identity_key = event.replay_identity_key = std::string(512, 'k');
  CHECK(Encoded(event).at("identity_key") == event.identity_key);
  event.identity_key += 'k';
  event.replay_identity_key[0] = '\0';
  const Json json = Encoded(event);
  for (const char* member :
       {"identity_key", "identity_source", "replay_identity_key", "replay_identity_source"}) {
    CHECK_FALSE(json.contains(member));
  }
}

TEST_CASE("ingest joins the texts of the events as they are") {
  const std::string first = EncodeIngestedEvent(Least());
  const std::string second = EncodeIngestedEvent(Most());
  CHECK(Request({kUid, {}}) == Json{{"worker_uid", kUid}, {"events", Json::array()}});
  const Json json = Request({kUid, {first, second}, {{kOtherUid, 3}}, {{5, "signature", 40}}});
  CHECK(json == Json{{"worker_uid", kUid},
                     {"events", {Json::parse(first), Json::parse(second)}},
                     {"duplicates", {{{"event_uid", kOtherUid}, {"count", 3}}}},
                     {"rejected_counts",
                      {{{"endpoint_id", 5}, {"category", "signature"}, {"count", 40}}}}});
}

TEST_CASE("ingest counts no more than one call takes") {
  const int most = std::numeric_limits<int>::max();
  const Json json = Request({kUid,
                             {},
                             std::vector<DuplicateCount>(1001, {kUid, most}),
                             std::vector<RejectedCount>(1001, {1, std::string(65, 'c'), most})});
  CHECK(json.at("duplicates").size() == 1000);
  CHECK(json.at("rejected_counts").size() == 1000);
  CHECK(json.at("duplicates").at(0).at("count") == 1000000);
  CHECK(json.at("rejected_counts").at(0).at("count") == 1000000000);
}

TEST_CASE("an ingest answer is read result by result") {
  REQUIRE(SchemaErrors("ingest_answer", GoodAnswer().dump()) == "");
  const auto decoded = DecodeIngest(GoodAnswer().dump());
  REQUIRE(decoded.ok());
  CHECK(decoded.value().envelope.configuration_revision == 7);
  REQUIRE(decoded.value().results.size() == 2);
  CHECK(decoded.value().results[0].event_uid == kUid);
  CHECK(decoded.value().results[0].status == IngestStatus::kIngested);
  CHECK(decoded.value().results[0].message.empty());
  CHECK(decoded.value().results[1].event_uid == kOtherUid);
  CHECK(decoded.value().results[1].status == IngestStatus::kFailed);
  CHECK(decoded.value().results[1].message == "why");

  const std::vector<std::pair<const char*, IngestStatus>> statuses = {
      {"ingested", IngestStatus::kIngested},
      {"already_ingested", IngestStatus::kAlreadyIngested},
      {"duplicate", IngestStatus::kDuplicate},
      {"failed", IngestStatus::kFailed}};
  for (const auto& [text, status] : statuses) {
    Json json = GoodAnswer();
    json["results"][0]["status"] = text;
    REQUIRE(SchemaErrors("ingest_answer", json.dump()) == "");
    CHECK(DecodeIngest(json.dump()).value().results.at(0).status == status);
  }
}

TEST_CASE("an ingest answer that is not what the contract says is refused by name") {
  for (const char* member : kEnvelopeMembers) {
    CheckRequired(GoodAnswer(), std::string("/") + member, DecodeIngest);
  }
  for (const char* member : {"/results", "/results/0/event_uid", "/results/1/status"}) {
    CheckRequired(GoodAnswer(), member, DecodeIngest);
  }
  CheckMistyped(GoodAnswer(), "/results", kNoLists, DecodeIngest);
  for (const char* member : {"event_uid", "status", "message"}) {
    CheckMistyped(GoodAnswer(), std::string("/results/0/") + member, kNoTexts, DecodeIngest);
  }
  CheckRefused(GoodAnswer(), {"/results/0/status", "applied"}, DecodeIngest);
  CheckRefused(GoodAnswer(), {"/results/0/event_uid", "7"}, DecodeIngest);
  CheckNeverThrows(GoodAnswer().dump(), DecodeIngest);
}

TEST_CASE("a claim of the intake says so") {
  ClaimRequest request;
  request.worker_uid = kUid;
  request.claim_token = kOtherUid;
  request.lease = std::chrono::seconds(60);
  request.work = Work::kIntake;
  const std::string text = EncodeClaim(request);
  CHECK(SchemaErrors("claim_request", text) == "");
  CHECK(Json::parse(text).at("work") == "intake");
}

TEST_CASE("a row of the intake is read member by member") {
  REQUIRE(SchemaErrors("claim_answer", IntakeAnswer().dump()) == "");
  const auto decoded = DecodeClaim(IntakeAnswer().dump());
  REQUIRE(decoded.ok());
  CHECK(decoded.value().intake_waiting);
  REQUIRE(decoded.value().intake.size() == 1);
  const IntakeRow& row = decoded.value().intake[0];
  CHECK(row.id == 4);
  CHECK(row.event_uid == kUid);
  CHECK(row.endpoint_id == 3);
  CHECK(base::ToUnixMs(row.received_at) == 1767225500123);
  CHECK(row.http_method == "POST");
  CHECK(row.request_url == "https://odoo.example/webhooks/in/shop?a=1");
  CHECK(row.remote_address == "192.0.2.7");
  CHECK(row.headers == std::map<std::string, std::string>{{"x-shop", "1"}});
  CHECK(row.body == std::string("\0\xFF\"a", 4));
}

TEST_CASE("an answer without an intake has none, and an address may be missing") {
  Json json = IntakeAnswer();
  json["intake"][0].erase("remote_address");
  CHECK(DecodeClaim(json.dump()).value().intake.at(0).remote_address.empty());
  json.erase("intake");
  json.erase("intake_waiting");
  const auto decoded = DecodeClaim(json.dump());
  REQUIRE(decoded.ok());
  CHECK(decoded.value().intake.empty());
  CHECK_FALSE(decoded.value().intake_waiting);
}

TEST_CASE("rows of the intake that are not what the contract says are refused by name") {
  const Json row = IntakeRowJson();
  for (const auto& [member, value] : row.items()) {
    if (member != "remote_address") {
      CheckRequired(IntakeAnswer(), "/intake/0/" + member, DecodeClaim);
    }
    CheckRefused(IntakeAnswer(), {"/intake/0/" + member, nullptr}, DecodeClaim);
    CheckRefused(IntakeAnswer(), {"/intake/0/" + member, true}, DecodeClaim);
  }
  CheckMistyped(IntakeAnswer(), "/intake", kNoLists, DecodeClaim);
  CheckMistyped(IntakeAnswer(), "/intake_waiting", kNoFlags, DecodeClaim);
  CheckRefused(IntakeAnswer(), {"/intake/0/http_method", std::string(17, 'X')}, DecodeClaim);
  CheckRefused(IntakeAnswer(), {"/intake/0/request_body_base64", "?"}, DecodeClaim);
  CheckNeverThrows(IntakeAnswer().dump(), DecodeClaim);
}
