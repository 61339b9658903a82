// SPDX-License-Identifier: LGPL-3.0-or-later
// Port: opens the secrets of the configuration, in memory only.
#pragma once

#include <string>

#include "lib/base/result.h"
#include "lib/base/secret.h"
#include "lib/model/endpoint.h"

namespace webhook::delivery {

enum class SecretTrouble {
  kInvalid,  // malformed, altered, or sealed for another record: it must be entered again
  kNotHere,  // this worker lacks the key, the environment variable or the file
};

struct SecretError {
  SecretTrouble trouble;
  std::string message;  // one sentence without the secret
};

class SecretOpener {
 public:
  virtual ~SecretOpener() = default;

  // Called on the strand when a configuration arrives; reads local files at most.
  virtual base::Result<base::Secret, SecretError> Open(const model::SecretEntry& secret) = 0;

  // 32 bytes: the key that new secrets should be sealed to; empty when this worker has none.
  virtual std::string PublicKey() const = 0;

  // The value of the same secret sealed to `public_key`. Nothing when it is no sealed one, is
  // sealed to that key already, or cannot be opened.
  virtual std::string Reseal(const model::SecretEntry& secret, const std::string& public_key) = 0;
};

}  // namespace webhook::delivery
