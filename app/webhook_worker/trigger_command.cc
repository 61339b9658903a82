// SPDX-License-Identifier: LGPL-3.0-or-later
#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "app/webhook_worker/commands.h"
#include "app/webhook_worker/engine_options.h"
#include "app/webhook_worker/exit_code.h"
#include "app/webhook_worker/odoo_configuration.h"
#include "app/webhook_worker/send_once.h"
#include "app/webhook_worker/trigger_request.h"
#include "lib/base/clock.h"
#include "lib/base/random.h"
#include "lib/base/text.h"
#include "lib/base/uuid.h"
#include "lib/config/diagnosis.h"
#include "lib/secrets/worker_secrets.h"

namespace webhook::app {
namespace {

constexpr base::Milliseconds kSendTimeout{30000};
constexpr std::size_t kAnswerBytesMax = 65'536;

int Refuse(int exit_code, const std::string& sentence) {
  fmt::print(stderr, "webhook-worker: {}\n", sentence);
  return exit_code;
}

int Send(const inbound::RequestParts& request, const config::Config& config,
         const base::Clock& clock) {
  fmt::print("POST {} ({} bytes)\n", request.url, request.body.size());
  const delivery::HttpResult result = SendOnce(
      {request.method, request.url, request.headers, request.body, kSendTimeout, kAnswerBytesMax},
      config.transport.ca_file, clock);
  if (!result.ok()) {
    return Refuse(kExitProblem, fmt::format("the gateway was not reached at {}: {}; is the worker "
                                            "running? --url names another address",
                                            request.url, result.error().detail));
  }
  const delivery::HttpReply& reply = result.value();
  fmt::print("{}\n{}\n", reply.status_code, base::PrintableText(reply.body, kAnswerBytesMax));
  if (reply.status_code >= 200 && reply.status_code < 300) return kExitOk;
  if (const std::string advice = Advice(reply.status_code); !advice.empty()) {
    fmt::print(stderr, "webhook-worker: {}\n", advice);
  }
  return kExitProblem;
}

void NoteInactive(const model::InboundEndpoint& endpoint) {
  if (endpoint.active) return;
  fmt::print(stderr, "webhook-worker: note: {} is not active in Odoo: the gateway answers 404\n",
             endpoint.path);
}

}  // namespace

int ListSamplesCommand() {
  for (const inbound::Preset& preset : inbound::BundledPresets()) {
    fmt::print("{}: {}\n", preset.label, preset.documentation);
    for (const inbound::PresetSample& sample : preset.samples) {
      fmt::print("  {}.{}\n", preset.name, sample.name);
    }
  }
  return kExitOk;
}

int TriggerCommand(const TriggerOptions& options, const config::Config& config) {
  const base::SystemClock clock;
  base::SystemRandom random;
  const std::vector<inbound::Preset> presets = inbound::BundledPresets();
  const auto sample = inbound::FindSample(presets, options.sample);
  if (!sample.ok()) return Refuse(kExitUsage, options.sample + ": " + sample.error());
  const auto urls = UrlsOf(config.gateway, options.url);
  if (!urls.ok()) return Refuse(kExitUsage, urls.error());
  const auto configuration = FetchConfiguration(config, clock);
  if (!configuration.ok()) {
    return Refuse(kExitProblem,
                  config::FindingText(config::ExplainFault(configuration.error(), config)));
  }
  const auto endpoint = EndpointWithPath(configuration.value(), options.endpoint_path);
  if (!endpoint.ok()) return Refuse(kExitProblem, endpoint.error());
  secrets::WorkerSecrets secrets(SecretsOptions(config.secrets));
  const base::WallTime now = clock.Now();
  const auto request = TriggerRequest(
      endpoint.value(), secrets, {sample.value(), base::MakeUuid7(now, random), now}, urls.value());
  if (!request.ok()) return Refuse(kExitProblem, request.error().sentence);
  NoteInactive(endpoint.value());
  if (options.print_only) {
    fmt::print("{}", RequestText(request.value(), endpoint.value()));
    return kExitOk;
  }
  return Send(request.value(), config, clock);
}

}  // namespace webhook::app
