// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/config/key_source.h"

#include <fmt/format.h>

#include <utility>

#include "lib/base/assert.h"
#include "lib/config/text_checks.h"

namespace webhook::config {
namespace {

constexpr std::size_t kKeyFileBytesMax = 4'096;
constexpr std::size_t kTlsKeyFileBytesMax = 65'536;  // a certificate may stand in the same file

void StripLineBreak(std::string& text) {
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
}

}  // namespace

std::optional<Complaint> CheckSecretFileMode(const std::string& path, unsigned mode) {
  if ((mode & 0006U) == 0) return {};
  return Complaint{fmt::format("{} holds a secret, and its mode {:04o} lets every user of this "
                               "machine {} it",
                               Cite(path), mode, (mode & 0004U) != 0 ? "read" : "write"),
                   fmt::format("run: chmod {:04o} {}", mode & 0770U, path)};
}

base::Result<base::Secret, Complaint> ReadKeyFile(const std::string& path,
                                                  const FileReader& read_file) {
  auto file = read_file(path, kKeyFileBytesMax);
  if (!file.ok()) {
    return Complaint{fmt::format("{} cannot be read: {}", Cite(path), file.error().reason),
                     "expected a file that holds the API key and nothing else"};
  }
  if (auto complaint = CheckSecretFileMode(path, file.value().mode)) return std::move(*complaint);
  std::string key = std::move(file.value().bytes);
  StripLineBreak(key);
  if (auto complaint = CheckApiKey(key)) {
    complaint->what = Cite(path) + " " + complaint->what;
    return std::move(*complaint);
  }
  return base::Secret(std::move(key));
}

base::Result<base::Secret, Complaint> ReadPasswordFile(const std::string& path,
                                                       const FileReader& read_file) {
  const std::string expected = "expected a file that holds the password and nothing else";
  auto file = read_file(path, kKeyFileBytesMax);
  if (!file.ok()) {
    return Complaint{fmt::format("{} cannot be read: {}", Cite(path), file.error().reason),
                     expected};
  }
  if (auto complaint = CheckSecretFileMode(path, file.value().mode)) return std::move(*complaint);
  std::string password = std::move(file.value().bytes);
  StripLineBreak(password);
  if (password.empty() || CheckAny(password)) {
    base::Secret::Wipe(password);
    return Complaint{Cite(path) + " is empty, or holds more than one line", expected};
  }
  return base::Secret(std::move(password));
}

std::optional<Complaint> CheckPrivateKeyFile(const std::string& path, const FileReader& read_file) {
  const std::string expected = "expected a file that webhook-worker keygen made";
  auto file = read_file(path, kKeyFileBytesMax);
  if (!file.ok()) {
    return Complaint{fmt::format("{} cannot be read: {}", Cite(path), file.error().reason),
                     expected};
  }
  const base::Secret text(std::move(file.value().bytes));
  if ((file.value().mode & 0077U) != 0) {
    return Complaint{fmt::format("{} holds a private key, and its mode {:04o} lets others at it",
                                 Cite(path), file.value().mode),
                     fmt::format("run: chmod 600 {}", path)};
  }
  if (text.Reveal().starts_with("webhook-worker-private-key:")) return {};
  return Complaint{Cite(path) + " holds no private key", expected};
}

std::optional<Complaint> CheckTlsKeyFile(const std::string& path, const FileReader& read_file) {
  const std::string expected = "expected a private key in PEM format, without a passphrase";
  auto file = read_file(path, kTlsKeyFileBytesMax);
  if (!file.ok()) {
    return Complaint{fmt::format("{} cannot be read: {}", Cite(path), file.error().reason),
                     expected};
  }
  const base::Secret text(std::move(file.value().bytes));
  if (auto complaint = CheckSecretFileMode(path, file.value().mode)) return complaint;
  if (text.Reveal().find("PRIVATE KEY-----") == std::string::npos) {
    return Complaint{Cite(path) + " holds no private key", expected};
  }
  if (text.Reveal().find("ENCRYPTED") == std::string::npos) return {};
  return Complaint{Cite(path) + " holds a private key that needs a passphrase", expected};
}

KeySource MakeKeySource(const OdooConfig& odoo, FileReader read_file) {
  WEBHOOK_ASSERT(odoo.api_key.empty() != odoo.api_key_file.empty());
  if (!odoo.api_key.empty()) {
    return [key = odoo.api_key]() -> base::Result<base::Secret, Complaint> { return key; };
  }
  return
      [path = odoo.api_key_file, read = std::move(read_file)] { return ReadKeyFile(path, read); };
}

}  // namespace webhook::config
