// SPDX-License-Identifier: LGPL-3.0-or-later
// Who could change the code of a shared object: only root and the user that runs the worker may.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

namespace webhook::callback_host {

// A sentence that says why the file is not loaded, and what to do; nothing when it may be. Looks at
// the file, which must be a regular one named by an absolute path and no symbolic link, and at
// every directory above it. `user`: who runs the worker.
std::optional<std::string> RefuseLibrary(const std::string& path, uid_t user);

}  // namespace webhook::callback_host
