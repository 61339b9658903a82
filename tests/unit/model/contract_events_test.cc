// SPDX-License-Identifier: LGPL-3.0-or-later
#include <doctest/doctest.h>

#include "lib/model/contract.h"
#include "tests/unit/model/answers.h"

using namespace webhook::model;
namespace base = webhook::base;
using Json = nlohmann::json;

namespace {

Json EventRow() {
  return {{"id", 42},
          {"event_uid", kUid},
          {"endpoint_id", 3},
          {"handler_id", 4},
          {"lease_token", kOtherUid},
          {"lease_expires_at_ms", 1767225720123},
          {"lease_count", 1},
          {"attempt_count", 2},
          {"received_at_ms", 1767225500000},
          {"request_body_base64", "AP8iYQ=="},
          {"request_headers", {{"X-Shop", "1"}}},
          {"query", {{"q", "2"}}},
          {"resolved_values", "{\"n\": 1.10}"},
          {"semantics", {{"topic", "orders"}}},
          {"field_values", "{\"event_field:topic\": \"orders\"}"}};
}

Json SampleRow() {
  return {{"name", "WHIN/1"},
          {"phase", "response"},
          {"body_base64", "e30="},
          {"headers", {{"A", "1"}}},
          {"query", {{"B", "2"}}},
          {"resolved_values", "{\"c\":3}"},
          {"semantics", {{"d", "4"}}},
          {"field_values", "{\"e\":5}"},
          {"context_values", "{\"f\":6}"},
          {"response_status_code", 200},
          {"response_headers", {{"G", "7"}}},
          {"response_body", "fine"},
          {"recorded_action", "done"},
          {"recorded_rule_id", -8}};
}

Json ProbeRow() {
  return {{"probe_uid", kUid},
          {"kind", "rules"},
          {"handler",
           {{"id", 2},
            {"code", "orders"},
            {"name", "Orders"},
            {"company_id", 1},
            {"direction", "inbound"},
            {"execution_mode", "model_driven"},
            {"active", false}}},
          {"samples", {SampleRow()}}};
}

Json Good() {
  return Answer({{"deliveries", Json::array()},
                 {"events", {EventRow()}},
                 {"probes", {ProbeRow()}},
                 {"interrupted", 0},
                 {"poisoned", 0}});
}

ClaimAnswer ReadGood(const Json& json) {
  REQUIRE(SchemaErrors("claim_answer", json.dump()) == "");
  const auto decoded = DecodeClaim(json.dump());
  REQUIRE_MESSAGE(decoded.ok(), decoded.error().message);
  return decoded.value();
}

}  // namespace

TEST_CASE("a claim of events says so, one of deliveries stays what it was") {
  ClaimRequest request;
  request.worker_uid = kUid;
  request.claim_token = kOtherUid;
  request.lease = std::chrono::seconds(60);
  CHECK_FALSE(Json::parse(EncodeClaim(request)).contains("work"));
  request.work = Work::kEvents;
  const std::string text = EncodeClaim(request);
  CHECK(SchemaErrors("claim_request", text) == "");
  CHECK(Json::parse(text).at("work") == "events");
}

TEST_CASE("a claimed event is read member by member") {
  const ClaimAnswer answer = ReadGood(Good());
  REQUIRE(answer.events.size() == 1);
  const Event& event = answer.events[0];
  CHECK(event.id == 42);
  CHECK(event.event_uid == kUid);
  CHECK(event.endpoint_id == 3);
  CHECK(event.handler_id == 4);
  CHECK(event.lease_token == kOtherUid);
  CHECK(base::ToUnixMs(event.lease_expires_at) == 1767225720123);
  CHECK(event.lease_count == 1);
  CHECK(event.attempt_count == 2);
  CHECK(base::ToUnixMs(event.received_at) == 1767225500000);
  CHECK(event.body == std::string("\0\xFF\"a", 4));
  CHECK(event.headers.at("X-Shop") == "1");
  CHECK(event.query.at("q") == "2");
  CHECK(event.resolved_values == "{\"n\": 1.10}");
  CHECK(event.semantics.at("topic") == "orders");
  CHECK(event.field_values == "{\"event_field:topic\": \"orders\"}");
}

TEST_CASE("a claimed probe is read member by member") {
  const ClaimAnswer answer = ReadGood(Good());
  REQUIRE(answer.probes.size() == 1);
  CHECK(answer.probes[0].probe_uid == kUid);
  CHECK(answer.probes[0].handler.code == "orders");
  REQUIRE(answer.probes[0].samples.size() == 1);
  const ProbeSample& sample = answer.probes[0].samples[0];
  CHECK(sample.name == "WHIN/1");
  CHECK(sample.phase == Phase::kResponse);
  CHECK(sample.body == "{}");
  CHECK(sample.headers.at("A") == "1");
  CHECK(sample.query.at("B") == "2");
  CHECK(sample.resolved_values == "{\"c\":3}");
  CHECK(sample.semantics.at("d") == "4");
  CHECK(sample.field_values == "{\"e\":5}");
  CHECK(sample.context_values == "{\"f\":6}");
  CHECK(sample.response_status_code == 200);
  CHECK(sample.response_headers.at("G") == "7");
  CHECK(sample.response_body == "fine");
  CHECK(sample.recorded_action == "done");
  CHECK(sample.recorded_rule_id == -8);
}

TEST_CASE("a send test is an endpoint and the one request") {
  const auto with = [](const Json& probe) {
    Json json = Good();
    json["probes"][0] = probe;
    return json;
  };
  const Json request = {{"delivery_uid", kOtherUid},  {"http_method", "put"},
                        {"request_body_mode", "raw"}, {"request_headers", {{"A", "1"}}},
                        {"payload", "<a/>"},          {"context_values", "{\"a\":1}"},
                        {"field_values", "{\"b\":2}"}};
  const Json probe = {
      {"probe_uid", kUid}, {"kind", "send"}, {"endpoint_id", 3}, {"delivery", request}};
  const ClaimAnswer answer = ReadGood(with(probe));
  REQUIRE(answer.probes.size() == 1);
  CHECK(answer.probes[0].kind == ProbeKind::kSend);
  CHECK(answer.probes[0].probe_uid == kUid);
  CHECK(answer.probes[0].samples.empty());
  const Delivery& delivery = answer.probes[0].delivery;
  CHECK(delivery.id == 0);
  CHECK(delivery.lease_token.empty());
  CHECK(delivery.endpoint_id == 3);
  CHECK(delivery.delivery_uid == kOtherUid);
  CHECK(delivery.http_method == "put");
  CHECK(delivery.body_mode == BodyMode::kRaw);
  CHECK(delivery.request_headers.at("A") == "1");
  CHECK(delivery.payload == "<a/>");
  CHECK(delivery.context_values == "{\"a\":1}");
  CHECK(delivery.field_values == "{\"b\":2}");
  for (const char* member :
       {"endpoint_id", "delivery", "delivery/delivery_uid", "delivery/http_method",
        "delivery/request_body_mode", "delivery/request_headers", "delivery/payload"}) {
    CheckRequired(with(probe), std::string("/probes/0/") + member, DecodeClaim);
    CheckRefused(with(probe), {std::string("/probes/0/") + member, true}, DecodeClaim);
  }
  CheckNeverThrows(with(probe).dump(), DecodeClaim);
}

TEST_CASE("optional members may be missing") {
  Json json = Good();
  json["events"][0].erase("handler_id");
  json["probes"][0]["samples"][0] = {{"name", ""}, {"phase", "before_send"}};
  const ClaimAnswer answer = ReadGood(json);
  CHECK_FALSE(answer.events.at(0).handler_id.has_value());
  const ProbeSample& sample = answer.probes.at(0).samples.at(0);
  CHECK(sample.phase == Phase::kBeforeSend);
  CHECK(sample.resolved_values == "{}");
  CHECK(sample.field_values == "{}");
  CHECK(sample.context_values == "{}");
  CHECK_FALSE(sample.response_status_code.has_value());
  CHECK_FALSE(sample.recorded_rule_id.has_value());
}

TEST_CASE("events and probes that are not what the contract says are refused by name") {
  const Json event = EventRow();
  for (const auto& [member, value] : event.items()) {
    if (member == "handler_id") continue;
    CheckRequired(Good(), "/events/0/" + member, DecodeClaim);
  }
  for (const auto& [member, value] : event.items()) {
    CheckRefused(Good(), {"/events/0/" + member, nullptr}, DecodeClaim);
    CheckRefused(Good(), {"/events/0/" + member, true}, DecodeClaim);
  }
  for (const char* member : {"probe_uid", "kind", "handler", "samples", "handler/code",
                             "samples/0/name", "samples/0/phase"}) {
    CheckRequired(Good(), std::string("/probes/0/") + member, DecodeClaim);
  }
  for (const auto& [pointer, value] : std::vector<Spoilt>{
           {"/events", Json::object()},
           {"/events/0/request_body_base64", "Zg="},
           {"/events/0/request_body_base64", "Z g="},
           {"/events/0/event_uid", "no uuid"},
           {"/events/0/lease_count", 0},
           {"/probes", nullptr},
           {"/probes/0/kind", "template"},
           {"/probes/0/samples/0/phase", "later"},
           {"/probes/0/samples/0/body_base64", "?"},
           {"/probes/0/samples/0/response_status_code", 99},
           {"/probes/0/samples/0/recorded_rule_id", 1.5},
           {"/probes/0/samples", std::vector<Json>(1001, SampleRow())},
       }) {
    CheckRefused(Good(), {pointer, value}, DecodeClaim);
  }
}

TEST_CASE("decoding events and probes never throws") {
  CheckNeverThrows(Good().dump(), DecodeClaim);
}
