// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/secrets/key_ring.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "lib/secrets/private_key_file.h"

namespace webhook::secrets {
namespace {

signing::KeyPair ReadPair(const std::string& path) {
  auto key = ReadPrivateKeyFile(path);
  if (!key.ok()) throw std::runtime_error(key.error());
  std::string public_key = signing::PublicKeyOf(key.value());
  return {std::move(key).value(), std::move(public_key)};
}

}  // namespace

KeyRing::KeyRing(const std::string& key_file, const std::vector<std::string>& old_key_files) {
  if (!key_file.empty()) {
    keys_.push_back(ReadPair(key_file));
    current_public_key_ = keys_.front().public_key;
  }
  for (const std::string& path : old_key_files) keys_.push_back(ReadPair(path));
}

const signing::KeyPair* KeyRing::Find(std::string_view key_id) const {
  const auto found = std::find_if(
      keys_.begin(), keys_.end(),
      [key_id](const signing::KeyPair& pair) { return signing::KeyId(pair.public_key) == key_id; });
  return found == keys_.end() ? nullptr : &*found;
}

}  // namespace webhook::secrets
