// SPDX-License-Identifier: LGPL-3.0-or-later
#include <fmt/format.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <functional>
#include <string>

#include "app/webhook_worker/commands.h"
#include "app/webhook_worker/exit_code.h"
#include "lib/config/load_config.h"
#include "lib/config/reference.h"
#include "lib/journal/journal_error.h"
#include "lib/model/contract.h"

namespace webhook::app {
namespace {

constexpr const char* kDefaultConfigPath = "/etc/webhook-worker/worker.toml";

int PrintVersion() {
  fmt::print("webhook-worker {} (contract version {})\n", WEBHOOK_VERSION, model::kContractVersion);
  return kExitOk;
}

int PrintReference() {
  fmt::print("{}", config::ConfigReference());
  return kExitOk;
}

// Runs the command with the configuration, or says everything that is wrong with it.
int WithConfig(const std::string& path, const std::function<int(const config::Config&)>& command) {
  // The environment alone may be enough: only a file that was asked for must be there.
  const bool default_is_missing =
      path == kDefaultConfigPath && access(kDefaultConfigPath, F_OK) != 0;
  auto result =
      config::LoadConfig(default_is_missing ? "" : path, config::ReadEnvironment(environ));
  if (!result.ok()) {
    fmt::print(stderr, "{}\n", config::ErrorsText(result.error()));
    return kExitConfiguration;
  }
  if (!result.value().warnings.empty()) {
    fmt::print(stderr, "{}\n", config::ErrorsText(result.value().warnings));
  }
  return command(result.value().config);
}

// Every connection is a descriptor; the usual soft limit of 1,024 is too low for the configured
// limits.
void RaiseDescriptorLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

int Main(int argc, char** argv) {
  CLI::App cli{"Delivers the webhooks of an Odoo database."};
  cli.require_subcommand(1);
  std::string config_path = kDefaultConfigPath;
  int exit_code = kExitOk;
  const auto add = [&](const char* name, const char* help,
                       const std::function<int(const config::Config&)>& command) {
    CLI::App* sub = cli.add_subcommand(name, help);
    sub->add_option("-c,--config", config_path, "configuration file")->capture_default_str();
    sub->callback([&, command] { exit_code = WithConfig(config_path, command); });
  };
  add("run", "deliver until stopped", RunCommand);
  add("check", "say what is wrong, and what to do about it", CheckCommand);
  add("confirm-database", "serve the database that answers now, although it is a copy",
      ConfirmDatabaseCommand);
  cli.add_subcommand("version", "print the version")->callback([&] { exit_code = PrintVersion(); });
  cli.add_subcommand("reference", "print a configuration file with every key and its default")
      ->callback([&] { exit_code = PrintReference(); });
  try {
    cli.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return cli.exit(error) == 0 ? kExitOk : kExitUsage;
  }
  return exit_code;
}

}  // namespace
}  // namespace webhook::app

int main(int argc, char** argv) {
  signal(SIGPIPE, SIG_IGN);  // a peer that has gone is an error of the write
  webhook::app::RaiseDescriptorLimit();
  try {
    return webhook::app::Main(argc, argv);
  } catch (const webhook::journal::JournalLocked& error) {
    fmt::print(stderr, "webhook-worker: {}\n", error.what());
    return webhook::app::kExitTemporary;
  } catch (const std::exception& error) {
    fmt::print(stderr, "webhook-worker: {}\n", error.what());
    return webhook::app::kExitSoftware;
  }
}
