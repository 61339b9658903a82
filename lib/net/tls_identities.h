// SPDX-License-Identifier: LGPL-3.0-or-later
// The TLS clients of a transport: one for everybody without an identity, and those of the
// identities used last. Any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>

#include "lib/base/mutex.h"
#include "lib/base/result.h"
#include "lib/delivery/ports/tls_identity.h"
#include "lib/net/tls_client.h"

namespace webhook::net {

class TlsIdentities {
 public:
  using Identity = std::shared_ptr<const delivery::TlsIdentity>;
  using Client = std::shared_ptr<const TlsClient>;

  // Of more than `kept_max` identities those not used for the longest time are built anew when
  // they come again. Throws std::runtime_error when the certificates of `ca_file` cannot be loaded.
  TlsIdentities(const std::string& ca_file, std::size_t kept_max);

  // Null gets the client without a certificate. The error is a sentence that names what of the
  // identity is wrong.
  base::Result<Client, std::string> ClientOf(const Identity& identity);

  std::size_t kept() const;

 private:
  struct Kept {
    Identity identity;
    Client client;
  };
  using Position = std::list<Kept>::iterator;

  Client Find(const Identity& identity);
  Client Keep(const Identity& identity, Client client);
  void Forget(Position position) WEBHOOK_REQUIRES(mutex_);

  const Client usual_;
  const std::size_t kept_max_;

  mutable base::Mutex mutex_;
  std::uint64_t last_number_ WEBHOOK_GUARDED_BY(mutex_) = 0;
  std::list<Kept> kept_ WEBHOOK_GUARDED_BY(mutex_);  // used last first
  std::unordered_map<std::string, Position> by_id_ WEBHOOK_GUARDED_BY(mutex_);
};

}  // namespace webhook::net
