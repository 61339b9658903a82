// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/net/server_inbox.h"

namespace webhook::net {

// The loop is woken only when it sleeps: under load a push is a lock and a move.
void ServerInbox::Push(Item item) {
  bool wake = false;
  {
    base::MutexLock lock(mutex_);
    if (closed_) return;
    items_.push_back(std::move(item));
    wake = std::exchange(waiting_, false);
  }
  if (wake) poller_.Wake();
}

void ServerInbox::Take(std::vector<Item>& items) {
  items.clear();
  base::MutexLock lock(mutex_);
  waiting_ = false;
  items.swap(items_);
}

const std::vector<std::uint64_t>& ServerInbox::Wait(std::optional<base::Milliseconds> patience) {
  return poller_.Wait(BeginWaiting() ? patience : base::Milliseconds(0));
}

bool ServerInbox::BeginWaiting() {
  base::MutexLock lock(mutex_);
  waiting_ = items_.empty();
  return waiting_;
}

void ServerInbox::Close() {
  std::vector<Item> dropped;  // sockets are closed outside the lock
  base::MutexLock lock(mutex_);
  closed_ = true;
  dropped.swap(items_);
}

}  // namespace webhook::net
