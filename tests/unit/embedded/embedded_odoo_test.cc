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

TEST_CASE("method names go both ways") {
  for (const char* name : {"hello", "configuration", "claim", "renew", "release", "settle"}) {
    const auto method = MethodOfName(name);
    REQUIRE(method);
    CHECK(MethodName(*method) == name);
  }
  CHECK_FALSE(MethodOfName("echo"));
}

}  // namespace
}  // namespace webhook::embedded
