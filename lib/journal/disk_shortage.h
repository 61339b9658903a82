// SPDX-License-Identifier: LGPL-3.0-or-later
// Whether a disk has less room than has to stay free for others. Any thread.
#pragma once

#include <cstdint>
#include <string>

namespace webhook::journal {

// A sentence about the disk of the file; empty: there is room, or it cannot be said.
std::string DiskShortage(const std::string& path, std::int64_t free_bytes_min);

}  // namespace webhook::journal
