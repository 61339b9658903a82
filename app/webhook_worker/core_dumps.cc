// SPDX-License-Identifier: LGPL-3.0-or-later
#include "app/webhook_worker/core_dumps.h"

#include <sys/prctl.h>
#include <sys/resource.h>

namespace webhook::app {

void ForbidCoreDumps() {
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  prctl(PR_SET_DUMPABLE, 0);
}

}  // namespace webhook::app
