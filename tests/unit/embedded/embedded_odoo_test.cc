// SPDX-License-Identifier: LGPL-3.0-or-later
#include "rpc/embedded/embedded_odoo.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "tests/fakes/fake_clock.h"

namespace webhook::embedded {
namespace {

using delivery::ContractMethod;
using nlohmann::json;

constexpr const char* kWorker = "00000000-0000-7000-8000-000000000001";
constexpr const char* kToken = "00000000-0000-7000-8000-000000000002";
constexpr const char* kOtherToken = "00000000-0000-7000-8000-000000000006";

struct Fixture {
  fakes::FakeClock clock;
  EmbeddedOdoo odoo{clock};
  std::int64_t endpoint = odoo.AddEndpoint({.code = "shop"});

  Fixture() { Call(ContractMethod::kHello, HelloRequest()); }

  json Call(ContractMethod method, const json& request) {
    auto answer = odoo.Handle(method, request.dump());
    REQUIRE(answer.ok());
    return json::parse(answer.value());
  }

  json Claim(const std::string& token = kToken) {
    return Call(ContractMethod::kClaim, {{"worker_uid", kWorker},
                                         {"claim_token", token},
                                         {"limit", 10},
                                         {"lease_seconds", 60},
                                         {"takeover", true},
                                         {"quotas", {{{"endpoint_id", endpoint}, {"free", 10}}}}});
  }

  static json HelloRequest() {
    return {{"contract_version", 1},  {"worker_uid", kWorker}, {"name", "w"},
            {"version", "1"},         {"host", "h"},           {"callbacks", json::array()},
            {"journal_healthy", true}};
  }
};

constexpr const char* kUid = "00000000-0000-7000-8000-000000000004";
constexpr const char* kOther = "00000000-0000-7000-8000-000000000005";

// One event under a lease.
struct EventFixture : Fixture {
  std::int64_t inbound = odoo.AddInboundEndpoint({.path = "shop"});
  std::int64_t event_id = odoo.ReceiveEvent(inbound, "{}");
  json row = ClaimEvents(kToken)["events"][0];

  json ClaimEvents(const std::string& token) {
    return Call(ContractMethod::kClaim, {{"worker_uid", kWorker},
                                         {"claim_token", token},
                                         {"limit", 10},
                                         {"lease_seconds", 60},
                                         {"takeover", true},
                                         {"work", "events"},
                                         {"quotas", {{{"endpoint_id", inbound}, {"free", 10}}}}});
  }

  static json LeaseOf(const json& row, const char* kind) {
    return {{"kind", kind}, {"id", row["id"]}, {"lease_token", row["lease_token"]}};
  }

  // The result of the event's settlement as done, with these members besides.
  json Settle(const json& members) {
    json item = LeaseOf(row, "event");
    item.update({{"settlement_uid", kUid}, {"outcome", "done"}, {"state", "done"}});
    item.update(members);
    return Call(ContractMethod::kSettle,
                {{"worker_uid", kWorker}, {"settlements", {item}}})["results"][0];
  }
};

TEST_CASE_FIXTURE(Fixture, "a delivery is queued once per endpoint and identity key") {
  const auto first = odoo.QueueDelivery(endpoint, "1", {.identity_key = "order-7"});
  CHECK(odoo.QueueDelivery(endpoint, "2", {.identity_key = "order-7"}) == first);
  CHECK(odoo.QueueDelivery(odoo.AddEndpoint({.code = "other"}), "3", {.identity_key = "order-7"}) !=
        first);
  CHECK(odoo.QueueDelivery(endpoint, "4") != odoo.QueueDelivery(endpoint, "4"));
  REQUIRE(odoo.deliveries().size() == 4);
  CHECK(odoo.deliveries()[0].payload == "1");
}

TEST_CASE_FIXTURE(Fixture, "leases end on the clock that was handed in") {
  odoo.QueueDelivery(endpoint, "{}");
  const std::int64_t now_ms = base::ToUnixMs(clock.Now());
  CHECK(Claim()["deliveries"][0]["lease_expires_at_ms"] == now_ms + 60'000);
  clock.Advance(base::Milliseconds(59'999));
  const std::string other = "00000000-0000-7000-8000-000000000003";
  CHECK(Claim(other)["deliveries"].empty());
  clock.Advance(base::Milliseconds(1));
  const json taken = Claim(other);
  CHECK(taken["interrupted"] == 1);
  CHECK(taken["deliveries"].size() == 1);
  CHECK(taken["server_time_ms"] == now_ms + 60'000);
}

TEST_CASE_FIXTURE(Fixture, "a failed delivery is due to the millisecond") {
  const auto id = odoo.QueueDelivery(endpoint, "{}");
  odoo.EditDelivery(id).next_attempt_at_ms = base::ToUnixMs(clock.Now()) + 500;
  clock.Advance(base::Milliseconds(499));
  CHECK(Claim()["deliveries"].empty());
  clock.Advance(base::Milliseconds(1));
  CHECK(Claim()["deliveries"].size() == 1);
}

TEST_CASE_FIXTURE(Fixture, "an older copy shows in the settlement number") {
  const json settle = {{"worker_uid", kWorker}, {"settlements", json::array()}};
  Call(ContractMethod::kSettle, settle);
  odoo.SetSettlementNumber(41);
  CHECK(Call(ContractMethod::kSettle, settle)["settlement_number"] == 42);
}

TEST_CASE("a database nobody said hello to hands out nothing") {
  fakes::FakeClock clock;
  EmbeddedOdoo odoo(clock);
  const auto endpoint = odoo.AddEndpoint({.code = "shop"});
  odoo.QueueDelivery(endpoint, "{}");
  const json claim = {
      {"worker_uid", kWorker}, {"claim_token", kToken},
      {"limit", 10},           {"lease_seconds", 60},
      {"takeover", true},      {"quotas", {{{"endpoint_id", endpoint}, {"free", 1}}}}};
  auto answer = json::parse(odoo.Handle(ContractMethod::kClaim, claim.dump()).value());
  CHECK_FALSE(answer["fingerprint_confirmed"]);
  CHECK(answer["deliveries"].empty());
  REQUIRE(odoo.Handle(ContractMethod::kHello, Fixture::HelloRequest().dump()).ok());
  answer = json::parse(odoo.Handle(ContractMethod::kClaim, claim.dump()).value());
  CHECK(answer["deliveries"].size() == 1);
}

TEST_CASE("the same seed gives the same ids") {
  fakes::FakeClock clock;
  EmbeddedOdoo one(clock, 7), same(clock, 7), other(clock, 8);
  for (EmbeddedOdoo* odoo : {&one, &same, &other})
    odoo->QueueDelivery(odoo->AddEndpoint({.code = "shop"}), "{}");
  CHECK(one.deliveries()[0].delivery_uid == same.deliveries()[0].delivery_uid);
  CHECK(one.fingerprint() == same.fingerprint());
  CHECK(one.fingerprint() != other.fingerprint());
}

TEST_CASE_FIXTURE(Fixture, "a request that is no ASCII JSON text is refused") {
  for (const std::string text : {"", "{", "[]", "\"x\"", "{\"worker_uid\": \"\xC3\xBC\"}"}) {
    CAPTURE(text);
    const auto answer = odoo.Handle(ContractMethod::kConfiguration, text);
    REQUIRE_FALSE(answer.ok());
    CHECK(answer.error().kind == delivery::RpcFaultKind::kRejected);
  }
}

TEST_CASE_FIXTURE(EventFixture, "operations are kept in their order and never interpreted") {
  const json first = {{"operation", "create"}, {"model", "no.such"}, {"values", {{"a", 1.5}}}};
  const json second = {{"operation", "create"}, {"model", "other"}, {"values", json::object()}};
  CHECK(Settle({{"operations", {first, second}}})["status"] == "applied");
  REQUIRE(odoo.operations().size() == 2);
  CHECK(json::parse(odoo.operations()[0].json) == first);
  CHECK(json::parse(odoo.operations()[1].json) == second);
  CHECK(odoo.operations()[0].kind == JobKind::kEvent);
  CHECK(odoo.operations()[0].job_id == row["id"]);
}

TEST_CASE_FIXTURE(EventFixture,
                  "a refused operation comes to its otherwise, a conflict to nothing") {
  const json item = {
      {"operations", {{{"operation", "create"}, {"model", "m"}, {"values", json::object()}}}},
      {"otherwise",
       {{"state", "error"}, {"failure_reason", "record_operation"}, {"next_attempt_at_ms", 5}}}};
  odoo.Refuse("m", "conflict");
  CHECK(Settle(item) == json{{"settlement_uid", kUid}, {"status", "conflict"}});
  CHECK(odoo.events()[0].state == "processing");
  odoo.Refuse("m", "validation");
  const json refused = Settle(item);
  CHECK(refused["status"] == "applied");
  CHECK(refused["category"] == "validation");
  CHECK(odoo.events()[0].state == "error");
  CHECK(odoo.events()[0].attempt_count == 1);
  CHECK(odoo.operations().empty());
  odoo.Refuse("m", "");
  row = ClaimEvents(kOther)["events"][0];
  json again = item;
  again["settlement_uid"] = kOther;
  CHECK(Settle(again)["status"] == "applied");
  CHECK(odoo.operations().size() == 1);
}

TEST_CASE_FIXTURE(EventFixture, "a Python callback comes to what the test said") {
  const auto run = [&](const json& lease) {
    return Call(ContractMethod::kRunPythonHandler,
                {{"worker_uid", kWorker},
                 {"lease", lease},
                 {"settlement_uid", kUid},
                 {"otherwise", {{"state", "dead_letter"}, {"failure_reason", "callback"}}}});
  };
  odoo.SetPythonAnswer(R"({"status": "applied", "category": "validation", "message": "no",
                           "settlement": {"outcome": "dead_letter", "state": "dead_letter"}})");
  const json answer = run(LeaseOf(row, "event"));
  CHECK(answer["status"] == "applied");
  CHECK(answer["category"] == "validation");
  CHECK(odoo.events()[0].state == "dead_letter");
  CHECK(run(LeaseOf(row, "event"))["status"] == "already_applied");
  odoo.QueueDelivery(endpoint, "{}");
  const json delivery = LeaseOf(Claim()["deliveries"][0], "delivery");
  odoo.SetPythonAnswer(R"({"status": "decided", "decision": {"outcome": "cancel"}})");
  CHECK(run(delivery)["decision"]["outcome"] == "cancel");
  CHECK(odoo.deliveries()[0].state == "processing");
}

TEST_CASE_FIXTURE(EventFixture, "what is read is what the test said") {
  odoo.SetReadAnswer(R"({"status": "read", "records": "7"})");
  const json answer = Call(ContractMethod::kReadAs, {{"worker_uid", kWorker},
                                                     {"lease", LeaseOf(row, "event")},
                                                     {"model", "m"},
                                                     {"operation", "search_count"}});
  CHECK(answer["records"] == "7");
}

TEST_CASE_FIXTURE(Fixture, "a handler is told with the rules that it was given") {
  odoo.AddHandler({.code = "orders", .details_json = R"({"direction": "inbound", "rules": []})"});
  const json told = Call(ContractMethod::kConfiguration, {{"worker_uid", kWorker}});
  const json handler = told["configuration"]["handlers"][0];
  CHECK(handler["direction"] == "inbound");
  CHECK(handler["rules"] == json::array());
  CHECK(Shapes().Misfit("configuration_answer", told) == "");
}

TEST_CASE_FIXTURE(Fixture, "what rules need comes with a delivery") {
  const auto handler = odoo.AddHandler({.code = "h"});
  odoo.AddEndpoint({.id = endpoint, .code = "shop", .handler_id = handler});
  odoo.QueueDelivery(endpoint, "{}", {.context_values = "{\"a\":1}", .field_values = "{}"});
  const json row = Claim()["deliveries"][0];
  CHECK(row["handler_id"] == handler);
  CHECK(row["context_values"] == "{\"a\":1}");
  CHECK(row["field_values"] == "{}");
}

TEST_CASE_FIXTURE(Fixture, "an endpoint is told with its secrets and what it was given") {
  const json details = {{"rate_limit", {{"count", 5}, {"period_seconds", 1}}},
                        {"signature", {{"mode", "standard_webhooks"}}}};
  odoo.AddEndpoint({.id = endpoint, .code = "shop", .details_json = details.dump()});
  const auto secret = odoo.AddSecret({.endpoint_id = endpoint, .value = "env:A"});
  odoo.AddSecret({.endpoint_id = odoo.AddEndpoint({.code = "other"}), .value = "env:B"});
  const json told = Call(ContractMethod::kConfiguration, {{"worker_uid", kWorker}});
  const json document = told["configuration"]["endpoints"][0];
  CHECK(document["rate_limit"] == details["rate_limit"]);
  CHECK(document["signature"] == details["signature"]);
  CHECK(document["secrets"] ==
        json::array({{{"id", secret}, {"purpose", "signing"}, {"value", "env:A"}}}));
  CHECK(Shapes().Misfit("configuration_answer", told) == "");
}

TEST_CASE_FIXTURE(Fixture, "lanes, files and expiry come with a delivery") {
  const std::int64_t later_ms = base::ToUnixMs(clock.Now()) + 1000;
  const auto first = odoo.QueueDelivery(endpoint, "{}",
                                        {.lane = "a",
                                         .body_mode = "multipart",
                                         .files = {{"f", "a.txt", "text/plain", "YQ=="}},
                                         .expires_at_ms = later_ms});
  const auto second = odoo.QueueDelivery(endpoint, "{}", {.lane = "a"});
  const json answer = Claim();
  CHECK(Shapes().Misfit("claim_answer", answer) == "");
  CHECK(answer["workers_alive"] == 1);
  const json rows = answer["deliveries"];
  REQUIRE(rows.size() == 2);
  CHECK(rows[0]["id"] == first);
  CHECK(rows[1]["id"] == second);
  CHECK(rows[0]["request_body_mode"] == "multipart");
  CHECK(rows[0]["files"][0]["content_base64"] == "YQ==");
  CHECK(rows[0]["expires_at_ms"] == later_ms);
  CHECK_FALSE(rows[1].contains("files"));
  CHECK(Claim(kOtherToken)["deliveries"].empty());
}

TEST_CASE_FIXTURE(Fixture, "workers count as alive for a minute") {
  json other = HelloRequest();
  other["worker_uid"] = kOtherToken;
  Call(ContractMethod::kHello, other);
  CHECK(Claim()["workers_alive"] == 2);
  clock.Advance(base::Milliseconds(60'000));
  CHECK(Claim()["workers_alive"] == 1);
  odoo.ForgetWorkers();
  CHECK(Claim()["workers_alive"] == 1);
}

TEST_CASE("method names go both ways") {
  for (const char* name :
       {"hello", "configuration", "report_findings", "claim", "renew", "release", "settle",
        "ingest", "run_python_handler", "read_as", "answer_probe", "reseal"}) {
    const auto method = MethodOfName(name);
    REQUIRE(method);
    CHECK(MethodName(*method) == name);
  }
  CHECK_FALSE(MethodOfName("echo"));
}

}  // namespace
}  // namespace webhook::embedded
