// SPDX-License-Identifier: LGPL-3.0-or-later
#include "app/webhook_worker/stop_signals.h"

#include <pthread.h>
#include <unistd.h>

#include "app/webhook_worker/exit_code.h"

namespace webhook::app {

namespace {
constexpr int kEndWaiting = SIGUSR2;  // sent by the destructor to its own thread only
}

StopSignals::StopSignals() {
  sigemptyset(&signals_);
  sigaddset(&signals_, SIGTERM);
  sigaddset(&signals_, SIGINT);
  sigaddset(&signals_, kEndWaiting);
  pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
  signal(SIGPIPE, SIG_IGN);
}

StopSignals::~StopSignals() {
  if (!waiter_.joinable()) return;
  pthread_kill(waiter_.native_handle(), kEndWaiting);
  waiter_.join();
}

void StopSignals::OnStop(std::function<void()> stop) {
  waiter_ = std::thread([this, stop = std::move(stop)] {
    int signal = 0;
    sigwait(&signals_, &signal);
    if (signal == kEndWaiting) return;
    stop();
    sigwait(&signals_, &signal);
    if (signal != kEndWaiting) _exit(kExitOk);
  });
}

}  // namespace webhook::app
