// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/callback_host/library_check.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

namespace webhook::callback_host {
namespace {

namespace fs = std::filesystem;
using Refusal = std::optional<std::string>;

constexpr mode_t kOthersWrite = S_IWGRP | S_IWOTH;

std::string WhyNot(const std::string& path) {
  return fmt::format("{} cannot be looked at: {}", path, std::generic_category().message(errno));
}

Refusal RefuseOwner(const std::string& path, const struct stat& status, uid_t user) {
  if (status.st_uid == 0 || status.st_uid == user) return {};
  return fmt::format("{} belongs to user {}, who could put other code there; run: chown root {}",
                     path, status.st_uid, path);
}

Refusal RefuseFile(const std::string& path, uid_t user) {
  struct stat status = {};
  if (lstat(path.c_str(), &status) != 0) return WhyNot(path);
  if (S_ISLNK(status.st_mode)) {
    return fmt::format("{} is a symbolic link; name the file itself", path);
  }
  if (!S_ISREG(status.st_mode)) return fmt::format("{} is no regular file", path);
  if (Refusal refusal = RefuseOwner(path, status, user)) return refusal;
  if ((status.st_mode & kOthersWrite) == 0) return {};
  return fmt::format("{} can be written by others than its owner; run: chmod go-w {}", path, path);
}

// In a directory like /tmp (sticky) others can add files, but not replace what is there. The
// library's own directory must not even be that: a loader looks for more beside it.
Refusal RefuseDirectory(const std::string& path, uid_t user, bool sticky_is_enough) {
  struct stat status = {};
  if (stat(path.c_str(), &status) != 0) return WhyNot(path);
  if (Refusal refusal = RefuseOwner(path, status, user)) return refusal;
  const bool sticky = (status.st_mode & S_ISVTX) != 0;
  if ((status.st_mode & kOthersWrite) == 0 || (sticky && sticky_is_enough)) return {};
  return fmt::format("the directory {} can be written by others than its owner; run: chmod go-w {}",
                     path, path);
}

}  // namespace

Refusal RefuseLibrary(const std::string& path, uid_t user) {
  const fs::path file(path);
  if (!file.is_absolute()) return fmt::format("{} is not an absolute path", path);
  if (file.lexically_normal() != file) return fmt::format("{} is not a plain path", path);
  if (Refusal refusal = RefuseFile(path, user)) return refusal;
  bool sticky_is_enough = false;
  for (fs::path directory = file.parent_path();; directory = directory.parent_path()) {
    if (Refusal refusal = RefuseDirectory(directory.string(), user, sticky_is_enough)) {
      return refusal;
    }
    if (directory == directory.root_path()) return {};
    sticky_is_enough = true;
  }
}

}  // namespace webhook::callback_host
