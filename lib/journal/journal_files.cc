// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/journal/journal_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "lib/base/file_descriptor.h"
#include "lib/journal/journal_error.h"

namespace webhook::journal {
namespace {

namespace fs = std::filesystem;

constexpr mode_t kDirectoryMode = 0700;
constexpr mode_t kFileMode = 0600;
constexpr mode_t kOthersMask = 0077;

[[noreturn]] void ThrowErrno(const char* what, const std::string& path, int error) {
  throw JournalError(
      fmt::format("cannot {} {}: {}", what, path, std::generic_category().message(error)));
}

bool TrySyncDirectoryOf(const std::string& path) {
  const fs::path parent = fs::path(path).parent_path();
  const base::FileDescriptor directory(
      ::open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return directory.valid() && ::fsync(directory.get()) == 0;
}

void CreateDirectories(const fs::path& directory) {
  std::error_code ignored;  // what is wrong with it shows in mkdir or in open
  if (directory.empty() || fs::exists(directory, ignored)) return;
  CreateDirectories(directory.parent_path());
  if (::mkdir(directory.c_str(), kDirectoryMode) != 0 && errno != EEXIST) {
    ThrowErrno("create the journal's directory", directory.string(), errno);
  }
  TrySyncDirectoryOf(directory.string());  // one that may be written may still not be opened
}

}  // namespace

void CreateJournalDirectory(const std::string& path) {
  CreateDirectories(fs::path(path).parent_path());
}

void SyncDirectoryOf(const std::string& path) {
  if (!TrySyncDirectoryOf(path)) ThrowErrno("bring to disk the directory of", path, errno);
}

void CreateJournalFile(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kFileMode);
  if (fd < 0) ThrowErrno("open the journal", path, errno);
  struct stat status = {};
  int error = 0;
  if (::fstat(fd, &status) != 0 ||
      ((status.st_mode & kOthersMask) != 0 && ::fchmod(fd, kFileMode) != 0)) {
    error = errno;
  }
  ::close(fd);
  if (error != 0) ThrowErrno("restrict the rights of the journal", path, error);
}

}  // namespace webhook::journal
