// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/secrets/worker_secrets.h"

#include <fmt/format.h>

#include <utility>

#include "lib/model/endpoint.h"
#include "lib/signing/hash.h"
#include "lib/signing/sealed_secret.h"

namespace webhook::secrets {
namespace {

using delivery::SecretError;
using delivery::SecretTrouble;
using Opened = base::Result<base::Secret, SecretError>;

// What binds a sealed text to its record: moved to another one it cannot be opened.
std::string AssociatedData(const model::SecretEntry& secret) {
  return fmt::format("bwt.webhook.secret,{},{}", secret.id, model::Spelling(secret.purpose));
}

SecretError Damaged() {
  return {SecretTrouble::kInvalid,
          "The secret was altered, or sealed for another record: enter it again."};
}

}  // namespace

WorkerSecrets::WorkerSecrets(const SecretsOptions& options)
    : keys_(options.key_file, options.old_key_files), references_(options.references) {}

Opened WorkerSecrets::Open(const model::SecretEntry& secret) {
  if (SecretReferences::IsReference(secret.value)) return references_.Resolve(secret.value);
  return OpenSealed(secret);
}

Opened WorkerSecrets::OpenSealed(const model::SecretEntry& secret) {
  const auto key_id = signing::SealedTo(secret.value);
  if (!key_id) {
    return SecretError{SecretTrouble::kInvalid,
                       "The secret is neither sealed nor a reference: enter it again."};
  }
  const signing::KeyPair* const key = keys_.Find(*key_id);
  if (key == nullptr) {
    return SecretError{
        SecretTrouble::kNotHere,
        keys_.empty()
            ? std::string("This worker has no private key (secrets.key_file).")
            : fmt::format("The secret is sealed to the key {}…, which this worker does not have "
                          "(secrets.key_file, secrets.old_key_files).",
                          signing::EncodeHex(*key_id))};
  }
  auto opened = signing::Open(key->private_key, AssociatedData(secret), secret.value);
  if (!opened.ok()) return Damaged();
  if (opened.value().empty()) {
    return SecretError{SecretTrouble::kInvalid, "The secret is empty: enter it again."};
  }
  return std::move(opened).value();
}

std::string WorkerSecrets::Reseal(const model::SecretEntry& secret, const std::string& public_key) {
  const auto key_id = signing::SealedTo(secret.value);
  const std::string wanted_id = signing::KeyId(public_key);
  const signing::KeyPair* const wanted = keys_.Find(wanted_id);
  if (!key_id || *key_id == wanted_id || wanted == nullptr) return "";
  const Opened opened = OpenSealed(secret);
  if (!opened.ok()) return "";
  return signing::Seal(wanted->public_key, AssociatedData(secret), opened.value()).value_or("");
}

}  // namespace webhook::secrets
