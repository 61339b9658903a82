// SPDX-License-Identifier: LGPL-3.0-or-later
// Plain data.
#pragma once

#include <string>
#include <vector>

#include "lib/base/time.h"

namespace webhook::callback_host {

struct HostOptions {
  std::vector<std::string> libraries = {};   // absolute paths
  std::size_t processes_max = 2;             // calls at once
  std::string program = "/proc/self/exe";    // has the command callback-host
  base::Milliseconds start_timeout{10'000};  // until a new process has said what it has
  base::Milliseconds pause_max{10'000};      // after crashes in a row: 100 ms, 200 ms, …
};

}  // namespace webhook::callback_host
