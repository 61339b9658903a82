// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/net/route.h"

#include <utility>

#include "lib/base/assert.h"

namespace webhook::net {

void Route::SetTargets(std::vector<CheckedAddress> targets) {
  *this = Route();
  targets_ = std::move(targets);
}

void Route::SetProxies(std::vector<CheckedAddress> proxies) {
  WEBHOOK_ASSERT(!proxies.empty());
  proxies_ = std::move(proxies);
}

bool Route::has_next() const {
  return same_proxy_again_ || next_ < (is_direct() ? targets_ : proxies_).size();
}

std::optional<CheckedAddress> Route::Next() {
  if (!has_next()) return std::nullopt;
  if (same_proxy_again_) {
    same_proxy_again_ = false;
    return proxies_[next_ - 1];
  }
  return (is_direct() ? targets_ : proxies_)[next_++];
}

bool Route::TryNextTarget() {
  if (is_direct() || next_ == 0 || target_ + 1 >= targets_.size()) return false;
  ++target_;
  same_proxy_again_ = true;
  return true;
}

std::size_t Route::left() const {
  if (is_direct()) return targets_.size() - next_;
  const std::size_t targets_behind = targets_.empty() ? 0 : targets_.size() - target_ - 1;
  return proxies_.size() - next_ + targets_behind + (same_proxy_again_ ? 1 : 0);
}

const CheckedAddress* Route::target() const {
  if (!is_direct()) return targets_.empty() ? nullptr : &targets_[target_];
  return next_ == 0 ? nullptr : &targets_[next_ - 1];
}

}  // namespace webhook::net
