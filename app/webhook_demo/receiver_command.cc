// SPDX-License-Identifier: LGPL-3.0-or-later
#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "app/webhook_demo/commands.h"
#include "app/webhook_demo/stop_signals.h"

namespace webhook::demo {
namespace {

// Under its name only when it is whole: others wait for it to appear.
void WritePortFile(const std::string& path, int port) {
  const std::string unfinished = path + ".new";
  std::ofstream file(unfinished);
  file << port << '\n';
  file.close();
  if (!file) throw std::runtime_error("the port file " + path + " cannot be written");
  std::filesystem::rename(unfinished, path);
}

}  // namespace

int ReceiverCommand(const ReceiverCommandOptions& options) {
  StopSignals signals;  // before any thread: they inherit the mask
  const base::SystemClock clock;
  const Receiver receiver(options.receiver, clock);
  if (!options.port_file.empty()) WritePortFile(options.port_file, receiver.port());
  fmt::print("listening on {}\n", receiver.url());
  std::fflush(stdout);
  while (!signals.WaitFor(base::Milliseconds(3'600'000))) continue;
  return 0;
}

}  // namespace webhook::demo
