// SPDX-License-Identifier: LGPL-3.0-or-later
// The file of a worker's private key: one line, `webhook-worker-private-key:1:<base64>`, that only
// its owner can read. Blocking; any thread.
#pragma once

#include <string>

#include "lib/base/result.h"
#include "lib/base/secret.h"

namespace webhook::secrets {

// The error is a sentence that names the file, without anything of its content. Refused are files
// that group or others can read or write, that belong to neither this user nor root, and that are
// no regular files.
base::Result<base::Secret, std::string> ReadPrivateKeyFile(const std::string& path);

// Writes a new file of mode 0600, complete and on disk or not at all; never over an existing one.
// Returns what is wrong, or "".
std::string WritePrivateKeyFile(const std::string& path, const base::Secret& private_key);

}  // namespace webhook::secrets
