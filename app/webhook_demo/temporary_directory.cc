// SPDX-License-Identifier: LGPL-3.0-or-later
#include "app/webhook_demo/temporary_directory.h"

#include <stdlib.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

namespace webhook::demo {

TemporaryDirectory::TemporaryDirectory() {
  const char* const parent = getenv("TMPDIR");
  path_ = std::string(parent != nullptr && *parent != 0 ? parent : "/tmp") + "/webhook-demo.XXXXXX";
  if (mkdtemp(path_.data()) == nullptr) {
    throw std::system_error(errno, std::generic_category(), "a temporary directory " + path_);
  }
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  if (!is_kept_) std::filesystem::remove_all(path_, ignored);
}

}  // namespace webhook::demo
