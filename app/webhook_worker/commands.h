// SPDX-License-Identifier: LGPL-3.0-or-later
// The commands of webhook-worker, one file each. Each returns the exit code.
#pragma once

#include <string>
#include <vector>

#include "lib/config/config.h"

namespace webhook::app {

// Works until SIGTERM or SIGINT.
int RunCommand(const config::Config& config);

// Asks Odoo once and explains every problem; changes nothing.
int CheckCommand(const config::Config& config);

// Makes the database that answers now the one to serve: for a copy that has become the real one.
int ConfirmDatabaseCommand(const config::Config& config);

// Makes a key pair for sealed secrets: the private half goes into a new file, the fingerprint of
// the public one to standard output, with what to do next.
int KeygenCommand(const std::string& out_path);

// Writes what the inbox holds into a new file, for another host; the inbox keeps it.
int JournalExportCommand(const config::Config& config, const std::string& file);

// Adds what such a file holds to the inbox. `force`: also what is for another database.
int JournalImportCommand(const config::Config& config, const std::string& file, bool force);

// The process that runs native callbacks for a worker, which starts it: until the worker closes the
// socket.
int CallbackHostCommand(int socket_fd, const std::vector<std::string>& libraries);

struct ExplainOptions {
  std::string event_path;
  std::string handler_code;  // may be empty with rules_path
  std::string rules_path;    // a handler as the configuration document has it; empty: Odoo's
  std::string phase = "event";
};

// Says which of a handler's rules matches an event, why, and what it would do; applies nothing.
// Without a configuration the rules come from rules_path.
int ExplainCommand(const ExplainOptions& options, const config::Config* config);

struct TriggerOptions {
  std::string sample;         // stripe.invoice.paid
  std::string endpoint_path;  // what comes after /webhooks/in/
  std::string url;            // the gateway's, scheme and host; empty: the configuration's
  bool print_only = false;
};

// Sends a preset's sample to an inbound endpoint, signed with the endpoint's own secret.
int TriggerCommand(const TriggerOptions& options, const config::Config& config);

// Prints the presets and their samples.
int ListSamplesCommand();

}  // namespace webhook::app
