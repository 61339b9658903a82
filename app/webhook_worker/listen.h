// SPDX-License-Identifier: LGPL-3.0-or-later
// Starts a server of ours so that a failure names the setting to look at.
#pragma once

#include "lib/net/http_server.h"

namespace webhook::app {

// Throws std::runtime_error: "gateway.listen: …".
void StartServer(net::HttpServer& server, const char* setting);

}  // namespace webhook::app
