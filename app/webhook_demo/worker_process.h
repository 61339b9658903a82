// SPDX-License-Identifier: LGPL-3.0-or-later
// `webhook-worker run` as a child that never outlives this process: ended by the destructor, and by
// the kernel when this process dies without one. One thread, that which made it.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "lib/base/clock.h"
#include "lib/base/time.h"

namespace webhook::demo {

class WorkerProcess {
 public:
  // Standard output and error go to the file. The child is in a process group of its own, so that
  // Ctrl-C reaches this process only. The clock outlives it. Throws std::runtime_error when it
  // cannot be started.
  WorkerProcess(const std::string& program, const std::string& config,
                const std::string& output_file, const base::Clock& clock);
  ~WorkerProcess();
  WorkerProcess(const WorkerProcess&) = delete;
  WorkerProcess& operator=(const WorkerProcess&) = delete;

  // How it ended, for people: "exit code 78", "signal 9 (Killed)"; "" for exit code 0. None while
  // it runs.
  std::optional<std::string> Ended();

  // SIGTERM, then SIGKILL when the time is over. How it ended, as above.
  std::string Stop(base::Milliseconds time);

  pid_t pid() const { return pid_; }

 private:
  void WaitForAChange() const;

  const base::Clock& clock_;
  pid_t pid_ = -1;
  std::optional<std::string> ended_;
};

}  // namespace webhook::demo
