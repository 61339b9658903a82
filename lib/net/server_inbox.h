// SPDX-License-Identifier: LGPL-3.0-or-later
// What other threads tell the thread of a ServerLoop. Outlives the loop as long as somebody may
// still answer a request: what comes then is dropped.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "lib/base/mutex.h"
#include "lib/base/time.h"
#include "lib/delivery/ports/request_receiver.h"
#include "lib/net/listener.h"
#include "lib/net/poller.h"

namespace webhook::net {

class ServerInbox {
 public:
  struct Answered {
    std::uint64_t connection_id;
    std::uint64_t request_number;
    delivery::ReceiverAnswer answer;
  };
  struct CloseOldest {};  // descriptors are short
  struct Stop {
    base::Milliseconds grace;
  };
  using Item = std::variant<AcceptedSocket, Answered, CloseOldest, Stop>;

  // Any thread.
  void Push(Item item);

  // The others: the loop's thread. Exchanges the items for those that have come.
  void Take(std::vector<Item>& items);

  // What the poller tells. Does not wait when items have come, nor when `patience` is zero.
  const std::vector<std::uint64_t>& Wait(std::optional<base::Milliseconds> patience);

  bool Watch(int fd, std::uint64_t id) { return poller_.Add(fd, id); }
  void Close();

 private:
  bool BeginWaiting();

  Poller poller_;
  base::Mutex mutex_;
  std::vector<Item> items_ WEBHOOK_GUARDED_BY(mutex_);
  bool waiting_ WEBHOOK_GUARDED_BY(mutex_) = false;
  bool closed_ WEBHOOK_GUARDED_BY(mutex_) = false;
};

}  // namespace webhook::net
