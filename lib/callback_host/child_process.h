// SPDX-License-Identifier: LGPL-3.0-or-later
// The process that runs callbacks, seen from outside. It never outlives the thread that started it:
// ended by the destructor, and by the kernel when that thread or this process ends without one.
#pragma once

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/file_descriptor.h"
#include "lib/base/result.h"

namespace webhook::callback_host {

class ChildProcess {
 public:
  // `program callback-host --fd N --library F…` with an environment of its own and no descriptor of
  // ours but its end of the socket. The error says what the kernel refused; a program that cannot
  // be run shows as one that ended at once.
  static base::Result<std::unique_ptr<ChildProcess>, std::string> Start(
      const std::string& program, const std::vector<std::string>& libraries);

  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  int socket() const { return socket_.get(); }  // not blocking
  int output() const { return output_.get(); }  // what it writes to stdout and stderr; not blocking
  pid_t pid() const { return pid_; }

  bool HasEnded();

  // Kills it, and what it started in its process group, waits for its end, and says how it ended:
  // "signal 11 (Segmentation fault)", "exit code 3". One that had ended already keeps its own end.
  std::string End();

 private:
  ChildProcess(base::FileDescriptor socket, base::FileDescriptor output, pid_t pid)
      : socket_(std::move(socket)), output_(std::move(output)), pid_(pid) {}

  base::FileDescriptor socket_;
  base::FileDescriptor output_;
  pid_t pid_;
  std::optional<std::string> ended_;
};

}  // namespace webhook::callback_host
