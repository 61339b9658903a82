// SPDX-License-Identifier: LGPL-3.0-or-later
// Opens the secrets of the configuration with what this machine has: private key files, variables
// of the environment, files of one directory. One thread.
#pragma once

#include <string>
#include <vector>

#include "lib/delivery/ports/secret_opener.h"
#include "lib/secrets/key_ring.h"
#include "lib/secrets/secret_references.h"

namespace webhook::secrets {

struct SecretsOptions {
  std::string key_file = {};                    // the key to seal to; empty: none
  std::vector<std::string> old_key_files = {};  // keys that secrets may still be sealed to
  ReferenceOptions references = {};
};

class WorkerSecrets final : public delivery::SecretOpener {
 public:
  // Throws std::runtime_error, which names the file, when a key file cannot be used.
  explicit WorkerSecrets(const SecretsOptions& options);

  base::Result<base::Secret, delivery::SecretError> Open(const model::SecretEntry& secret) override;
  std::string PublicKey() const override { return keys_.public_key(); }

  // Nothing, too, when `public_key` is not one of this worker's own: whoever can write to Odoo's
  // database must not get secrets sealed to a key of his.
  std::string Reseal(const model::SecretEntry& secret, const std::string& public_key) override;

 private:
  base::Result<base::Secret, delivery::SecretError> OpenSealed(const model::SecretEntry& secret);

  KeyRing keys_;
  SecretReferences references_;
};

}  // namespace webhook::secrets
