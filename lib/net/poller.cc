// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/net/poller.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

namespace webhook::net {
namespace {

constexpr std::uint64_t kWakeId = 0;
constexpr int kEventsMax = 256;

// Rounded into what epoll takes; a day more or less does not matter.
int PatienceMs(std::optional<base::Milliseconds> patience) {
  constexpr std::int64_t kDayMs = 86400000;
  if (!patience.has_value()) return -1;
  return static_cast<int>(std::clamp<std::int64_t>(patience->count(), 0, kDayMs));
}

}  // namespace

Poller::Poller()
    : epoll_(epoll_create1(EPOLL_CLOEXEC)), wake_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  if (!epoll_.valid() || !wake_.valid() || !Add(wake_.get(), kWakeId)) {
    throw std::system_error(errno, std::generic_category(), "the poller cannot be set up");
  }
}

bool Poller::Add(int fd, std::uint64_t id) {
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.u64 = id;
  return epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) == 0;
}

const std::vector<std::uint64_t>& Poller::Wait(std::optional<base::Milliseconds> patience) {
  std::array<epoll_event, kEventsMax> events;
  const int count = epoll_wait(epoll_.get(), events.data(), kEventsMax, PatienceMs(patience));
  changed_.clear();
  for (int i = 0; i < count; ++i) {
    const std::uint64_t id = events[static_cast<std::size_t>(i)].data.u64;
    if (id != kWakeId) changed_.push_back(id);
  }
  return changed_;
}

// Each write is a change of its own for an edge-triggered reader, so nobody needs to read it. It
// would take 2^64 of them to fill the counter.
void Poller::Wake() {
  const std::uint64_t one = 1;
  static_cast<void>(!write(wake_.get(), &one, sizeof one));
}

}  // namespace webhook::net
