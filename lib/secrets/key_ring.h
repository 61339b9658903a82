// SPDX-License-Identifier: LGPL-3.0-or-later
// The private keys of this worker: the one that new secrets are sealed to, and older ones that
// present secrets may still be sealed to. Immutable; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lib/base/secret.h"
#include "lib/signing/sealed_secret.h"

namespace webhook::secrets {

class KeyRing {
 public:
  KeyRing() = default;  // no key

  // Reads the files; `key_file` empty: there is no current key. Throws std::runtime_error, which
  // names the file, when one cannot be used.
  KeyRing(const std::string& key_file, const std::vector<std::string>& old_key_files);

  // Of the current key; empty: none.
  const std::string& public_key() const { return current_public_key_; }
  bool empty() const { return keys_.empty(); }

  // nullptr: this worker does not have it.
  const signing::KeyPair* Find(std::string_view key_id) const;

 private:
  std::string current_public_key_;
  std::vector<signing::KeyPair> keys_;
};

}  // namespace webhook::secrets
