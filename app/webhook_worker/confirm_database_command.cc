// SPDX-License-Identifier: LGPL-3.0-or-later
#include <fmt/format.h>

#include "app/webhook_worker/commands.h"
#include "app/webhook_worker/exit_code.h"
#include "app/webhook_worker/hello.h"
#include "app/webhook_worker/worker_identity.h"
#include "lib/base/clock.h"
#include "lib/base/random.h"
#include "lib/config/diagnosis.h"
#include "lib/delivery/link.h"
#include "lib/journal/sqlite_journal.h"
#include "lib/net/event_loop.h"

namespace webhook::app {
namespace {

int Explain(const delivery::RpcFault& fault, const config::Config& config) {
  fmt::print(stderr, "{}\n", config::FindingText(config::ExplainFault(fault, config)));
  return kExitProblem;
}

}  // namespace

// The journal is open, and so locked, for the whole time: a running worker must be stopped first.
int ConfirmDatabaseCommand(const config::Config& config) {
  const base::SystemClock clock;
  base::SystemRandom random;
  net::EventLoop loop(clock);
  journal::SqliteJournal journal({.path = config.worker.journal}, loop);
  HelloOptions options;
  options.worker_uid = WorkerUid(journal.Load(), journal, clock, random);
  const HelloResult asked = SayHelloOnce(config, clock, options);
  if (!asked.ok()) return Explain(asked.error(), config);
  const model::Envelope& found = asked.value().envelope;
  options.confirm_fingerprint = found.fingerprint;
  const HelloResult confirmed = SayHelloOnce(config, clock, options);
  if (!confirmed.ok()) return Explain(confirmed.error(), config);
  if (!confirmed.value().compatible || !confirmed.value().envelope.fingerprint_confirmed) {
    fmt::print(stderr, "webhook-worker: the database did not take the confirmation: {}\n",
               confirmed.value().compatible ? "it changed meanwhile; try again"
                                            : confirmed.value().incompatible_message);
    return kExitProblem;
  }
  journal.Append(
      {delivery::MetaSet{delivery::kMetaFingerprint, found.fingerprint},
       delivery::MetaSet{delivery::kMetaSettlementNumber, std::to_string(found.settlement_number)}},
      [&loop](bool) { loop.Stop(); });
  loop.Run();
  if (!journal.healthy()) {
    fmt::print(stderr, "webhook-worker: {}\n", journal.failure());
    return kExitSoftware;
  }
  fmt::print("database {} at {} is the one to serve from now on (fingerprint {})\n",
             config.odoo.database, config.odoo.url, found.fingerprint);
  if (found.neutralized) fmt::print("it is neutralized: nothing is sent until that ends\n");
  return kExitOk;
}

}  // namespace webhook::app
