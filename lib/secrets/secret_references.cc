// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/secrets/secret_references.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

#include "lib/base/file_descriptor.h"

namespace webhook::secrets {
namespace {

using delivery::SecretError;
using delivery::SecretTrouble;

constexpr std::size_t kNameBytesMax = 255;
// The worker's own configuration, its API key among it, is no endpoint's secret.
constexpr std::string_view kOwnVariables = "WEBHOOK_WORKER_";

bool IsAlphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool IsName(std::string_view name, std::string_view also) {
  return !name.empty() && name.size() <= kNameBytesMax &&
         std::all_of(name.begin(), name.end(), [also](char c) {
           return IsAlphanumeric(c) || also.find(c) != std::string_view::npos;
         });
}

SecretError Invalid(std::string message) { return {SecretTrouble::kInvalid, std::move(message)}; }
SecretError NotHere(std::string message) { return {SecretTrouble::kNotHere, std::move(message)}; }

SecretError Unreadable(const std::string& name, int error) {
  return NotHere(fmt::format("file:{} cannot be read on this worker: {}.", name,
                             std::generic_category().message(error)));
}

void StripLineBreak(std::string& text) {
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
}

// Where the name leads to, links followed; nothing when that is not inside the directory, or not
// there (`error` then says why).
std::optional<std::string> PathInside(const std::string& directory, const std::string& name,
                                      std::error_code& error) {
  namespace fs = std::filesystem;
  const fs::path root = fs::canonical(directory, error);
  if (error) return std::nullopt;
  const fs::path path = fs::canonical(root / name, error);
  if (error) return std::nullopt;
  const auto [end, inside] = std::mismatch(root.begin(), root.end(), path.begin(), path.end());
  if (end != root.end() || inside == path.end()) return std::nullopt;
  return path.string();
}

// The bytes of the file, at most one more than allowed; nothing on an error, which errno tells.
std::optional<std::string> ReadAll(int fd) {
  std::string bytes(kSecretFileBytesMax + 1, '\0');
  std::size_t size = 0;
  while (size < bytes.size()) {
    const ssize_t count = read(fd, &bytes[size], bytes.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return std::nullopt;
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
  }
  bytes.resize(size);
  return bytes;
}

}  // namespace

ReadVariable ProcessEnvironment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* const value = std::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return std::string(value);
  };
}

SecretReferences::SecretReferences(ReferenceOptions options) : options_(std::move(options)) {}

bool SecretReferences::IsReference(std::string_view value) {
  return value.starts_with(kEnvironmentReference) || value.starts_with(kFileReference);
}

base::Result<base::Secret, SecretError> SecretReferences::Resolve(std::string_view value) const {
  return value.starts_with(kEnvironmentReference)
             ? FromEnvironment(std::string(value.substr(kEnvironmentReference.size())))
             : FromFile(std::string(value.substr(kFileReference.size())));
}

SecretReferences::Resolved SecretReferences::FromEnvironment(const std::string& name) const {
  if (!IsName(name, "_")) {
    return Invalid("env: must be followed by a variable's name: letters, digits and underscores.");
  }
  if (options_.env_prefix.empty()) {
    return NotHere("This worker reads no secrets from its environment (secrets.env_prefix).");
  }
  if (!name.starts_with(options_.env_prefix) || name.starts_with(kOwnVariables)) {
    return NotHere(
        fmt::format("env:{} is not read on this worker: names must begin with {} "
                    "(secrets.env_prefix).",
                    name, options_.env_prefix));
  }
  std::optional<std::string> found = options_.read_variable(name);
  if (!found || found->empty()) {
    return NotHere(fmt::format("The variable {} is not set on this worker.", name));
  }
  return base::Secret(*std::move(found));
}

SecretReferences::Resolved SecretReferences::FromFile(const std::string& name) const {
  if (!IsName(name, "_-.") || name.starts_with('.')) {
    return Invalid(
        "file: must be followed by a file's name: letters, digits, underscores, hyphens and full "
        "stops, no directory.");
  }
  if (options_.directory.empty()) {
    return NotHere("This worker reads no secrets from files (secrets.directory).");
  }
  std::error_code error;
  const std::optional<std::string> path = PathInside(options_.directory, name, error);
  if (error) return Unreadable(name, error.value());
  if (!path) return NotHere(fmt::format("file:{} leads out of the secrets' directory.", name));
  const base::FileDescriptor file(
      open(path->c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  struct stat status {};
  if (!file.valid() || fstat(file.get(), &status) != 0) return Unreadable(name, errno);
  if (!S_ISREG(status.st_mode)) return NotHere(fmt::format("file:{} is not a file.", name));
  std::optional<std::string> bytes = ReadAll(file.get());
  if (!bytes) return Unreadable(name, errno);
  const bool too_long = bytes->size() > kSecretFileBytesMax;
  StripLineBreak(*bytes);
  base::Secret secret(*std::move(bytes));
  if (too_long) {
    return NotHere(fmt::format("file:{} has more than {} bytes.", name, kSecretFileBytesMax));
  }
  if (secret.empty()) return NotHere(fmt::format("file:{} is empty on this worker.", name));
  return secret;
}

}  // namespace webhook::secrets
