// SPDX-License-Identifier: LGPL-3.0-or-later
#include "rpc/watchdog.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace webhook::rpc {
namespace {

// Shutting down a socket that is not connected yet does nothing, so it is done until End.
constexpr base::Milliseconds kShutDownInterval{20};

}  // namespace

Watchdog::Watchdog(const base::Clock& clock) : clock_(clock), thread_([this] { Run(); }) {}

Watchdog::~Watchdog() {
  {
    const base::MutexLock lock(mutex_);
    ending_ = true;
    CloseDuplicate();
  }
  changed_.notify_all();
  thread_.join();
}

Watchdog::Stop Watchdog::Begin(base::SteadyTime deadline) {
  const base::MutexLock lock(mutex_);
  stop_ = canceled_ ? Stop::kCanceled : Stop::kNone;
  armed_ = stop_ == Stop::kNone;
  deadline_ = deadline;
  changed_.notify_all();
  return stop_;
}

Watchdog::Stop Watchdog::End() {
  const base::MutexLock lock(mutex_);
  armed_ = false;
  return stop_;
}

void Watchdog::Watch(int socket) {
  const base::MutexLock lock(mutex_);
  CloseDuplicate();
  socket_ = fcntl(socket, F_DUPFD_CLOEXEC, 0);
}

void Watchdog::Forget() {
  const base::MutexLock lock(mutex_);
  CloseDuplicate();
}

void Watchdog::Cancel() {
  const base::MutexLock lock(mutex_);
  canceled_ = true;
  if (armed_) stop_ = Stop::kCanceled;
  changed_.notify_all();
}

void Watchdog::Run() {
  const base::MutexLock lock(mutex_);
  while (!ending_) {
    if (!armed_) {
      changed_.wait(mutex_);
      continue;
    }
    const base::Milliseconds left = deadline_ - clock_.SteadyNow();
    if (stop_ == Stop::kNone && left > base::Milliseconds::zero()) {
      changed_.wait_for(mutex_, left);
      continue;
    }
    if (stop_ == Stop::kNone) stop_ = Stop::kDeadline;
    ShutDown();
    changed_.wait_for(mutex_, kShutDownInterval);
  }
}

void Watchdog::ShutDown() {
  if (socket_ >= 0) shutdown(socket_, SHUT_RDWR);
}

void Watchdog::CloseDuplicate() {
  if (socket_ >= 0) close(socket_);
  socket_ = -1;
}

}  // namespace webhook::rpc
