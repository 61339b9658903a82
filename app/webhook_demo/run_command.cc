// SPDX-License-Identifier: LGPL-3.0-or-later
#include <fmt/format.h>

#include <cstdio>
#include <stdexcept>
#include <string>

#include "app/webhook_demo/commands.h"
#include "app/webhook_demo/demo_run.h"

namespace webhook::demo {
namespace {

constexpr int kExitDisagreement = 1;
constexpr int kExitInterrupted = 130;

int Run(const RunCommandOptions& options, StopSignals& signals) {
  const base::SystemClock clock;
  DemoRun run(options, signals, clock);
  run.Configure();
  run.StartWorker();
  run.Queue();
  run.WaitForTheEnd();
  std::string complaint = options.keep ? "" : run.StopWorker();
  const bool agree = run.Report();
  if (options.keep) {
    run.StayUp();
    complaint = run.StopWorker();
  }
  if (!complaint.empty()) throw std::runtime_error(complaint);
  return agree ? 0 : kExitDisagreement;
}

}  // namespace

int TimeLimit(const RunCommandOptions& options) {
  return options.time_limit_seconds > 0 ? options.time_limit_seconds
                                        : 120 + options.deliveries / 50;
}

int RunCommand(const RunCommandOptions& options) {
  StopSignals signals;  // before any thread: they inherit the mask
  const auto stopped = [] {
    fmt::print(stderr, "webhook-demo: stopped before the end\n");
    return kExitInterrupted;
  };
  try {
    return Run(options, signals);
  } catch (const Stopped&) {
    return stopped();
  } catch (const std::runtime_error&) {
    if (signals.stopped()) return stopped();  // a call that was canceled by it
    throw;
  }
}

}  // namespace webhook::demo
