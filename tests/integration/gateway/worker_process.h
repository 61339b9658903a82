// SPDX-License-Identifier: LGPL-3.0-or-later
// webhook-worker as a child process whose log is read line by line. Killed by the destructor.
#pragma once

#include <sys/types.h>

#include <cstdio>
#include <string>
#include <vector>

namespace webhook::gateway_test {

class WorkerProcess {
 public:
  // `environment`: NAME=VALUE, in addition to the test's own.
  WorkerProcess(const std::vector<std::string>& arguments,
                const std::vector<std::string>& environment);
  ~WorkerProcess();
  WorkerProcess(const WorkerProcess&) = delete;
  WorkerProcess& operator=(const WorkerProcess&) = delete;

  // Reads until a line holds `part`: the line. Fails the test, with everything that was said, when
  // the process ends before.
  std::string WaitFor(const std::string& part);

  void Signal(int signal) const;
  // Reads to the end. Its exit code, 128 + the signal that ended it.
  int Wait();
  const std::string& output() const { return output_; }

 private:
  bool ReadLine(std::string& line);

  pid_t pid_ = -1;
  FILE* lines_ = nullptr;
  std::string output_;
};

// What follows `key` and '=' in a line of the log.
std::string ValueOf(const std::string& line, const std::string& key);

}  // namespace webhook::gateway_test
