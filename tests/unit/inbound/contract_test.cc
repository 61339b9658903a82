// SPDX-License-Identifier: LGPL-3.0-or-later
// Payload contracts: media type (415) and content (400).
#include <doctest/doctest.h>

#include "tests/unit/inbound/inbound_world.h"

namespace webhook::inbound {
namespace {

using model::PayloadContract;

constexpr std::string_view kMultipartType = "multipart/form-data; boundary=x";
constexpr std::string_view kMultipart =
    "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--x--\r\n";

std::string Sent(PayloadContract contract, std::string_view type, std::string_view body) {
  InboundWorld world;
  world.endpoint.payload_contract = contract;
  if (!type.empty()) world.SetHeader("Content-Type", std::string(type));
  world.parts.body = body;
  return world.Verdict();
}

TEST_CASE("json_object") {
  const auto sent = [](std::string_view type, std::string_view body) {
    return Sent(PayloadContract::kJsonObject, type, body);
  };
  CHECK(sent("application/json; charset=utf-8", R"({"a": 1})") == "accepted");
  CHECK(sent("application/cloudevents+json", "{}") == "accepted");
  CHECK(sent("", "{}") == "accepted");
  CHECK(sent("text/plain", "{}") == "accepted");
  CHECK(sent("application/octet-stream", "{}") == "accepted");
  CHECK(sent("", "") == "accepted");
  CHECK(sent(kJsonType, "[1]") == "payload");
  CHECK(sent(kJsonType, "1") == "payload");
  CHECK(sent(kJsonType, R"({"a": )") == "payload");
  CHECK(sent(kJsonType, "{} {}") == "payload");
  CHECK(sent(kJsonType, "{\"a\": \"\xFF\"}") == "payload");
  CHECK(sent("text/plain", "hello") == "payload");
  CHECK(sent(kFormType, "a=1") == "media_type");
  CHECK(sent(kMultipartType, kMultipart) == "media_type");
  CHECK(sent("text/xml", "<a/>") == "media_type");
  CHECK(sent("application/soap+xml", "<a/>") == "media_type");
}

TEST_CASE("json_value") {
  for (const char* body : {"[1]", "1", "\"x\"", "null", "true", "{}"}) {
    CHECK(Sent(PayloadContract::kJsonValue, kJsonType, body) == "accepted");
  }
  CHECK(Sent(PayloadContract::kJsonValue, kJsonType, "tru") == "payload");
  CHECK(Sent(PayloadContract::kJsonValue, kFormType, "a=1") == "media_type");
}

TEST_CASE("form") {
  CHECK(Sent(PayloadContract::kForm, kFormType, "a=1") == "accepted");
  CHECK(Sent(PayloadContract::kForm, kFormType, "") == "accepted");
  CHECK(Sent(PayloadContract::kForm, kMultipartType, kMultipart) == "accepted");
  CHECK(Sent(PayloadContract::kForm, kMultipartType, "no boundary") == "payload");
  CHECK(Sent(PayloadContract::kForm, "multipart/form-data", kMultipart) == "payload");
  CHECK(Sent(PayloadContract::kForm, kJsonType, "{}") == "media_type");
  CHECK(Sent(PayloadContract::kForm, "", "a=1") == "media_type");
}

TEST_CASE("text") {
  CHECK(Sent(PayloadContract::kText, "application/xml", "<a/>") == "accepted");
  CHECK(Sent(PayloadContract::kText, "", "anything \xFF") == "accepted");
  CHECK(Sent(PayloadContract::kText, kFormType, "a=1") == "media_type");
}

TEST_CASE("any: as its type says; without one anything") {
  CHECK(Sent(PayloadContract::kAny, kFormType, "a=1") == "accepted");
  CHECK(Sent(PayloadContract::kAny, kMultipartType, kMultipart) == "accepted");
  CHECK(Sent(PayloadContract::kAny, "text/xml", "<a/>") == "accepted");
  CHECK(Sent(PayloadContract::kAny, "", "\xFF\x00") == "accepted");
  CHECK(Sent(PayloadContract::kAny, kJsonType, "[") == "payload");
  CHECK(Sent(PayloadContract::kAny, kMultipartType, "x") == "payload");
}

TEST_CASE("nothing is decompressed") {
  for (const auto& [encoding, verdict] :
       {std::pair("gzip", "media_type"), std::pair("identity, gzip", "media_type"),
        std::pair("Identity", "accepted"), std::pair("", "accepted")}) {
    InboundWorld world;
    world.SetBody(kJsonType, "{}");
    world.SetHeader("Content-Encoding", encoding);
    CHECK(world.Verdict() == verdict);
  }
}

TEST_CASE("the reason holds no byte of the body") {
  InboundWorld world;
  world.SetBody(kJsonType, R"({"card": 4111111111111111, oops})");
  const model::IngestedEvent event = world.Event();
  CHECK(event.rejection_category == "payload");
  CHECK(event.rejection_reason.find("4111") == std::string::npos);
  CHECK(event.rejection_reason.find("oops") == std::string::npos);
}

}  // namespace
}  // namespace webhook::inbound
