// SPDX-License-Identifier: LGPL-3.0-or-later
// Where the API key comes from. When Odoo refuses the key, the source is asked again: an operator
// replaces the file, and the worker goes on without a restart.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "lib/base/result.h"
#include "lib/base/secret.h"
#include "lib/config/config.h"
#include "lib/config/config_error.h"
#include "lib/config/file_reader.h"

namespace webhook::config {

// Reads the key as it is now. Blocking when it comes from a file; any thread. Never throws.
using KeySource = std::function<base::Result<base::Secret, Complaint>()>;

// Precondition: exactly one of api_key and api_key_file is set, as parsing ensures.
KeySource MakeKeySource(const OdooConfig& odoo, FileReader read_file);

// Reads a key file: one line, with or without a line break, that only its owner and group can read.
base::Result<base::Secret, Complaint> ReadKeyFile(const std::string& path,
                                                  const FileReader& read_file);

// Reads a file that holds a password alone, the same way.
base::Result<base::Secret, Complaint> ReadPasswordFile(const std::string& path,
                                                       const FileReader& read_file);

// Complains when a file cannot be one that webhook-worker keygen wrote: unreadable, something else,
// or others than its owner can reach it.
std::optional<Complaint> CheckPrivateKeyFile(const std::string& path, const FileReader& read_file);

// Complains when a file cannot hold the private key of a TLS certificate: unreadable, no PEM, or
// every user of the machine can reach it.
std::optional<Complaint> CheckTlsKeyFile(const std::string& path, const FileReader& read_file);

// Complains when everybody on the machine can read or write a file that holds a secret.
std::optional<Complaint> CheckSecretFileMode(const std::string& path, unsigned mode);

}  // namespace webhook::config
