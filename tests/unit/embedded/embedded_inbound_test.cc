// SPDX-License-Identifier: LGPL-3.0-or-later
// The inbound half of the double, called with what the worker itself writes and reads.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "lib/base/base64.h"
#include "lib/model/contract.h"
#include "rpc/embedded/embedded_odoo.h"
#include "tests/fakes/fake_clock.h"

namespace webhook::embedded {
namespace {

using delivery::ContractMethod;

constexpr const char* kWorker = "00000000-0000-7000-8000-000000000001";
constexpr const char* kToken = "00000000-0000-7000-8000-000000000002";
constexpr const char* kOtherToken = "00000000-0000-7000-8000-000000000003";

model::HelloRequest Hello() {
  model::HelloRequest request;
  request.worker_uid = kWorker;
  request.name = "w";
  request.version = "1";
  request.host = "h";
  return request;
}

struct Fixture {
  fakes::FakeClock clock;
  EmbeddedOdoo odoo{clock};
  std::int64_t endpoint = odoo.AddInboundEndpoint({.path = "shop"});

  Fixture() { Call(ContractMethod::kHello, model::EncodeHello(Hello())); }

  std::string Call(ContractMethod method, const std::string& request) {
    auto answer = odoo.Handle(method, request);
    REQUIRE_MESSAGE(answer.ok(), answer.error().detail);
    return answer.value();
  }

  model::ClaimAnswer Claim(model::Work work, const std::string& token = kToken) {
    model::ClaimRequest request;
    request.worker_uid = kWorker;
    request.claim_token = token;
    request.limit = 10;
    request.lease = std::chrono::seconds(60);
    request.takeover = true;
    request.work = work;
    if (work == model::Work::kEvents) request.quotas = {{endpoint, 10}};
    const auto answer = model::DecodeClaim(Call(ContractMethod::kClaim, EncodeClaim(request)));
    REQUIRE_MESSAGE(answer.ok(), answer.error().message);
    return answer.value();
  }

  model::IngestStatus Ingest(const model::IngestedEvent& event) {
    const std::string text = model::EncodeIngestedEvent(event);
    const auto answer = model::DecodeIngest(
        Call(ContractMethod::kIngest, model::EncodeIngest({kWorker, {text}, {}, {}})));
    REQUIRE_MESSAGE(answer.ok(), answer.error().message);
    return answer.value().results.at(0).status;
  }

  model::IngestedEvent MakeEvent(const char* uid) const {
    model::IngestedEvent event;
    event.event_uid = uid;
    event.endpoint_id = endpoint;
    event.received_at = clock.Now();
    return event;
  }
};

TEST_CASE_FIXTURE(Fixture, "an event that a gateway wrote comes back as it was") {
  model::IngestedEvent event = MakeEvent(kToken);
  for (int i = 0; i < 100'000; ++i) event.body += static_cast<char>(i);
  event.headers = {{"x-name", "\xC3\xBC"}};
  event.query = {{"q", "1"}};
  event.identity_key = "D-1";
  event.resolved_values = {{"id", "1.10"}};
  event.semantics = {{"topic", "paid"}};
  event.payload = "{}";
  event.files = {{"f", "a.txt", "text/plain", "hello"}};
  event.remote_address = "192.0.2.7";
  CHECK(Ingest(event) == model::IngestStatus::kIngested);
  CHECK(Ingest(event) == model::IngestStatus::kAlreadyIngested);

  const model::ClaimAnswer answer = Claim(model::Work::kEvents);
  REQUIRE(answer.events.size() == 1);
  const model::Event& claimed = answer.events[0];
  CHECK(claimed.event_uid == kToken);
  CHECK(claimed.body == event.body);
  CHECK(claimed.headers == event.headers);
  CHECK(claimed.query == event.query);
  CHECK(claimed.resolved_values == R"({"id":"1.10"})");
  CHECK(claimed.semantics == event.semantics);

  const Event& kept = odoo.events().at(0);
  CHECK(kept.payload == "{}");
  CHECK(kept.remote_address == "192.0.2.7");
  REQUIRE(kept.files.size() == 1);
  CHECK(kept.files[0].content_base64 == base::EncodeBase64("hello"));

  event.event_uid = kOtherToken;
  CHECK(Ingest(event) == model::IngestStatus::kDuplicate);
  CHECK(kept.duplicate_count == 1);
}

TEST_CASE_FIXTURE(Fixture, "a row of the intake waits until it is ingested") {
  CHECK_FALSE(Claim(model::Work::kEvents).intake_waiting);
  const auto id = odoo.AddIntake({.endpoint_id = endpoint,
                                  .remote_address = "192.0.2.7",
                                  .headers = {{"x-name", "1"}},
                                  .body_base64 = base::EncodeBase64("{}")});
  CHECK(Claim(model::Work::kEvents).intake_waiting);
  const model::ClaimAnswer answer = Claim(model::Work::kIntake);
  REQUIRE(answer.intake.size() == 1);
  const model::IntakeRow& row = answer.intake[0];
  CHECK(row.id == id);
  CHECK(row.event_uid == odoo.intake().at(id).event_uid);
  CHECK(row.received_at == clock.Now());
  CHECK(row.body == "{}");
  CHECK(Claim(model::Work::kIntake, kOtherToken).intake.empty());
  clock.Advance(base::Milliseconds(60'000));
  CHECK(Claim(model::Work::kIntake, kOtherToken).intake.size() == 1);

  model::IngestedEvent event = MakeEvent(row.event_uid.c_str());
  event.intake_id = row.id;
  event.endpoint_id = 99;
  CHECK(Ingest(event) == model::IngestStatus::kFailed);
  CHECK(odoo.intake().size() == 1);
  event.endpoint_id = endpoint;
  CHECK(Ingest(event) == model::IngestStatus::kIngested);
  CHECK(odoo.intake().empty());
  // Its id is nobody's again.
  CHECK(odoo.AddIntake({.endpoint_id = endpoint}) > id);
}

TEST_CASE_FIXTURE(Fixture, "an inbound endpoint is told with its secrets and what it was given") {
  InboundEndpoint given{.id = endpoint, .path = "shop", .ordered = true};
  given.details_json = R"({"verification": {"mode": "standard_webhooks"}})";
  odoo.AddInboundEndpoint(given);
  odoo.AddSecret({.inbound_endpoint_id = endpoint, .purpose = "challenge_token", .value = "env:A"});
  odoo.AddSecret({.endpoint_id = endpoint, .value = "env:B"});
  const auto answer = model::DecodeConfiguration(Call(
      ContractMethod::kConfiguration, model::EncodeConfigurationRequest(kWorker, std::nullopt)));
  REQUIRE_MESSAGE(answer.ok(), answer.error().message);
  const auto& told = answer.value().configuration->inbound_endpoints.at(endpoint);
  CHECK(told.ordered);
  CHECK(told.verification.mode == model::VerificationMode::kStandardWebhooks);
  REQUIRE(told.secrets.size() == 1);
  CHECK(told.secrets[0].purpose == model::SecretPurpose::kChallengeToken);
}

TEST_CASE_FIXTURE(Fixture, "what a gateway says of itself can be read") {
  model::HelloRequest hello = Hello();
  hello.gateway_url = "https://hooks.example.com";
  hello.inbox = model::InboxState{.event_count = 3};
  Call(ContractMethod::kHello, model::EncodeHello(hello));
  CHECK(odoo.workers().at(kWorker).gateway_url == hello.gateway_url);
  CHECK(nlohmann::json::parse(odoo.workers().at(kWorker).inbox_json)["event_count"] == 3);
}

TEST_CASE_FIXTURE(Fixture, "counts are added where they belong") {
  CHECK(Ingest(MakeEvent(kToken)) == model::IngestStatus::kIngested);
  for (int i = 0; i < 2; ++i) {
    Call(ContractMethod::kIngest,
         model::EncodeIngest({kWorker, {}, {{kToken, 2}}, {{endpoint, "signature", 5}}}));
  }
  CHECK(odoo.events().at(0).duplicate_count == 4);
  CHECK(odoo.rejected_counts().at({endpoint, "signature"}) == 10);
}

}  // namespace
}  // namespace webhook::embedded
