// SPDX-License-Identifier: LGPL-3.0-or-later
// A worker that is killed takes the processes of its callbacks with it.
#include <doctest/doctest.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <string>

#include "lib/base/file_descriptor.h"
#include "tests/integration/callback/host_fixture.h"

namespace webhook::callback_host {
namespace {

struct Parent {
  pid_t pid;
  base::FileDescriptor output;
};

Parent StartParent(const std::string& library) {
  std::array<int, 2> ends{};
  REQUIRE(pipe(ends.data()) == 0);
  const pid_t pid = fork();
  if (pid == 0) {
    dup2(ends[1], STDOUT_FILENO);
    close(ends[0]);
    execl(WEBHOOK_PARENT, WEBHOOK_PARENT, WEBHOOK_CHILD, library.c_str(), nullptr);
    _exit(127);
  }
  close(ends[1]);
  return {pid, base::FileDescriptor(ends[0])};
}

}  // namespace

TEST_CASE("a killed worker leaves no process behind") {
  fakes::TemporaryDirectory folder;
  const Parent parent = StartParent(CopiedLibrary(folder));
  std::array<char, 32> line{};
  REQUIRE(read(parent.output.get(), line.data(), line.size() - 1) > 0);  // the callback runs
  const pid_t child = std::stoi(line.data());
  const base::FileDescriptor process(static_cast<int>(syscall(SYS_pidfd_open, child, 0)));
  REQUIRE(process.valid());
  REQUIRE(kill(parent.pid, SIGKILL) == 0);
  REQUIRE(waitpid(parent.pid, nullptr, 0) == parent.pid);
  pollfd end{.fd = process.get(), .events = POLLIN, .revents = 0};
  CHECK(poll(&end, 1, 10'000) == 1);  // readable: it has ended
}

}  // namespace webhook::callback_host
