// SPDX-License-Identifier: LGPL-3.0-or-later
#include "app/webhook_worker/commands.h"
#include "lib/callback_host/child.h"

namespace webhook::app {

int CallbackHostCommand(int socket_fd, const std::vector<std::string>& libraries) {
  return callback_host::RunCallbackHost(socket_fd, libraries);
}

}  // namespace webhook::app
