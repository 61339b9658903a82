// SPDX-License-Identifier: LGPL-3.0-or-later
// Keeps signals away from the threads of adapters: they are the main thread's business, and a
// broken connection must not end the process with SIGPIPE.
#pragma once

#include <signal.h>

namespace webhook::net {

// First statement of a thread's function.
inline void BlockSignalsInThisThread() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

}  // namespace webhook::net
