// SPDX-License-Identifier: LGPL-3.0-or-later
// What the worker of the demo is given: its program, configuration and key.
#pragma once

#include <string>

#include "app/webhook_demo/demo_odoo.h"
#include "app/webhook_demo/temporary_directory.h"

namespace webhook::demo {

// `wanted`, or when it is empty the webhook-worker beside this program, installed or built. Throws
// std::runtime_error when there is none.
std::string FindWorker(const std::string& wanted);

struct WorkerFiles {
  std::string config;  // worker.toml
  std::string log;     // the worker appends to it
};

// Writes them into the directory. The worker may reach the receiver's port on loopback, and nothing
// else that is not public. Throws std::runtime_error.
WorkerFiles WriteWorkerFiles(const TemporaryDirectory& directory, const WorkerAccess& access,
                             int receiver_port);

// The last lines of a file, indented; empty when there is none.
std::string LastLines(const std::string& path, int lines_max);

}  // namespace webhook::demo
