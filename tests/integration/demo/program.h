// SPDX-License-Identifier: LGPL-3.0-or-later
// webhook-demo as a child process, its output in a file. Killed by the destructor.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace webhook::demo {

class Program {
 public:
  Program(const std::vector<std::string>& arguments, std::string output_file);
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  void Signal(int signal) const;
  // Its exit code, 128 + the signal that ended it.
  int Wait();
  std::string Output() const;

 private:
  std::string output_file_;
  pid_t pid_ = -1;
};

// Runs to the end; the exit code, and the output in `output`.
int RunDemo(const std::vector<std::string>& arguments, std::string& output);

std::string FileText(const std::string& path);

}  // namespace webhook::demo
