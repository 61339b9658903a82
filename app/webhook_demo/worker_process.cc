// SPDX-License-Identifier: LGPL-3.0-or-later
#include "app/webhook_demo/worker_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "lib/net/file_descriptor.h"

namespace webhook::demo {
namespace {

constexpr int kLookMs = 20;
constexpr int kExitOrphan = 1;
constexpr int kExitNotRun = 127;
constexpr base::Milliseconds kDestructorTime{5000};

std::string HowItEnded(int status) {
  if (WIFSIGNALED(status)) {
    const int signal = WTERMSIG(status);
    return fmt::format("signal {} ({})", signal, strsignal(signal));
  }
  const int code = WEXITSTATUS(status);
  return code == 0 ? "" : fmt::format("exit code {}", code);
}

// The child after fork: only what is safe when other threads may hold locks. Reports errno.
[[noreturn]] void Become(const char* program, char* const* arguments, int output, int report,
                         pid_t parent) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  sigset_t none;
  sigemptyset(&none);
  pthread_sigmask(SIG_SETMASK, &none, nullptr);
  signal(SIGPIPE, SIG_DFL);
  if (getppid() != parent) _exit(kExitOrphan);  // it died before the line above
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  execv(program, arguments);
  const int error = errno;
  [[maybe_unused]] const ssize_t size = write(report, &error, sizeof error);
  _exit(kExitNotRun);
}

}  // namespace

WorkerProcess::WorkerProcess(const std::string& program, const std::string& config,
                             const std::string& output_file, const base::Clock& clock)
    : clock_(clock) {
  const net::FileDescriptor output(
      open(output_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  std::array<int, 2> ends{};
  if (!output.valid() || pipe2(ends.data(), O_CLOEXEC) != 0) {
    throw std::runtime_error("the worker's output file " + output_file + " cannot be opened");
  }
  const net::FileDescriptor report(ends[0]);
  net::FileDescriptor child_report(ends[1]);
  std::array<std::string, 4> texts = {program, "run", "--config", config};
  std::array<char*, 5> arguments = {texts[0].data(), texts[1].data(), texts[2].data(),
                                    texts[3].data(), nullptr};
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ == 0) {
    Become(program.c_str(), arguments.data(), output.get(), child_report.get(), parent);
  }
  if (pid_ < 0) throw std::runtime_error("the worker cannot be started: fork failed");
  // Closed here, so that exec in the child closes the last copy and ends the read below.
  { const net::FileDescriptor closed = std::move(child_report); }
  int error = 0;
  if (read(report.get(), &error, sizeof error) == sizeof error) {
    waitpid(pid_, nullptr, 0);
    pid_ = -1;
    throw std::runtime_error(fmt::format("{} cannot be run: {}", program, strerror(error)));
  }
}

WorkerProcess::~WorkerProcess() {
  if (pid_ > 0) Stop(kDestructorTime);
}

std::optional<std::string> WorkerProcess::Ended() {
  int status = 0;
  if (!ended_ && waitpid(pid_, &status, WNOHANG) == pid_) ended_ = HowItEnded(status);
  return ended_;
}

std::string WorkerProcess::Stop(base::Milliseconds time) {
  if (!Ended()) kill(pid_, SIGTERM);
  const base::SteadyTime deadline = clock_.SteadyNow() + time;
  while (!Ended() && clock_.SteadyNow() < deadline) WaitForAChange();
  if (!Ended()) {
    kill(pid_, SIGKILL);
    int status = 0;
    waitpid(pid_, &status, 0);
    ended_ = HowItEnded(status);
  }
  return *ended_;
}

// Its end, or a moment: not every kernel tells the end by a descriptor.
void WorkerProcess::WaitForAChange() const {
  const net::FileDescriptor process(static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)));
  pollfd end{.fd = process.get(), .events = POLLIN, .revents = 0};
  poll(&end, 1, kLookMs);
}

}  // namespace webhook::demo
