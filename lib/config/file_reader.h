// SPDX-License-Identifier: LGPL-3.0-or-later
// The door to files: handed in, so that parsing stays pure and a key can be read again later.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "lib/base/result.h"

namespace webhook::config {

struct FileText {
  std::string bytes;
  unsigned mode = 0600;  // permission bits
};

// Why a file could not be read: "No such file or directory".
struct FileError {
  std::string reason;
};

// Reads a whole file of at most `bytes_max` bytes. Blocking; any thread. Never throws.
using FileReader = std::function<base::Result<FileText, FileError>(const std::string& path,
                                                                   std::size_t bytes_max)>;

// The machine's files.
FileReader SystemFileReader();

}  // namespace webhook::config
