// SPDX-License-Identifier: LGPL-3.0-or-later
#include "app/webhook_demo/stop_signals.h"

#include <pthread.h>
#include <unistd.h>

#include <utility>

namespace webhook::demo {

namespace {
constexpr int kEndListening = SIGUSR2;  // sent by the destructor to its own thread only
constexpr int kExitInterrupted = 130;
}  // namespace

StopSignals::StopSignals() {
  sigemptyset(&signals_);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, kEndListening}) sigaddset(&signals_, signal);
  pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
  signal(SIGPIPE, SIG_IGN);
  listener_ = std::thread([this] { Listen(); });
}

StopSignals::~StopSignals() {
  pthread_kill(listener_.native_handle(), kEndListening);
  listener_.join();
}

void StopSignals::Listen() {
  int first = 0;
  sigwait(&signals_, &first);
  if (first == kEndListening) return;
  Set();
  // A terminal and a script that passes it on may both send one, of different kinds.
  int next = 0;
  while (sigwait(&signals_, &next) == 0 && next != kEndListening) {
    if (next == first) _exit(kExitInterrupted);
  }
}

void StopSignals::Set() {
  base::MutexLock lock(mutex_);
  stopped_ = true;
  if (on_stop_) std::exchange(on_stop_, {})();
  changed_.notify_all();
}

bool StopSignals::WaitFor(base::Milliseconds time) {
  base::MutexLock lock(mutex_);
  while (!stopped_) {
    if (changed_.wait_for(mutex_, time) == std::cv_status::timeout) break;
  }
  return stopped_;
}

bool StopSignals::stopped() {
  base::MutexLock lock(mutex_);
  return stopped_;
}

void StopSignals::OnStop(std::function<void()> stop) {
  base::MutexLock lock(mutex_);
  on_stop_ = std::move(stop);
  if (stopped_ && on_stop_) std::exchange(on_stop_, {})();
}

}  // namespace webhook::demo
