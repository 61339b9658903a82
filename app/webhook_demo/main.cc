// SPDX-License-Identifier: LGPL-3.0-or-later
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

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

int Main(int argc, char** argv) {
  CLI::App cli{"Shows webhook-worker at work, and receives webhooks for tests."};
  cli.require_subcommand(1);
  int exit_code = 0;
  AddReceiver(cli, exit_code);
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
