// SPDX-License-Identifier: LGPL-3.0-or-later
#include <fmt/format.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <vector>

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

CLI::App* AddExplainOptions(CLI::App& sub, ExplainOptions& options, std::string& config_path) {
  sub.add_option("-e,--event", options.event_path, "event or payload, a JSON file")->required();
  sub.add_option("--handler", options.handler_code, "the handler's code");
  sub.add_option("--rules", options.rules_path, "a handler's document, instead of asking Odoo");
  sub.add_option("--phase", options.phase, "whose rules")
      ->check(CLI::IsMember({"event", "before_send", "response"}))
      ->capture_default_str();
  sub.add_option("-c,--config", config_path, "configuration file")->capture_default_str();
  return &sub;
}

int Explain(const ExplainOptions& options, const std::string& config_path) {
  if (!options.rules_path.empty()) return ExplainCommand(options, nullptr);
  if (options.handler_code.empty()) {
    fmt::print(stderr,
               "webhook-worker: name the handler with --handler, or its file with --rules\n");
    return kExitUsage;
  }
  return WithConfig(config_path,
                    [&](const config::Config& config) { return ExplainCommand(options, &config); });
}

// Every connection is a descriptor; the usual soft limit of 1,024 is too low for the configured
// limits.
void RaiseDescriptorLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

void AddKeygen(CLI::App& cli, int& exit_code) {
  const auto out = std::make_shared<std::string>();
  CLI::App* sub = cli.add_subcommand("keygen", "make the key that opens sealed secrets");
  sub->add_option("-o,--out", *out, "new file for the private key")->required();
  sub->callback([out, &exit_code] { exit_code = KeygenCommand(*out); });
}

// Hidden: not for people, but for the worker itself (lib/callback_host/child_process.h).
void AddCallbackHost(CLI::App& cli, int& exit_code) {
  struct Given {
    int fd = -1;
    std::vector<std::string> libraries;
  };
  const auto given = std::make_shared<Given>();
  CLI::App* sub = cli.add_subcommand("callback-host", "")->group("");
  sub->add_option("--fd", given->fd)->required();
  sub->add_option("--library", given->libraries);
  sub->callback(
      [given, &exit_code] { exit_code = CallbackHostCommand(given->fd, given->libraries); });
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
  AddKeygen(cli, exit_code);
  AddCallbackHost(cli, exit_code);
  ExplainOptions explain;
  AddExplainOptions(*cli.add_subcommand("explain", "say what a handler's rules make of an event"),
                    explain, config_path)
      ->callback([&] { exit_code = Explain(explain, config_path); });
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
