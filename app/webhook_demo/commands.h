// SPDX-License-Identifier: LGPL-3.0-or-later
// The commands of webhook-demo. Each returns the exit code, and throws std::runtime_error with a
// sentence for people when it cannot do its work.
#pragma once

#include <string>

#include "app/webhook_demo/receiver/receiver.h"

namespace webhook::demo {

struct ReceiverCommandOptions {
  ReceiverOptions receiver;
  std::string port_file;  // not empty: the port is written there once it listens
};

// Receives until SIGTERM or SIGINT.
int ReceiverCommand(const ReceiverCommandOptions& options);

}  // namespace webhook::demo
