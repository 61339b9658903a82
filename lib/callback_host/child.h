// SPDX-License-Identifier: LGPL-3.0-or-later
// The process that runs callbacks, seen from inside: `webhook-worker callback-host`. It knows no
// key, no database and no configuration; what it is given comes through one socket.
#pragma once

#include <string>
#include <vector>

namespace webhook::callback_host {

// Loads the libraries, says what it has, then runs one call after the other until the worker closes
// the socket. Takes over the whole process: descriptors, limits, signals. Returns the exit code.
int RunCallbackHost(int socket_fd, const std::vector<std::string>& libraries);

}  // namespace webhook::callback_host
