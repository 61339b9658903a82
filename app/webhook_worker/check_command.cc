// SPDX-License-Identifier: LGPL-3.0-or-later
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <vector>

#include "app/webhook_worker/check_gateway.h"
#include "app/webhook_worker/commands.h"
#include "app/webhook_worker/exit_code.h"
#include "app/webhook_worker/hello.h"
#include "lib/base/clock.h"
#include "lib/callback_host/library_check.h"
#include "lib/config/diagnosis.h"
#include "lib/secrets/key_ring.h"
#include "lib/signing/sealed_secret.h"

namespace webhook::app {
namespace {

std::string Fingerprint(const std::string& public_key) {
  return public_key.empty() ? "" : signing::KeyFingerprint(public_key);
}

config::HelloFacts Facts(const model::HelloAnswer& answer) {
  config::HelloFacts facts;
  facts.compatible = answer.compatible;
  facts.incompatible_message = answer.incompatible_message;
  facts.addon_version = answer.addon_version;
  facts.odoo_version = answer.odoo_version;
  facts.key_expires_at = answer.key_expires_at;
  facts.neutralized = answer.envelope.neutralized;
  facts.fingerprint = answer.envelope.fingerprint;
  facts.fingerprint_confirmed = answer.envelope.fingerprint_confirmed;
  facts.settlement_number = answer.envelope.settlement_number;
  facts.server_time = answer.envelope.server_time;
  facts.claim_batch_max = answer.claim_batch_max;
  facts.settle_batch_max = answer.settle_batch_max;
  facts.lease_seconds_max = answer.lease_seconds_max;
  facts.calls_in_flight_max = answer.calls_in_flight_max;
  facts.sealing_key_fingerprint = Fingerprint(answer.sealing_public_key);
  return facts;
}

int Report(const config::Findings& findings) {
  bool failed = false;
  for (const config::Finding& finding : findings) {
    fmt::print("{}\n", config::FindingText(finding));
    failed = failed || finding.severity == config::Severity::kError;
  }
  return failed ? kExitProblem : kExitOk;
}

// Says which shared objects of callbacks would not be loaded, and why.
bool ReportLibraries(const std::vector<std::string>& libraries) {
  bool fine = true;
  for (const std::string& path : libraries) {
    const auto refusal = callback_host::RefuseLibrary(path, geteuid());
    if (!refusal) continue;
    fmt::print("error: {}\n", *refusal);
    fine = false;
  }
  return fine;
}

// Says what the gateway would do, and why it would not start.
bool ReportGateway(const config::Config& config) {
  const GatewayReport report = CheckGateway(config);
  for (const std::string& line : report.lines) fmt::print("{}\n", line);
  for (const std::string& error : report.errors) fmt::print("error: {}\n", error);
  return report.errors.empty();
}

}  // namespace

// What this machine has by itself is looked at first, so that it is also said when Odoo is away.
int CheckCommand(const config::Config& config) {
  const base::SystemClock clock;
  const secrets::KeyRing keys(config.secrets.key_file, config.secrets.old_key_files);
  HelloOptions options;
  options.check_only = true;
  const bool gateway_is_fine = ReportGateway(config);
  const base::SteadyTime asked_at = clock.SteadyNow();
  const HelloResult result = SayHelloOnce(config, clock, options);
  if (!result.ok()) return Report({config::ExplainFault(result.error(), config)});
  config::LocalFacts local;
  local.now = clock.Now();
  local.round_trip = clock.SteadyNow() - asked_at;
  local.key_fingerprint = Fingerprint(keys.public_key());
  const model::HelloAnswer& answer = result.value();
  const config::HelloFacts facts = Facts(answer);
  fmt::print("{}\n", config::SealingKeyText(facts, local));
  const bool libraries_are_fine = ReportLibraries(config.callbacks.libraries);
  const int explained = Report(config::ExplainHello(facts, local, config));
  const int exit_code = libraries_are_fine && gateway_is_fine ? explained : kExitProblem;
  if (exit_code == kExitOk) {
    fmt::print("ready: Odoo {} at {}, database {}, addon {}, answered in {} ms\n",
               answer.odoo_version, config.odoo.url, config.odoo.database, answer.addon_version,
               local.round_trip.count());
  }
  return exit_code;
}

}  // namespace webhook::app
