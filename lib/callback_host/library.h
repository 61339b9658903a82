// SPDX-License-Identifier: LGPL-3.0-or-later
// Loads a shared object with callbacks into this process. It stays until the process ends: the code
// of a library that is unloaded may still be running in a thread of its own.
#pragma once

#include <string>

#include "lib/base/result.h"
#include "lib/callback/sdk_abi.h"

namespace webhook::callback_host {

// The library's functions, or a sentence that says why it cannot be used. Runs the library's
// initialisers. The file has been checked (library_check.h).
base::Result<const webhook_sdk_entry_table*, std::string> LoadLibrary(const std::string& path);

// Nothing ("") when a library built for `version` of the SDK can be used; else which of the two to
// build again.
std::string RefuseVersion(const std::string& path, int version);

}  // namespace webhook::callback_host
