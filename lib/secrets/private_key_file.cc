// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/secrets/private_key_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "lib/base/base64.h"
#include "lib/base/file_descriptor.h"
#include "lib/signing/sealed_secret.h"

namespace webhook::secrets {
namespace {

constexpr std::string_view kHead = "webhook-worker-private-key:1:";
constexpr std::size_t kFileBytesMax = 256;

std::string LastError() { return std::generic_category().message(errno); }

std::optional<std::string> StatusProblem(const std::string& path, const struct stat& status) {
  if (!S_ISREG(status.st_mode)) return fmt::format("{} is not a file", path);
  if (status.st_uid != geteuid() && status.st_uid != 0) {
    return fmt::format("{} holds a private key, but belongs to another user: run chown", path);
  }
  if ((status.st_mode & 0077U) == 0) return std::nullopt;
  return fmt::format(
      "{} holds a private key, and its mode {:04o} lets others at it: run chmod 600 {}", path,
      status.st_mode & 07777U, path);
}

// The bytes that were read; negative: an error.
ssize_t ReadAll(int fd, char* to, std::size_t size_max) {
  std::size_t size = 0;
  while (size < size_max) {
    const ssize_t count = read(fd, to + size, size_max - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return -1;
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
  }
  return static_cast<ssize_t>(size);
}

std::optional<base::Secret> Parse(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.ends_with('\r')) text.remove_suffix(1);
  if (!text.starts_with(kHead)) return std::nullopt;
  auto bytes = base::DecodeBase64(text.substr(kHead.size()));
  if (!bytes || bytes->size() != signing::kSealingKeyBytes) return std::nullopt;
  return base::Secret(*std::move(bytes));
}

bool WriteAll(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = write(fd, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

// The name of a new file is on disk once its directory is.
bool SyncDirectoryOf(const std::string& path) {
  const std::filesystem::path parent = std::filesystem::path(path).parent_path();
  const base::FileDescriptor directory(
      open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return directory.valid() && fsync(directory.get()) == 0;
}

}  // namespace

base::Result<base::Secret, std::string> ReadPrivateKeyFile(const std::string& path) {
  const base::FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status {};
  if (!file.valid() || fstat(file.get(), &status) != 0) {
    return fmt::format("{} cannot be read: {}", path, LastError());
  }
  if (auto problem = StatusProblem(path, status)) return *std::move(problem);
  std::string buffer(kFileBytesMax + 1, '\0');
  const ssize_t size = ReadAll(file.get(), buffer.data(), buffer.size());
  const std::string reason = size < 0 ? LastError() : std::string();
  const base::Secret text(std::move(buffer));
  if (size < 0) return fmt::format("{} cannot be read: {}", path, reason);
  const std::string_view shown = text.Reveal();
  if (auto key = Parse(shown.substr(0, static_cast<std::size_t>(size)))) return *std::move(key);
  return fmt::format("{} holds no private key as webhook-worker keygen writes it", path);
}

std::string WritePrivateKeyFile(const std::string& path, const base::Secret& private_key) {
  const base::FileDescriptor file(
      open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file.valid()) {
    if (errno != EEXIST) return fmt::format("{} cannot be made: {}", path, LastError());
    return fmt::format(
        "{} exists already. It is not overwritten: without its key nobody could open what was "
        "sealed to it",
        path);
  }
  std::string line = std::string(kHead) + base::EncodeBase64(private_key.Reveal()) + '\n';
  const base::Secret text(std::move(line));
  if (WriteAll(file.get(), text.Reveal()) && fsync(file.get()) == 0 && SyncDirectoryOf(path)) {
    return "";
  }
  const std::string reason = LastError();
  unlink(path.c_str());
  return fmt::format("{} cannot be written: {}", path, reason);
}

}  // namespace webhook::secrets
