// SPDX-License-Identifier: LGPL-3.0-or-later
#include <doctest/doctest.h>

#include "lib/model/contract.h"
#include "tests/unit/model/answers.h"

using namespace webhook::model;
namespace base = webhook::base;
using Json = nlohmann::json;

namespace {

Json Good() {
  return Answer({{"compatible", true},
                 {"contract_version", 1},
                 {"addon_version", "19.0.1.0.0"},
                 {"odoo_version", "19.0"},
                 {"worker_id", 3},
                 {"wake_secret", "c2VjcmV0"},
                 {"key_expires_at_ms", 1770000000000},
                 {"limits",
                  {{"claim_batch_max", 200},
                   {"settle_batch_max", 300},
                   {"lease_seconds_max", 600},
                   {"calls_in_flight_max", 2}}}});
}

HelloRequest Request() {
  HelloRequest request;
  request.worker_uid = kUid;
  request.name = "worker-1";
  request.version = "0.1.0";
  request.host = "host.example";
  return request;
}

}  // namespace

TEST_CASE("a hello request fits its schema, with and without its optional members") {
  HelloRequest request = Request();
  const std::string least = EncodeHello(request);
  CHECK(SchemaErrors("hello_request", least) == "");
  CHECK_FALSE(Json::parse(least).contains("wake_address"));
  CHECK_FALSE(Json::parse(least).contains("confirm_fingerprint"));
  CHECK_FALSE(Json::parse(least).contains("public_key"));
  CHECK(Json::parse(least).at("journal_healthy") == true);
  CHECK(Json::parse(least).at("callbacks") == Json::array());
  CHECK(Json::parse(least).at("contract_version") == kContractVersion);

  request.wake_address = "127.0.0.1:4711";
  request.confirm_fingerprint = kFingerprint;
  request.journal_healthy = false;
  request.callbacks = {"acme.paid", "acme.shipped"};
  request.public_key = std::string("\x00\xFF\"a", 4);
  const std::string most = EncodeHello(request);
  CHECK(SchemaErrors("hello_request", most) == "");
  CHECK(Json::parse(most).at("wake_address") == "127.0.0.1:4711");
  CHECK(Json::parse(most).at("confirm_fingerprint") == kFingerprint);
  CHECK(Json::parse(most).at("journal_healthy") == false);
  CHECK(Json::parse(most).at("public_key") == "AP8iYQ==");
  CHECK(Json::parse(most).at("callbacks") == Json({"acme.paid", "acme.shipped"}));
}

TEST_CASE("a worker with a gateway says where it is and how its inbox is") {
  HelloRequest request = Request();
  CHECK_FALSE(Json::parse(EncodeHello(request)).contains("inbox"));
  CHECK_FALSE(Json::parse(EncodeHello(request)).contains("gateway_url"));
  request.inbox = InboxState{};
  CHECK(SchemaErrors("hello_request", EncodeHello(request)) == "");
  CHECK(Json::parse(EncodeHello(request)).at("inbox") == Json{{"event_count", 0},
                                                              {"bytes_used", 0},
                                                              {"bytes_max", 0},
                                                              {"set_aside_count", 0},
                                                              {"healthy", true}});
  request.inbox = InboxState{12, 3456, 1 << 30, 2, base::FromUnixMs(1767225600123), false};
  request.gateway_url = "https://hooks.example.com";
  const std::string text = EncodeHello(request);
  CHECK(SchemaErrors("hello_request", text) == "");
  CHECK(Json::parse(text).at("inbox") == Json{{"event_count", 12},
                                              {"bytes_used", 3456},
                                              {"bytes_max", 1 << 30},
                                              {"set_aside_count", 2},
                                              {"oldest_accepted_at_ms", 1767225600123},
                                              {"healthy", false}});
  CHECK(Json::parse(text).at("gateway_url") == "https://hooks.example.com");
  request.gateway_url = std::string(300, 'x');
  CHECK(SchemaErrors("hello_request", EncodeHello(request)) == "");
}

TEST_CASE("a hello request is ASCII whatever the host is called") {
  HelloRequest request = Request();
  request.host = "b\xC3\xBCro\xFF\n";
  request.name = "\xF0\x9F\x98\x80";
  const std::string text = EncodeHello(request);
  CHECK(IsAscii(text));
  CHECK(SchemaErrors("hello_request", text) == "");
}

TEST_CASE("a hello answer is read member by member") {
  REQUIRE(SchemaErrors("hello_answer", Good().dump()) == "");
  const auto decoded = DecodeHello(Good().dump());
  REQUIRE(decoded.ok());
  const HelloAnswer& answer = decoded.value();
  CHECK(answer.envelope.fingerprint == kFingerprint);
  CHECK(answer.envelope.fingerprint_confirmed);
  CHECK_FALSE(answer.envelope.neutralized);
  CHECK(answer.envelope.configuration_revision == 7);
  CHECK(answer.envelope.settlement_number == 12345678);
  CHECK(base::ToUnixMs(answer.envelope.server_time) == 1767225600123);
  CHECK(answer.compatible);
  CHECK(answer.contract_version == 1);
  CHECK(answer.addon_version == "19.0.1.0.0");
  CHECK(answer.odoo_version == "19.0");
  CHECK(answer.wake_secret == "c2VjcmV0");
  REQUIRE(answer.key_expires_at.has_value());
  CHECK(base::ToUnixMs(*answer.key_expires_at) == 1770000000000);
  CHECK(answer.claim_batch_max == 200);
  CHECK(answer.settle_batch_max == 300);
}

TEST_CASE("the key that secrets are sealed to is there once it is confirmed") {
  CHECK(DecodeHello(Good().dump()).value().sealing_public_key.empty());
  Json json = Good();
  json["sealing_public_key"] = "AP8iYQ==";
  REQUIRE(SchemaErrors("hello_answer", json.dump()) == "");
  CHECK(DecodeHello(json.dump()).value().sealing_public_key == std::string("\x00\xFF\"a", 4));
  CheckMistyped(json, "/sealing_public_key", kNoTexts, DecodeHello);
  CheckRefused(json, {"/sealing_public_key", "no base64"}, DecodeHello);
}

TEST_CASE("an incompatible addon's answer needs no more than a sentence") {
  Json json = Answer({{"compatible", false},
                      {"incompatible_message", "Upgrade the worker."},
                      {"contract_version", 2},
                      {"addon_version", "19.0.2.0.0"},
                      {"odoo_version", "19.0"}});
  REQUIRE(SchemaErrors("hello_answer", json.dump()) == "");
  const auto decoded = DecodeHello(json.dump());
  REQUIRE(decoded.ok());
  CHECK_FALSE(decoded.value().compatible);
  CHECK(decoded.value().incompatible_message == "Upgrade the worker.");
  CHECK_FALSE(decoded.value().key_expires_at.has_value());
}

TEST_CASE("a hello answer without a required member is refused by that member's name") {
  for (const char* member : kEnvelopeMembers) {
    CheckRequired(Good(), std::string("/") + member, DecodeHello);
  }
  for (const char* member : {"/compatible", "/contract_version", "/addon_version", "/odoo_version",
                             "/limits/claim_batch_max", "/limits/settle_batch_max"}) {
    CheckRequired(Good(), member, DecodeHello);
  }
}

TEST_CASE("a hello answer with a member of another type or range is refused by its name") {
  for (const char* member :
       {"/configuration_revision", "/settlement_number", "/server_time_ms", "/contract_version",
        "/key_expires_at_ms", "/limits/claim_batch_max", "/limits/settle_batch_max"}) {
    CheckMistyped(Good(), member, kNoIntegers, DecodeHello);
  }
  for (const char* member : {"/fingerprint", "/addon_version", "/odoo_version", "/wake_secret"}) {
    CheckMistyped(Good(), member, kNoTexts, DecodeHello);
  }
  for (const char* member : {"/fingerprint_confirmed", "/neutralized", "/compatible"}) {
    CheckMistyped(Good(), member, kNoFlags, DecodeHello);
  }
  CheckMistyped(Good(), "/limits", {nullptr, 1, "x", Json::array()}, DecodeHello);
}

TEST_CASE("limits below one, versions beyond an int and times beyond a calendar are refused") {
  for (const auto& [pointer, value] : std::vector<Spoilt>{
           {"/limits/claim_batch_max", 0},
           {"/limits/settle_batch_max", 0},
           {"/limits/claim_batch_max", std::int64_t{1} << 40},
           {"/contract_version", 0},
           {"/contract_version", (std::int64_t{1} << 32) + 1},
           {"/server_time_ms", 9223372036854775807},
           {"/key_expires_at_ms", 9223372036854775807},
           {"/fingerprint", ""},
           {"/fingerprint", std::string(64, 'A')},
           {"/fingerprint", std::string(63, 'a')},
       }) {
    CheckRefused(Good(), {pointer, value}, DecodeHello);
  }
}

TEST_CASE("what a later addon adds to hello is ignored") {
  Json json = Good();
  json["later"] = {{"x", nullptr}};
  json["limits"]["later_max"] = 1;
  CHECK(DecodeHello(json.dump()).ok());
}

TEST_CASE("decoding a hello answer never throws") { CheckNeverThrows(Good().dump(), DecodeHello); }
