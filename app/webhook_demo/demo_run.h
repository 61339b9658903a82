// SPDX-License-Identifier: LGPL-3.0-or-later
// One run of the demo, step by step: `webhook-demo run` (run_command.cc) is their order. Each step
// throws std::runtime_error with a sentence for people; whatever happens, the destructor leaves
// nothing running. One thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/webhook_demo/agreement.h"
#include "app/webhook_demo/commands.h"
#include "app/webhook_demo/demo_odoo.h"
#include "app/webhook_demo/demo_plan.h"
#include "app/webhook_demo/display.h"
#include "app/webhook_demo/receiver/receiver.h"
#include "app/webhook_demo/stop_signals.h"
#include "app/webhook_demo/summary.h"
#include "app/webhook_demo/temporary_directory.h"
#include "app/webhook_demo/worker_files.h"
#include "app/webhook_demo/worker_process.h"
#include "lib/base/clock.h"

namespace webhook::demo {

// The user has stopped it.
struct Stopped {};

class DemoRun {
 public:
  // The signals and the clock outlive it.
  DemoRun(const RunCommandOptions& options, StopSignals& signals, const base::Clock& clock);
  ~DemoRun();

  void Configure();
  void StartWorker();
  // Both show the progress meanwhile, and throw Stopped.
  void Queue();
  void WaitForTheEnd();
  // Prints the table and the verdict; whether receiver and Odoo agree.
  bool Report();
  // Returns when the user stops it.
  void StayUp();
  // A sentence when it did not stop in good order, otherwise empty.
  std::string StopWorker();

 private:
  void Tick();
  void CountAgain(base::SteadyTime now);
  void CheckWorker();
  bool AllEnded() const;
  bool PrintVerdict(const std::vector<Disagreement>& disagreements);
  const std::string& KeepEvidence();
  std::string WorkersLastWords() const;

  const RunCommandOptions options_;
  StopSignals& signals_;
  const base::Clock& clock_;
  const Style style_;
  const std::vector<PlannedEndpoint> plan_;
  TemporaryDirectory directory_;
  std::unique_ptr<Receiver> receiver_;
  std::unique_ptr<DemoOdoo> odoo_;
  WorkerFiles worker_files_;
  std::optional<WorkerProcess> worker_;
  std::optional<Progress> progress_;
  Snapshot snapshot_;
  QueuedBodies bodies_;
  QueuedTimes times_;
  base::SteadyTime began_{};
  base::SteadyTime next_count_{};
  bool is_over_time_ = false;
};

}  // namespace webhook::demo
