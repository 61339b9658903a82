// SPDX-License-Identifier: LGPL-3.0-or-later
#include <doctest/doctest.h>

#include "lib/model/contract.h"
#include "tests/unit/model/answers.h"

using namespace webhook::model;
namespace base = webhook::base;
using Json = nlohmann::json;

namespace {

const Lease kLease{42, kOtherUid, JobKind::kEvent};

Json GoodDecision() {
  return Answer({{"status", "decided"},
                 {"message", "m"},
                 {"decision",
                  {{"outcome", "retry"},
                   {"seconds", 60},
                   {"note", "later"},
                   {"request",
                    {{"http_method", "put"},
                     {"target_path", "/b"},
                     {"headers", {{"A", "1"}}},
                     {"payload", "{}"}}}}}});
}

Json GoodRead() { return Answer({{"status", "read"}, {"records", "[{\"id\": 1}]"}}); }

std::string ReadRequest(const std::string& domain) {
  ReadAs read;
  read.model = "res.partner";
  read.operation = "search";
  read.domain = domain;
  return EncodeReadAs(kUid, kLease, read);
}

}  // namespace

TEST_CASE("a call of a Python handler fits its schema and says what it was given") {
  PythonCall call;
  call.lease = kLease;
  call.settlement_uid = kUid;
  call.otherwise.state = DeliveryState::kDeadLetter;
  call.otherwise.failure_reason = FailureReason::kCallback;
  const std::string least = EncodeRunPythonHandler(kUid, call);
  CHECK(SchemaErrors("run_python_handler_request", least) == "");
  CHECK(Json::parse(least).at("lease") ==
        Json({{"kind", "event"}, {"id", 42}, {"lease_token", kOtherUid}}));
  CHECK(Json::parse(least).at("otherwise") ==
        Json({{"state", "dead_letter"}, {"failure_reason", "callback"}}));
  call.otherwise.state = DeliveryState::kError;
  call.otherwise.next_attempt_at = base::FromUnixMs(1767225720000);
  call.next_attempt_at = base::FromUnixMs(1767225730000);
  const std::string most = EncodeRunPythonHandler(kUid, call);
  CHECK(SchemaErrors("run_python_handler_request", most) == "");
  CHECK(Json::parse(most).at("next_attempt_at_ms") == 1767225730000);
  CHECK(Json::parse(most).at("otherwise").at("next_attempt_at_ms") == 1767225720000);
}

TEST_CASE("the request that a delivery's callback sees goes along when rules changed it") {
  PythonCall call;
  call.lease = {7, kOtherUid, JobKind::kDelivery};
  call.settlement_uid = kUid;
  CHECK_FALSE(Json::parse(EncodeRunPythonHandler(kUid, call)).contains("request"));
  call.request = FrozenContent{"put", "/o\xC3\xBC", {{"X-A", "1"}}, "\xFF{}"};
  const std::string text = EncodeRunPythonHandler(kUid, call);
  CHECK(SchemaErrors("run_python_handler_request", text) == "");
  CHECK(IsAscii(text));
  const Json request = Json::parse(text).at("request");
  CHECK(request.at("http_method") == "put");
  CHECK(request.at("target_path") == "/o\xC3\xBC");
  CHECK(request.at("request_headers") == Json({{"X-A", "1"}}));
  CHECK(request.at("payload") == "\xEF\xBF\xBD{}");
  call.request->target_path.clear();
  CHECK_FALSE(
      Json::parse(EncodeRunPythonHandler(kUid, call)).at("request").contains("target_path"));
}

TEST_CASE("a decision is read member by member") {
  REQUIRE(SchemaErrors("run_python_handler_answer", GoodDecision().dump()) == "");
  const auto decoded = DecodeRunPythonHandler(GoodDecision().dump());
  REQUIRE(decoded.ok());
  CHECK_FALSE(decoded.value().settled.has_value());
  CHECK(decoded.value().message == "m");
  REQUIRE(decoded.value().decision.has_value());
  const PythonDecision& decision = *decoded.value().decision;
  CHECK(decision.outcome == PythonOutcome::kRetry);
  CHECK(decision.retry_after == std::chrono::seconds(60));
  CHECK(decision.note == "later");
  CHECK(decision.http_method == "put");
  CHECK(decision.target_path == "/b");
  CHECK(decision.headers == std::map<std::string, std::string>{{"A", "1"}});
  CHECK(decision.payload == "{}");
}

TEST_CASE("what a decision does not replace is not there") {
  Json json = GoodDecision();
  json["decision"] = {{"outcome", "send"}, {"request", Json::object()}};
  const auto decoded = DecodeRunPythonHandler(json.dump());
  REQUIRE(decoded.ok());
  const PythonDecision& decision = *decoded.value().decision;
  CHECK(decision.outcome == PythonOutcome::kSend);
  CHECK_FALSE(decision.http_method.has_value());
  CHECK_FALSE(decision.target_path.has_value());
  CHECK_FALSE(decision.headers.has_value());
  CHECK_FALSE(decision.payload.has_value());
}

TEST_CASE("a settled event has its status, and a refused one why") {
  const std::vector<std::pair<const char*, SettlementStatus>> statuses = {
      {"applied", SettlementStatus::kApplied},
      {"already_applied", SettlementStatus::kAlreadyApplied},
      {"superseded", SettlementStatus::kSuperseded},
      {"conflict", SettlementStatus::kConflict},
      {"failed", SettlementStatus::kFailed}};
  for (const auto& [text, status] : statuses) {
    const Json json = Answer({{"status", text}, {"category", "access"}, {"message", "no"}});
    REQUIRE(SchemaErrors("run_python_handler_answer", json.dump()) == "");
    const auto decoded = DecodeRunPythonHandler(json.dump());
    REQUIRE(decoded.ok());
    CHECK(decoded.value().settled == status);
    CHECK_FALSE(decoded.value().decision.has_value());
    CHECK(decoded.value().category == "access");
  }
}

TEST_CASE("an answer of a Python handler that is not what the contract says is refused") {
  for (const char* member : {"/status", "/decision", "/decision/outcome", "/fingerprint"}) {
    CheckRequired(GoodDecision(), member, DecodeRunPythonHandler);
  }
  for (const auto& [pointer, value] : std::vector<Spoilt>{{"/status", "done"},
                                                          {"/decision/outcome", "done"},
                                                          {"/decision/seconds", 31536001},
                                                          {"/decision/seconds", -1},
                                                          {"/decision/request", "x"},
                                                          {"/decision/request/http_method", "GET"},
                                                          {"/decision/request/headers", {{"A", 1}}},
                                                          {"/decision/request/payload", nullptr},
                                                          {"/message", 1}}) {
    CheckRefused(GoodDecision(), {pointer, value}, DecodeRunPythonHandler);
  }
  CheckNeverThrows(GoodDecision().dump(), DecodeRunPythonHandler);
}

TEST_CASE("a read fits its schema, with and without its optional members") {
  ReadAs read;
  read.model = "res.partner";
  read.operation = "search_read";
  const std::string least = EncodeReadAs(kUid, kLease, read);
  CHECK(SchemaErrors("read_as_request", least) == "");
  CHECK(Json::parse(least).size() == 4);
  read.domain = R"([["name", "=", "Zo\u00eb \ud83d\ude00"], ["x", ">", 1.10]])";
  read.record_ids = {1, 2};
  read.fields = {"name"};
  read.order = "name desc";
  read.limit = 5000;
  const std::string most = EncodeReadAs(kUid, kLease, read);
  CHECK(SchemaErrors("read_as_request", most) == "");
  CHECK(IsAscii(most));
  CHECK(most.find("1.10") != std::string::npos);
  const Json json = Json::parse(most);
  CHECK(json.at("domain") == Json::parse(read.domain));
  CHECK(json.at("record_ids") == Json({1, 2}));
  CHECK(json.at("fields") == Json({"name"}));
  CHECK(json.at("order") == "name desc");
  CHECK(json.at("limit") == 1000);
  CHECK(SchemaErrors("read_as_request", ReadRequest("[]")) == "");
}

TEST_CASE("a domain that is no JSON list never becomes one that finds everything") {
  for (const char* domain : {"[", "null", "{}", " ", "[['name', '=', 'x']]", "[1] []",
                             "],\"model\":\"res.users\",\"x\":[", "\xFF"}) {
    CAPTURE(domain);
    const std::string text = ReadRequest(domain);
    REQUIRE(IsAscii(text));
    CHECK(Json::parse(text).at("domain").is_string());
    CHECK(Json::parse(text).at("model") == "res.partner");
    CHECK(SchemaErrors("read_as_request", text) != "");  // Odoo refuses it
  }
}

TEST_CASE("what was read, or why it was not") {
  REQUIRE(SchemaErrors("read_as_answer", GoodRead().dump()) == "");
  const auto read = DecodeReadAs(GoodRead().dump());
  REQUIRE(read.ok());
  CHECK(read.value().ok);
  CHECK(read.value().records == "[{\"id\": 1}]");
  const Json refused = Answer({{"status", "failed"}, {"category", "access"}, {"message", "no"}});
  REQUIRE(SchemaErrors("read_as_answer", refused.dump()) == "");
  const auto failed = DecodeReadAs(refused.dump());
  REQUIRE(failed.ok());
  CHECK_FALSE(failed.value().ok);
  CHECK(failed.value().category == "access");
  CHECK(failed.value().message == "no");
  for (const char* member : {"/status", "/records", "/fingerprint"}) {
    CheckRequired(GoodRead(), member, DecodeReadAs);
  }
  CheckMistyped(GoodRead(), "/records", kNoTexts, DecodeReadAs);
  CheckRefused(GoodRead(), {"/status", "ok"}, DecodeReadAs);
  CheckNeverThrows(GoodRead().dump(), DecodeReadAs);
}
