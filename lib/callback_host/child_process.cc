// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/callback_host/child_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

namespace webhook::callback_host {
namespace {

using base::FileDescriptor;

constexpr int kChildSocket = 3;
constexpr int kFirstFreeDescriptor = 10;  // above those that the child gives a meaning to
constexpr int kExitOrphan = 1;
constexpr int kExitNotRun = 127;
constexpr unsigned kAllDescriptors = ~0U;

std::string HowItEnded(int status) {
  if (!WIFSIGNALED(status)) return fmt::format("exit code {}", WEXITSTATUS(status));
  const char* name = sigdescr_np(WTERMSIG(status));
  return fmt::format("signal {} ({})", WTERMSIG(status), name == nullptr ? "unknown" : name);
}

// The same file under a number that dup2 in the child cannot hit.
FileDescriptor MovedUp(FileDescriptor descriptor) {
  return FileDescriptor(fcntl(descriptor.get(), F_DUPFD_CLOEXEC, kFirstFreeDescriptor));
}

struct Pair {
  FileDescriptor ours;
  FileDescriptor childs;
  bool valid() const { return ours.valid() && childs.valid(); }
};

Pair MakeSocket() {
  std::array<int, 2> ends{-1, -1};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) return {};
  Pair pair{FileDescriptor(ends[0]), MovedUp(FileDescriptor(ends[1]))};
  fcntl(pair.ours.get(), F_SETFL, O_NONBLOCK);
  return pair;
}

Pair MakePipe() {
  std::array<int, 2> ends{-1, -1};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return {};
  Pair pair{FileDescriptor(ends[0]), MovedUp(FileDescriptor(ends[1]))};
  fcntl(pair.ours.get(), F_SETFL, O_NONBLOCK);
  return pair;
}

// argv and the strings that it points into.
class Arguments {
 public:
  Arguments(const std::string& program, const std::vector<std::string>& libraries)
      : texts_{program, "callback-host", "--fd", std::to_string(kChildSocket)} {
    for (const std::string& library : libraries) {
      texts_.emplace_back("--library");
      texts_.push_back(library);
    }
    for (std::string& text : texts_) pointers_.push_back(text.data());
    pointers_.push_back(nullptr);
  }
  char* const* get() const { return pointers_.data(); }

 private:
  std::vector<std::string> texts_;
  std::vector<char*> pointers_;
};

// The child after fork: only what is safe when other threads held locks.
[[noreturn]] void Become(const char* program, char* const* arguments, int socket, int output,
                         int nothing, pid_t parent) {
  static const std::array<const char*, 3> environment = {"PATH=/usr/local/bin:/usr/bin:/bin",
                                                         "LANG=C.UTF-8", nullptr};
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(kExitOrphan);  // it died before the line above
  sigset_t none;
  sigemptyset(&none);
  pthread_sigmask(SIG_SETMASK, &none, nullptr);
  dup2(nothing, STDIN_FILENO);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  dup2(socket, kChildSocket);
  // What is left open is closed by the program itself, first thing.
  syscall(SYS_close_range, kChildSocket + 1, kAllDescriptors, 0);
  execve(program, arguments, const_cast<char* const*>(environment.data()));
  _exit(kExitNotRun);
}

std::string KernelRefused(const char* what) {
  return fmt::format("{}: {}", what, std::generic_category().message(errno));
}

}  // namespace

base::Result<std::unique_ptr<ChildProcess>, std::string> ChildProcess::Start(
    const std::string& program, const std::vector<std::string>& libraries) {
  Pair socket = MakeSocket();
  Pair output = MakePipe();
  const FileDescriptor nothing = MovedUp(FileDescriptor(open("/dev/null", O_RDONLY | O_CLOEXEC)));
  if (!socket.valid() || !output.valid() || !nothing.valid()) {
    return KernelRefused("no descriptors for a process");
  }
  const Arguments arguments(program, libraries);
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid == 0) {
    Become(program.c_str(), arguments.get(), socket.childs.get(), output.childs.get(),
           nothing.get(), parent);
  }
  if (pid < 0) return KernelRefused("no process");
  return std::unique_ptr<ChildProcess>(
      new ChildProcess(std::move(socket.ours), std::move(output.ours), pid));
}

ChildProcess::~ChildProcess() { End(); }

// Without taking its end, so that End can still kill its group.
bool ChildProcess::HasEnded() {
  if (ended_) return true;
  siginfo_t state{};
  return waitid(P_PID, static_cast<id_t>(pid_), &state, WEXITED | WNOWAIT | WNOHANG) == 0 &&
         state.si_pid == pid_;
}

std::string ChildProcess::End() {
  if (ended_) return *ended_;
  // A process that has ended keeps its own end, and its number until it is waited for.
  kill(-pid_, SIGKILL);
  kill(pid_, SIGKILL);
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  ended_ = HowItEnded(status);
  return *ended_;
}

}  // namespace webhook::callback_host
