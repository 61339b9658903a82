// SPDX-License-Identifier: LGPL-3.0-or-later
#include <fmt/format.h>

#include <filesystem>
#include <string>

#include "app/webhook_worker/commands.h"
#include "app/webhook_worker/exit_code.h"
#include "app/webhook_worker/gateway_options.h"
#include "lib/base/clock.h"
#include "lib/delivery/link.h"
#include "lib/journal/inbox_transfer.h"
#include "lib/journal/journal_error.h"
#include "lib/journal/sqlite_journal.h"
#include "lib/net/event_loop.h"

namespace webhook::app {
namespace {

// Of the database that this worker serves; empty where it never ran.
std::string KnownFingerprint(const config::Config& config) {
  if (!std::filesystem::exists(config.worker.journal)) return "";
  const base::SystemClock clock;
  net::EventLoop loop(clock);
  journal::SqliteJournal journal({.path = config.worker.journal}, loop);
  const auto meta = journal.Load().meta;
  const auto found = meta.find(delivery::kMetaFingerprint);
  return found == meta.end() ? "" : found->second;
}

int Locked(const journal::JournalLocked& error) {
  fmt::print(stderr,
             "webhook-worker: {}\nStop the worker first; it goes on where it was when it is "
             "started again.\n",
             error.what());
  return kExitTemporary;
}

int Failed(const journal::JournalError& error) {
  fmt::print(stderr, "webhook-worker: {}\n", error.what());
  return kExitProblem;
}

}  // namespace

int JournalExportCommand(const config::Config& config, const std::string& file) {
  try {
    const journal::ExportedInbox exported = journal::ExportInbox(
        InboxOptions(config.gateway), KnownFingerprint(config), base::SystemClock().Now(), file);
    fmt::print(
        "{} holds {} events of {} ({} of them set aside) and {} identities.\n"
        "\n"
        "It holds what senders sent: let nobody else read it. On the other host, with its worker\n"
        "stopped: webhook-worker journal import {}\n"
        "The events are still in this inbox too. Should both hosts' workers run, each event is\n"
        "sent to Odoo twice, and Odoo takes it once: it knows its uid.\n",
        file, exported.events, config.gateway.inbox, exported.set_aside, exported.identities, file);
    return kExitOk;
  } catch (const journal::JournalLocked& error) {
    return Locked(error);
  } catch (const journal::JournalError& error) {
    return Failed(error);
  }
}

int JournalImportCommand(const config::Config& config, const std::string& file, bool force) {
  try {
    const journal::ImportedInbox imported =
        journal::ImportInbox(InboxOptions(config.gateway), KnownFingerprint(config), force, file);
    fmt::print(
        "{} took {} events ({} of them set aside) and {} identities; it had {} events and {}\n"
        "identities of the file already. The worker brings them to Odoo when it runs.\n",
        config.gateway.inbox, imported.added.events, imported.added.set_aside,
        imported.added.identities, imported.events_known, imported.identities_known);
    return kExitOk;
  } catch (const journal::JournalLocked& error) {
    return Locked(error);
  } catch (const journal::JournalError& error) {
    return Failed(error);
  }
}

}  // namespace webhook::app
