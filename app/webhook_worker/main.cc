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

void AddJournal(CLI::App& cli, std::string& config_path, int& exit_code) {
  struct Given {
    std::string file;
    bool force = false;
  };
  const auto given = std::make_shared<Given>();
  CLI::App* sub = cli.add_subcommand("journal", "move accepted webhooks to another host");
  sub->require_subcommand(1);
  const auto add = [&](const char* name, const char* help, const char* file_help) {
    CLI::App* action = sub->add_subcommand(name, help);
    action->add_option("FILE", given->file, file_help)->required();
    action->add_option("-c,--config", config_path, "configuration file")->capture_default_str();
    return action;
  };
  add("export", "write the inbox of a stopped worker into a file", "new file")
      ->callback([=, &config_path, &exit_code] {
        exit_code = WithConfig(config_path, [&](const config::Config& config) {
          return JournalExportCommand(config, given->file);
        });
      });
  CLI::App* importing =
      add("import", "add such a file to the inbox of a stopped worker", "the file");
  importing->add_flag("--force", given->force, "also what is for another database");
  importing->callback([=, &config_path, &exit_code] {
    exit_code = WithConfig(config_path, [&](const config::Config& config) {
      return JournalImportCommand(config, given->file, given->force);
    });
  });
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

int Trigger(const TriggerOptions& options, const std::string& config_path) {
  if (options.sample.empty() || options.endpoint_path.empty()) {
    fmt::print(
        stderr,
        "webhook-worker: name a sample and --endpoint, or ask for the samples with --list\n");
    return kExitUsage;
  }
  return WithConfig(config_path,
                    [&](const config::Config& config) { return TriggerCommand(options, config); });
}

void AddTrigger(CLI::App& cli, std::string& config_path, int& exit_code) {
  struct Given {
    TriggerOptions options;
    bool list = false;
  };
  const auto given = std::make_shared<Given>();
  CLI::App* sub = cli.add_subcommand("trigger", "send a signed sample to an inbound endpoint");
  sub->add_option("sample", given->options.sample, "sender and event: stripe.invoice.paid");
  sub->add_option("--endpoint", given->options.endpoint_path,
                  "the endpoint's path: what comes after /webhooks/in/");
  sub->add_option("--url", given->options.url,
                  "the gateway's scheme and host, instead of the configuration's");
  sub->add_flag("--print", given->options.print_only, "print the request instead of sending it");
  sub->add_flag("--list", given->list, "print the senders and their samples");
  sub->add_option("-c,--config", config_path, "configuration file")->capture_default_str();
  sub->callback([given, &config_path, &exit_code] {
    exit_code = given->list ? ListSamplesCommand() : Trigger(given->options, config_path);
  });
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
  AddJournal(cli, config_path, exit_code);
  AddCallbackHost(cli, exit_code);
  ExplainOptions explain;
  AddExplainOptions(*cli.add_subcommand("explain", "say what a handler's rules make of an event"),
                    explain, config_path)
      ->callback([&] { exit_code = Explain(explain, config_path); });
  AddTrigger(cli, config_path, exit_code);
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
