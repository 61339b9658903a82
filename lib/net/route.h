// SPDX-License-Identifier: LGPL-3.0-or-later
// The addresses of one exchange, and which of them is tried: the receiver's one after the other, or
// the proxy's, and through it the receiver's. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "lib/net/address_guard.h"

namespace webhook::net {

class Route {
 public:
  // Starts anew. Of the receiver; none when the proxy resolves its name.
  void SetTargets(std::vector<CheckedAddress> targets);

  // Everything is dialled through one of these from now on. Not empty.
  void SetProxies(std::vector<CheckedAddress> proxies);

  // What to dial next; nothing when all has been tried.
  std::optional<CheckedAddress> Next();
  bool has_next() const;

  // The proxy did not reach the target: whether there is another one, for which Next() answers with
  // the same proxy again.
  bool TryNextTarget();

  // How many dials may still follow: what is left of the time is shared among them.
  std::size_t left() const;

  // The receiver's address in use; null when there is none (yet).
  const CheckedAddress* target() const;

 private:
  bool is_direct() const { return proxies_.empty(); }

  std::vector<CheckedAddress> targets_;
  std::vector<CheckedAddress> proxies_;
  std::size_t next_ = 0;    // in what is dialled: targets_, or proxies_
  std::size_t target_ = 0;  // through a proxy
  bool same_proxy_again_ = false;
};

}  // namespace webhook::net
