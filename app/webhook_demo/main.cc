// SPDX-License-Identifier: LGPL-3.0-or-later
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <memory>

#include "app/webhook_demo/commands.h"

namespace webhook::demo {
namespace {

constexpr int kExitUsage = 64;

void AddReceiver(CLI::App& cli, int& exit_code) {
  auto options = std::make_shared<ReceiverCommandOptions>();
  CLI::App* const command = cli.add_subcommand(
      "receiver", "receive webhooks on loopback: well, badly, or not at all, by their path");
  command->add_option("--port", options->receiver.port, "port; 0 takes a free one")
      ->check(CLI::Range(0, 65535))
      ->capture_default_str();
  command->add_option("--ledger", options->receiver.ledger.file,
                      "append one line of JSON for every request to this file");
  command->add_option("--port-file", options->port_file, "write the port here once it listens");
  command
      ->add_option("--seed", options->receiver.behaviour.seed, "decides which tries fail on /flaky")
      ->capture_default_str();
  command->callback([options, &exit_code] { exit_code = ReceiverCommand(*options); });
}

void AddRun(CLI::App& cli, int& exit_code) {
  auto options = std::make_shared<RunCommandOptions>();
  CLI::App* const command = cli.add_subcommand(
      "run",
      "queue deliveries in Odoo, let webhook-worker deliver them, and compare what Odoo says "
      "with what the receiver saw");
  command->add_option("--deliveries", options->deliveries, "how many")
      ->check(CLI::Range(3, 100'000))
      ->capture_default_str();
  command->add_option("--worker", options->worker,
                      "the program webhook-worker; by default the one beside this program");
  command->add_option("--odoo-env", options->odoo_env,
                      "a real Odoo, described by the file env of scripts/odoo_sandbox.sh; by "
                      "default a stand-in in this process");
  command->add_option("--port", options->receiver_port, "of the receiver; 0 takes a free one")
      ->check(CLI::Range(0, 65535))
      ->capture_default_str();
  command
      ->add_option("--time-limit", options->time_limit_seconds,
                   "seconds until all deliveries must have ended; by default two minutes and one "
                   "second for every 50 of them")
      ->check(CLI::Range(1, 86'400));
  command->add_flag("--keep", options->keep, "stay up afterwards, until Ctrl-C");
  command->add_flag("!--no-progress", options->show_progress, "show the result only");
  command->callback([options, &exit_code] { exit_code = RunCommand(*options); });
}

void AddSend(CLI::App& cli, int& exit_code) {
  auto options = std::make_shared<SendCommandOptions>();
  CLI::App* const command =
      cli.add_subcommand("send", "send signed webhooks (Standard Webhooks) to an inbound endpoint");
  command->add_option("--url", options->url, "http://127.0.0.1:8080/webhooks/in/orders")
      ->required();
  command->add_option("--secret", options->secret, "whsec_...")->required();
  command->add_option("--count", options->count, "how many, each another event")
      ->check(CLI::Range(1, 10'000'000))
      ->capture_default_str();
  command->add_option("--connections", options->connections, "at a time")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  command->add_option("--bytes", options->bytes, "of each body")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  command->callback([options, &exit_code] { exit_code = SendCommand(*options); });
}

int Main(int argc, char** argv) {
  CLI::App cli{"Shows webhook-worker at work, and receives webhooks for tests."};
  cli.require_subcommand(1);
  int exit_code = 0;
  AddRun(cli, exit_code);
  AddReceiver(cli, exit_code);
  AddSend(cli, exit_code);
  try {
    cli.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return cli.exit(error) == 0 ? 0 : kExitUsage;
  }
  return exit_code;
}

}  // namespace
}  // namespace webhook::demo

int main(int argc, char** argv) {
  try {
    return webhook::demo::Main(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "webhook-demo: {}\n", error.what());
    return 1;
  }
}
