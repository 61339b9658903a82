// SPDX-License-Identifier: LGPL-3.0-or-later
#include <doctest/doctest.h>

#include "lib/model/contract.h"
#include "tests/unit/model/answers.h"

using namespace webhook::model;
using Json = nlohmann::json;
using std::chrono::seconds;

namespace {

Json HandlerJson(int id, const char* mode) {
  return {{"id", id},        {"code", "orders"},        {"name", "Orders"},
          {"company_id", 1}, {"direction", "outbound"}, {"execution_mode", mode},
          {"active", true}};
}

Json EndpointJson(int id) {
  return {{"id", id},
          {"code", "shop"},
          {"name", "Shop"},
          {"company_id", 1},
          {"state", "active"},
          {"held_reason", "endpoint_paused"},
          {"handler_id", 2},
          {"target_hostname", "https://example.com:8443"},
          {"target_path", "/hooks"},
          {"timeout_seconds", 15},
          {"retry_policy_id", 4},
          {"concurrency_max", 6},
          {"capture_request", true},
          {"capture_response", false},
          {"capture_bytes_max", 2000}};
}

Json InboundJson(int id) {
  return {{"id", id},        {"path", "shop"},      {"name", "Shop"},
          {"company_id", 1}, {"state", "active"},   {"held_reason", "endpoint_paused"},
          {"handler_id", 2}, {"retry_policy_id", 4}};
}

Json PolicyJson(int id) {
  return {{"id", id},
          {"name", "Standard"},
          {"delays_seconds", {5, 300, 1800}},
          {"attempts_max", 9},
          {"age_max_seconds", 432000},
          {"jitter_percent", 20},
          {"retry_after_max_seconds", 86400}};
}

Json Good() {
  return Answer({{"unchanged", false},
                 {"configuration",
                  {{"revision", 7},
                   {"handlers", {HandlerJson(2, "model_driven")}},
                   {"endpoints", {EndpointJson(3)}},
                   {"inbound_endpoints", {InboundJson(5)}},
                   {"retry_policies", {PolicyJson(4)}}}}});
}

std::string At(const char* list, const char* member) {
  return std::string("/configuration/") + list + "/0/" + member;
}

}  // namespace

TEST_CASE("a configuration request fits its schema and says the revision that is known") {
  const std::string first = EncodeConfigurationRequest(kUid, std::nullopt);
  CHECK(SchemaErrors("configuration_request", first) == "");
  CHECK_FALSE(Json::parse(first).contains("known_revision"));
  const std::string later = EncodeConfigurationRequest(kUid, 0);
  CHECK(SchemaErrors("configuration_request", later) == "");
  CHECK(Json::parse(later).at("known_revision") == 0);
}

TEST_CASE("an unchanged configuration is an answer without one") {
  const Json json = Answer({{"unchanged", true}});
  REQUIRE(SchemaErrors("configuration_answer", json.dump()) == "");
  const auto decoded = DecodeConfiguration(json.dump());
  REQUIRE(decoded.ok());
  CHECK_FALSE(decoded.value().configuration.has_value());
}

TEST_CASE("a configuration is read member by member") {
  REQUIRE(SchemaErrors("configuration_answer", Good().dump()) == "");
  const auto decoded = DecodeConfiguration(Good().dump());
  REQUIRE(decoded.ok());
  REQUIRE(decoded.value().configuration.has_value());
  const Configuration& configuration = *decoded.value().configuration;
  CHECK(configuration.revision == 7);

  REQUIRE(configuration.handlers.size() == 1);
  const Handler& handler = configuration.handlers.at(2);
  CHECK(handler.id == 2);
  CHECK(handler.code == "orders");
  CHECK(handler.execution_mode == ExecutionMode::kModelDriven);
  CHECK(handler.active);

  REQUIRE(configuration.endpoints.size() == 1);
  const Endpoint& endpoint = configuration.endpoints.at(3);
  CHECK(endpoint.id == 3);
  CHECK(endpoint.code == "shop");
  CHECK(endpoint.active);
  CHECK(endpoint.held_reason == "endpoint_paused");
  CHECK(endpoint.handler_id == 2);
  CHECK(endpoint.target_hostname == "https://example.com:8443");
  CHECK(endpoint.target_path == "/hooks");
  CHECK(endpoint.timeout == seconds(15));
  CHECK(endpoint.retry_policy_id == 4);
  CHECK(endpoint.concurrency_max == 6);
  CHECK(endpoint.capture_request);
  CHECK_FALSE(endpoint.capture_response);
  CHECK(endpoint.capture_bytes_max == 2000);

  REQUIRE(configuration.inbound_endpoints.size() == 1);
  const InboundEndpoint& inbound = configuration.inbound_endpoints.at(5);
  CHECK(inbound.id == 5);
  CHECK(inbound.path == "shop");
  CHECK(inbound.active);
  CHECK(inbound.held_reason == "endpoint_paused");
  CHECK(inbound.handler_id == 2);
  CHECK(inbound.retry_policy_id == 4);

  REQUIRE(configuration.retry_policies.size() == 1);
  const RetryPolicy& policy = configuration.retry_policies.at(4);
  CHECK(policy.id == 4);
  CHECK(policy.delays == std::vector<seconds>{seconds(5), seconds(300), seconds(1800)});
  CHECK(policy.attempts_max == 9);
  CHECK(policy.age_max == seconds(432000));
  CHECK(policy.jitter_percent == 20);
  CHECK(policy.retry_after_max == seconds(86400));
  CHECK(policy.retry_statuses.empty());
  CHECK(policy.final_statuses.empty());
}

TEST_CASE("a retry policy may name statuses") {
  Json json = Good();
  json["configuration"]["retry_policies"][0].update(
      {{"retry_statuses", "409, 500-599"}, {"final_statuses", "404"}});
  REQUIRE(SchemaErrors("configuration_answer", json.dump()) == "");
  const auto decoded = DecodeConfiguration(json.dump());
  REQUIRE(decoded.ok());
  const RetryPolicy& policy = decoded.value().configuration->retry_policies.at(4);
  CHECK(policy.retry_statuses == "409, 500-599");
  CHECK(policy.final_statuses == "404");
  for (const char* member : {"retry_statuses", "final_statuses"}) {
    CheckMistyped(json, At("retry_policies", member), kNoTexts, DecodeConfiguration);
  }
}

TEST_CASE("optional members of an endpoint may be missing") {
  Json json = Good();
  json["configuration"]["endpoints"][0].erase("held_reason");
  json["configuration"]["endpoints"][0].erase("handler_id");
  REQUIRE(SchemaErrors("configuration_answer", json.dump()) == "");
  const auto decoded = DecodeConfiguration(json.dump());
  REQUIRE(decoded.ok());
  const Endpoint& endpoint = decoded.value().configuration->endpoints.at(3);
  CHECK(endpoint.held_reason.empty());
  CHECK_FALSE(endpoint.handler_id.has_value());
}

TEST_CASE("states and execution modes are a closed list: an unknown one is no default") {
  for (const char* state : {"draft", "archived"}) {
    Json json = Good();
    json["configuration"]["endpoints"][0]["state"] = state;
    const auto decoded = DecodeConfiguration(json.dump());
    REQUIRE(decoded.ok());
    CHECK_FALSE(decoded.value().configuration->endpoints.at(3).active);
  }
  CheckRefused(Good(), {"/configuration/endpoints/0/state", "paused"}, DecodeConfiguration);
  CheckRefused(Good(), {"/configuration/endpoints/0/state", "Active"}, DecodeConfiguration);

  const std::vector<std::pair<const char*, ExecutionMode>> modes = {
      {"model_driven", ExecutionMode::kModelDriven},
      {"native", ExecutionMode::kNative},
      {"python", ExecutionMode::kPython}};
  for (const auto& [text, mode] : modes) {
    Json json = Good();
    json["configuration"]["handlers"][0] = HandlerJson(2, text);
    const auto decoded = DecodeConfiguration(json.dump());
    REQUIRE(decoded.ok());
    CHECK(decoded.value().configuration->handlers.at(2).execution_mode == mode);
  }
  CheckRefused(Good(), {"/configuration/handlers/0/execution_mode", "lua"}, DecodeConfiguration);
}

TEST_CASE("a configuration without a required member is refused by that member's name") {
  for (const char* member : kEnvelopeMembers) {
    CheckRequired(Good(), std::string("/") + member, DecodeConfiguration);
  }
  for (const char* member : {"/unchanged", "/configuration", "/configuration/revision",
                             "/configuration/handlers", "/configuration/endpoints",
                             "/configuration/inbound_endpoints", "/configuration/retry_policies"}) {
    CheckRequired(Good(), member, DecodeConfiguration);
  }
  for (const char* member : {"id", "code", "execution_mode", "active"}) {
    CheckRequired(Good(), At("handlers", member), DecodeConfiguration);
  }
  for (const char* member : {"id", "code", "state", "target_hostname", "target_path",
                             "timeout_seconds", "retry_policy_id", "concurrency_max",
                             "capture_request", "capture_response", "capture_bytes_max"}) {
    CheckRequired(Good(), At("endpoints", member), DecodeConfiguration);
  }
  for (const char* member : {"id", "path", "state", "retry_policy_id"}) {
    CheckRequired(Good(), At("inbound_endpoints", member), DecodeConfiguration);
    CheckRefused(Good(), {At("inbound_endpoints", member), nullptr}, DecodeConfiguration);
  }
  for (const char* path : {"", "a/b", "/a"}) {
    CheckRefused(Good(), {At("inbound_endpoints", "path"), path}, DecodeConfiguration);
  }
  for (const char* member : {"id", "delays_seconds", "attempts_max", "age_max_seconds",
                             "jitter_percent", "retry_after_max_seconds"}) {
    CheckRequired(Good(), At("retry_policies", member), DecodeConfiguration);
  }
}

TEST_CASE("a configuration with a member of another type is refused by its name") {
  for (const char* list : {"handlers", "endpoints", "inbound_endpoints", "retry_policies"}) {
    CheckMistyped(Good(), "/configuration/" + std::string(list), kNoLists, DecodeConfiguration);
  }
  CheckMistyped(Good(), At("retry_policies", "delays_seconds"), kNoLists, DecodeConfiguration);
  CheckMistyped(Good(), "/configuration/retry_policies/0/delays_seconds", {Json::array()},
                DecodeConfiguration);
  for (const char* member : {"id", "timeout_seconds", "retry_policy_id", "concurrency_max",
                             "capture_bytes_max", "handler_id"}) {
    CheckMistyped(Good(), At("endpoints", member), kNoIntegers, DecodeConfiguration);
  }
  for (const char* member :
       {"id", "attempts_max", "age_max_seconds", "jitter_percent", "retry_after_max_seconds"}) {
    CheckMistyped(Good(), At("retry_policies", member), kNoIntegers, DecodeConfiguration);
  }
  for (const char* member : {"code", "state", "held_reason", "target_hostname", "target_path"}) {
    CheckMistyped(Good(), At("endpoints", member), kNoTexts, DecodeConfiguration);
  }
  for (const char* member : {"capture_request", "capture_response"}) {
    CheckMistyped(Good(), At("endpoints", member), kNoFlags, DecodeConfiguration);
  }
  CheckMistyped(Good(), "/configuration/handlers/0/active", kNoFlags, DecodeConfiguration);
  CheckMistyped(Good(), "/unchanged", kNoFlags, DecodeConfiguration);
}

// Each of these would stop, spin or crash the engine if it came through.
TEST_CASE("numbers that the engine cannot work with are refused by their name") {
  const std::int64_t huge = 9223372036854775807;
  for (const auto& [pointer, value] : std::vector<Spoilt>{
           {"/configuration/endpoints/0/id", 0},
           {"/configuration/endpoints/0/id", std::int64_t{1} << 31},
           {"/configuration/endpoints/0/concurrency_max", 0},
           {"/configuration/endpoints/0/concurrency_max", std::int64_t{1} << 40},
           {"/configuration/endpoints/0/timeout_seconds", 0},
           {"/configuration/endpoints/0/timeout_seconds", huge},
           {"/configuration/endpoints/0/target_path", "hooks"},
           {"/configuration/endpoints/0/target_path", ""},
           {"/configuration/retry_policies/0/attempts_max", 0},
           {"/configuration/retry_policies/0/age_max_seconds", 0},
           {"/configuration/retry_policies/0/age_max_seconds", huge},
           {"/configuration/retry_policies/0/jitter_percent", 101},
           {"/configuration/retry_policies/0/retry_after_max_seconds", huge},
       }) {
    CheckRefused(Good(), {pointer, value}, DecodeConfiguration);
  }
  for (const Json& delay : std::vector<Json>{-1, huge, "5", nullptr, true, 1.5}) {
    Json json = Good();
    json["configuration"]["retry_policies"][0]["delays_seconds"][1] = delay;
    const auto decoded = DecodeConfiguration(json.dump());
    REQUIRE_FALSE(decoded.ok());
    CHECK(decoded.error().message.find("delays_seconds") != std::string::npos);
  }
}

TEST_CASE("zero is a fine delay, jitter, capture and Retry-After limit") {
  Json json = Good();
  json["configuration"]["endpoints"][0]["capture_bytes_max"] = 0;
  json["configuration"]["retry_policies"][0].update(
      {{"delays_seconds", {0}}, {"jitter_percent", 0}, {"retry_after_max_seconds", 0}});
  REQUIRE(SchemaErrors("configuration_answer", json.dump()) == "");
  CHECK(DecodeConfiguration(json.dump()).ok());
}

TEST_CASE("a configuration may be empty, and what a later addon adds is ignored") {
  Json json = Answer({{"unchanged", false},
                      {"configuration",
                       {{"revision", 0},
                        {"handlers", Json::array()},
                        {"endpoints", Json::array()},
                        {"inbound_endpoints", Json::array()},
                        {"retry_policies", Json::array()}}}});
  CHECK(DecodeConfiguration(json.dump()).ok());
  json = Good();
  json["later"] = 1;
  json["configuration"]["rules"] = Json::array();
  json["configuration"]["endpoints"][0]["later"] = nullptr;
  CHECK(DecodeConfiguration(json.dump()).ok());
}

TEST_CASE("decoding a configuration never throws") {
  CheckNeverThrows(Good().dump(), DecodeConfiguration);
}
