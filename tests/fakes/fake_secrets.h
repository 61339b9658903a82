// SPDX-License-Identifier: LGPL-3.0-or-later
// A secret opener that knows what it is told: the clear text of each stored value.
#pragma once

#include <map>
#include <set>
#include <string>

#include "lib/delivery/ports/secret_opener.h"

namespace webhook::fakes {

class FakeSecrets final : public delivery::SecretOpener {
 public:
  base::Result<base::Secret, delivery::SecretError> Open(
      const model::SecretEntry& secret) override {
    ++opened;
    if (invalid.contains(secret.value)) {
      return delivery::SecretError{delivery::SecretTrouble::kInvalid, "it cannot be opened"};
    }
    const auto found = values.find(secret.value);
    if (found == values.end()) {
      return delivery::SecretError{delivery::SecretTrouble::kNotHere,
                                   "this worker does not have its key"};
    }
    return base::Secret(found->second);
  }

  std::string PublicKey() const override { return public_key; }

  // "sealed:1:<key>:<clear text>", for anyone to read: it is a fake.
  std::string Reseal(const model::SecretEntry& secret, const std::string& key) override {
    const auto found = values.find(secret.value);
    if (!secret.value.starts_with("sealed:1:") || found == values.end()) return "";
    const std::string resealed = "sealed:1:" + key + ':' + found->second;
    if (secret.value == resealed) return "";
    values[resealed] = found->second;
    return resealed;
  }

  std::map<std::string, std::string> values;  // clear text by stored value
  std::set<std::string> invalid;              // stored values that are broken
  std::string public_key;
  int opened = 0;
};

}  // namespace webhook::fakes
