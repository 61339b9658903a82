// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/journal/disk_shortage.h"

#include <fmt/format.h>
#include <sys/statvfs.h>

namespace webhook::journal {

std::string DiskShortage(const std::string& path, std::int64_t free_bytes_min) {
  struct statvfs disk = {};
  if (::statvfs(path.c_str(), &disk) != 0) return "";  // the next commit will show
  const std::uint64_t free_bytes = std::uint64_t{disk.f_bavail} * disk.f_frsize;
  if (free_bytes >= static_cast<std::uint64_t>(free_bytes_min)) return "";
  return fmt::format("its disk has {} bytes free, and {} are left to others", free_bytes,
                     free_bytes_min);
}

}  // namespace webhook::journal
