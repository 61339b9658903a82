// SPDX-License-Identifier: LGPL-3.0-or-later
// A directory of this run, readable by its user only.
#pragma once

#include <string>

namespace webhook::demo {

class TemporaryDirectory {
 public:
  // In $TMPDIR, or /tmp. Throws std::system_error.
  TemporaryDirectory();
  // Removed, unless Keep() was called.
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  void Keep() { is_kept_ = true; }
  const std::string& path() const { return path_; }
  std::string File(const std::string& name) const { return path_ + '/' + name; }

 private:
  std::string path_;
  bool is_kept_ = false;
};

}  // namespace webhook::demo
