// SPDX-License-Identifier: LGPL-3.0-or-later
#include "tests/integration/gateway/worker_setup.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <fstream>

#include "app/webhook_worker/send_once.h"
#include "lib/inbound/presets.h"
#include "lib/inbound/sample_request.h"
#include "lib/model/value.h"
#include "tests/fakes/fake_secrets.h"

namespace webhook::gateway_test {
namespace {

constexpr const char* kSecret = "whsec_of_the_test";

// The preset's endpoint as the configuration document has it: with ids.
std::string EndpointDetails() {
  for (const inbound::PresetFile& file : inbound::BundledPresetFiles()) {
    if (file.name != "stripe.json") continue;
    model::Value endpoint = *model::ParseJson(file.json).value().Find("endpoint");
    const auto number = [](model::Value& rows) {
      for (model::Value& row : *rows.list()) row.Set("id", model::Value::Integer(1));
    };
    for (model::Member& member : *endpoint.object()) {
      if (member.value.list() != nullptr) number(member.value);
      if (member.key != "verification") continue;
      for (model::Member& inner : *member.value.object()) {
        if (inner.key == "parts") number(inner.value);
      }
    }
    return model::DumpJson(endpoint);
  }
  FAIL("no preset of Stripe");
  return "";
}

delivery::HttpReply Exchange(delivery::HttpRequest request) {
  const base::SystemClock clock;
  const delivery::HttpResult result = app::SendOnce(std::move(request), "", clock);
  REQUIRE_MESSAGE(result.ok(), result.error().detail);
  return result.value();
}

constexpr base::Milliseconds kTimeout{20000};
constexpr std::size_t kReplyBytesMax = 1U << 20;

}  // namespace

WorkerSetup::WorkerSetup()
    : odoo_(clock_), environment_{"WEBHOOK_SECRET_T=" + std::string(kSecret)} {
  embedded::InboundEndpoint endpoint;
  endpoint.path = "stripe";
  endpoint.details_json = EndpointDetails();
  const std::int64_t id = odoo_.AddInboundEndpoint(endpoint);
  embedded::InboundEndpoint draft;
  draft.path = "draft";
  draft.state = "draft";
  draft.details_json = endpoint.details_json;
  for (const std::int64_t owner : {id, odoo_.AddInboundEndpoint(draft)}) {
    embedded::Secret secret;
    secret.inbound_endpoint_id = owner;
    secret.value = "env:WEBHOOK_SECRET_T";
    odoo_.AddSecret(secret);
  }
  StartOdoo();
  std::ofstream(File("key")) << "worker-key\n";
  chmod(File("key").c_str(), 0600);
}

void WorkerSetup::StartOdoo() {
  embedded::HttpFaceOptions options;
  options.port = port_;
  face_ = std::make_unique<embedded::HttpFace>(odoo_, options);
  url_ = face_->url();
  port_ = std::stoi(url_.substr(url_.rfind(':') + 1));
}

std::size_t WorkerSetup::EventCount() {
  std::size_t count = 0;
  face_->Locked([&](embedded::EmbeddedOdoo& odoo) { count = odoo.events().size(); });
  return count;
}

std::string WorkerSetup::Config(const std::string& more) {
  const std::string path = File("worker.toml");
  std::ofstream(path) << fmt::format(
      "[odoo]\nurl = '{}'\ndatabase = 'webhook'\napi_key_file = '{}'\nprotocol = 'json2'\n"
      "[worker]\nname = 'test'\njournal = '{}'\nshutdown_grace_seconds = 5\n"
      "[log]\nlevel = 'debug'\n"
      "{}",
      url_, File("key"), File("journal.sqlite"), more);
  return path;
}

inbound::RequestParts WorkerSetup::Sample(const std::string& gateway_url) {
  const std::vector<inbound::Preset> presets = inbound::BundledPresets();
  const auto found = inbound::FindSample(presets, "stripe.invoice.paid");
  REQUIRE(found.ok());
  fakes::FakeSecrets secrets;
  secrets.values["it"] = kSecret;
  model::InboundEndpoint endpoint = found.value().preset->endpoint;
  endpoint.secrets.push_back({1, model::SecretPurpose::kSigning, "it"});
  const auto compiled = inbound::CompileInbound(endpoint, secrets, clock_.Now());
  auto made = inbound::MakeSampleRequest(compiled, found.value(),
                                         {fmt::format("0193a2b4-0000-7000-8000-{:012}", ++samples_),
                                          gateway_url + "/webhooks/in/stripe", clock_.Now()});
  REQUIRE_MESSAGE(made.ok(), made.error());
  return std::move(made).value();
}

delivery::HttpReply Get(const std::string& url) {
  return Exchange({"GET", url, {}, "", kTimeout, kReplyBytesMax});
}

delivery::HttpReply Send(const inbound::RequestParts& request) {
  return Exchange(
      {request.method, request.url, request.headers, request.body, kTimeout, kReplyBytesMax});
}

Ended Run(const WorkerSetup& setup, const std::vector<std::string>& arguments) {
  WorkerProcess process(arguments, setup.environment());
  const int exit_code = process.Wait();
  return {exit_code, process.output()};
}

bool Has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace webhook::gateway_test
