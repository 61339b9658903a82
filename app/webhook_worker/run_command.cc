// SPDX-License-Identifier: LGPL-3.0-or-later
#include "app/webhook_worker/commands.h"
#include "app/webhook_worker/core_dumps.h"
#include "app/webhook_worker/exit_code.h"
#include "app/webhook_worker/service.h"
#include "app/webhook_worker/stop_signals.h"

namespace webhook::app {

int RunCommand(const config::Config& config) {
  const config::SecretsConfig& secrets = config.secrets;
  if (!secrets.key_file.empty() || !secrets.old_key_files.empty()) ForbidCoreDumps();
  BlockStopSignals();  // before any thread: they inherit the mask
  Service service(config);
  const StopWatch watch([&service] { service.Stop(); });
  service.Run();
  return kExitOk;
}

}  // namespace webhook::app
