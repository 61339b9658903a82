// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/journal/journal_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "lib/journal/journal_error.h"

namespace webhook::journal {
namespace {

constexpr mode_t kFileMode = 0600;

int LockFile(int fd) {
  int result = 0;
  do {
    result = ::flock(fd, LOCK_EX | LOCK_NB);
  } while (result != 0 && errno == EINTR);
  return result == 0 ? 0 : errno;
}

// The process id that the owner wrote, or a question mark.
std::string ReadOwner(int fd) {
  std::array<char, 16> text = {};
  const ssize_t length = ::pread(fd, text.data(), text.size(), 0);
  std::string owner;
  for (ssize_t i = 0; i < length && text[static_cast<std::size_t>(i)] >= '0' &&
                      text[static_cast<std::size_t>(i)] <= '9';
       ++i) {
    owner += text[static_cast<std::size_t>(i)];
  }
  return owner.empty() ? "?" : owner;
}

// For people only, so a full disk is no reason to refuse the lock.
void WriteOwner(int fd) {
  const std::string owner = fmt::format("{}\n", ::getpid());
  if (::ftruncate(fd, 0) != 0 || ::pwrite(fd, owner.data(), owner.size(), 0) < 0) return;
}

}  // namespace

JournalLock::JournalLock(const std::string& journal_path, const char* noun) : fd_(-1) {
  const std::string path = journal_path + ".lock";
  fd_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kFileMode);
  if (fd_ < 0) {
    throw JournalError(
        fmt::format("cannot open {}: {}", path, std::generic_category().message(errno)));
  }
  const int error = LockFile(fd_);
  if (error == 0) {
    WriteOwner(fd_);
    return;
  }
  const std::string owner = ReadOwner(fd_);
  ::close(fd_);
  if (error != EWOULDBLOCK) {
    throw JournalError(
        fmt::format("cannot lock {}: {}", path, std::generic_category().message(error)));
  }
  throw JournalLocked(
      fmt::format("the {0} {1} is in use by process {2}: one worker, one {0}; give each worker a "
                  "path of its own",
                  noun, journal_path, owner));
}

JournalLock::~JournalLock() { ::close(fd_); }

}  // namespace webhook::journal
