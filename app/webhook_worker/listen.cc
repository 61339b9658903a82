// SPDX-License-Identifier: LGPL-3.0-or-later
#include "app/webhook_worker/listen.h"

#include <stdexcept>
#include <string>

namespace webhook::app {

void StartServer(net::HttpServer& server, const char* setting) {
  try {
    server.Start();
  } catch (const std::runtime_error& error) {
    throw std::runtime_error(std::string(setting) + ": " + error.what());
  }
}

}  // namespace webhook::app
