// SPDX-License-Identifier: LGPL-3.0-or-later
// Secrets that stay on this machine: `env:NAME` and `file:NAME`, within what the operator set aside
// for them. A reference is an administrator's text: it reaches nothing else. One thread.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "lib/base/result.h"
#include "lib/base/secret.h"
#include "lib/delivery/ports/secret_opener.h"

namespace webhook::secrets {

inline constexpr std::string_view kEnvironmentReference = "env:";
inline constexpr std::string_view kFileReference = "file:";
inline constexpr std::size_t kSecretFileBytesMax = 65'536;

// The value of a variable; nothing when it is not set.
using ReadVariable = std::function<std::optional<std::string>(const std::string& name)>;

// The process's environment. Nobody may change it meanwhile.
ReadVariable ProcessEnvironment();

struct ReferenceOptions {
  std::string env_prefix = {};  // of the variables' names; empty: none is read
  std::string directory = {};   // of the files; empty: none is read
  ReadVariable read_variable = ProcessEnvironment();
};

class SecretReferences {
 public:
  explicit SecretReferences(ReferenceOptions options);

  static bool IsReference(std::string_view value);

  // Precondition: IsReference(value). A file's last line break is not part of the secret. Symbolic
  // links are followed as long as they stay in the directory.
  base::Result<base::Secret, delivery::SecretError> Resolve(std::string_view value) const;

 private:
  using Resolved = base::Result<base::Secret, delivery::SecretError>;
  Resolved FromEnvironment(const std::string& name) const;
  Resolved FromFile(const std::string& name) const;

  ReferenceOptions options_;
};

}  // namespace webhook::secrets
