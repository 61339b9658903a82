// SPDX-License-Identifier: LGPL-3.0-or-later
// Files with a chosen mode, for tests of what may be read by whom.
#pragma once

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <fstream>
#include <string>
#include <string_view>

#include "tests/fakes/temporary_directory.h"

namespace webhook::config {

inline void WriteFile(const fakes::TemporaryDirectory& folder, const std::string& name,
                      std::string_view bytes, mode_t mode) {
  std::ofstream(folder.File(name), std::ios::binary) << bytes;
  REQUIRE(chmod(folder.File(name).c_str(), mode) == 0);
}

}  // namespace webhook::config
