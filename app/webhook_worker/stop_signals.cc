// SPDX-License-Identifier: LGPL-3.0-or-later
#include "app/webhook_worker/stop_signals.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <utility>

#include "app/webhook_worker/exit_code.h"

namespace webhook::app {
namespace {

constexpr int kEndWaiting =
    SIGUSR2;  // of the destructor, to its own thread; from elsewhere it means nothing

sigset_t Signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, kEndWaiting);
  return signals;
}

}  // namespace

void BlockStopSignals() {
  const sigset_t signals = Signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

StopWatch::StopWatch(std::function<void()> stop)
    : waiter_([this, stop = std::move(stop)] { Wait(stop); }) {}

StopWatch::~StopWatch() {
  ending_ = true;
  pthread_kill(waiter_.native_handle(), kEndWaiting);
  waiter_.join();
}

void StopWatch::Wait(const std::function<void()>& stop) {
  const sigset_t signals = Signals();
  bool stopping = false;
  while (!ending_) {
    int signal = 0;
    sigwait(&signals, &signal);
    if (signal == kEndWaiting) continue;
    if (stopping) _exit(kExitInterrupted);
    stopping = true;
    stop();
  }
}

}  // namespace webhook::app
