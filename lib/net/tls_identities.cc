// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/net/tls_identities.h"

#include <utility>

#include "lib/base/assert.h"

namespace webhook::net {
namespace {

// An id ought to be enough. That a connection shows the right certificate does not hang on it.
bool AreSame(const TlsIdentities::Identity& left, const TlsIdentities::Identity& right) {
  return left == right ||
         (left->certificate_pem == right->certificate_pem &&
          left->key_pem.Reveal() == right->key_pem.Reveal() && left->ca_pem == right->ca_pem);
}

}  // namespace

TlsIdentities::TlsIdentities(const std::string& ca_file, std::size_t kept_max)
    : usual_(std::make_shared<const TlsClient>(ca_file)), kept_max_(kept_max) {
  WEBHOOK_ASSERT(kept_max > 0);
}

base::Result<TlsIdentities::Client, std::string> TlsIdentities::ClientOf(const Identity& identity) {
  if (identity == nullptr) return usual_;
  if (Client found = Find(identity)) return found;
  // Without the lock: reading a key takes a while.
  base::Result<SslContext, std::string> context = NewIdentityContext(*identity, usual_->context());
  if (!context.ok()) return std::move(context).error();
  std::uint64_t number = 0;
  {
    base::MutexLock lock(mutex_);
    number = ++last_number_;
  }
  return Keep(identity, std::make_shared<const TlsClient>(std::move(context).value(), number));
}

std::size_t TlsIdentities::kept() const {
  base::MutexLock lock(mutex_);
  return kept_.size();
}

TlsIdentities::Client TlsIdentities::Find(const Identity& identity) {
  base::MutexLock lock(mutex_);
  const auto found = by_id_.find(identity->id);
  if (found == by_id_.end() || !AreSame(found->second->identity, identity)) return nullptr;
  kept_.splice(kept_.begin(), kept_, found->second);
  return found->second->client;
}

// Another thread may have been faster: then its client is the one, so that connections are shared.
TlsIdentities::Client TlsIdentities::Keep(const Identity& identity, Client client) {
  base::MutexLock lock(mutex_);
  const auto found = by_id_.find(identity->id);
  if (found != by_id_.end()) {
    if (AreSame(found->second->identity, identity)) return found->second->client;
    Forget(found->second);
  }
  if (kept_.size() >= kept_max_) Forget(std::prev(kept_.end()));
  kept_.push_front({identity, client});
  by_id_[identity->id] = kept_.begin();
  return client;
}

void TlsIdentities::Forget(Position position) {
  by_id_.erase(position->identity->id);
  kept_.erase(position);
}

}  // namespace webhook::net
