// SPDX-License-Identifier: LGPL-3.0-or-later
// What the process that runs callbacks gives up before it loads any. Against accidents, not against
// malice: it runs as the worker's user.
#pragma once

namespace webhook::callback_host {

// Closes every descriptor but the three standard ones and this one, which processes that a callback
// starts do not inherit. No core dumps, no more rights by setuid programs; when memory runs out the
// kernel ends this process and not the worker. Leaves SIGTERM and SIGINT to the worker, which ends
// this process when it has no use for it any more.
void ConfineThisProcess(int socket_fd);

}  // namespace webhook::callback_host
