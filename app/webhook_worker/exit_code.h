// SPDX-License-Identifier: LGPL-3.0-or-later
// What the process tells its supervisor (sysexits.h).
#pragma once

namespace webhook::app {

enum ExitCode : int {
  kExitOk = 0,
  kExitProblem = 1,         // check found an error
  kExitUsage = 64,          // wrong command line
  kExitSoftware = 70,       // a bug, or a broken environment
  kExitTemporary = 75,      // another process has the journal
  kExitConfiguration = 78,  // the configuration is not valid
  kExitInterrupted = 130,   // a second signal: ended at once
};

}  // namespace webhook::app
