// SPDX-License-Identifier: LGPL-3.0-or-later
#include "app/webhook_demo/receiver/receiver_loop.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <vector>

namespace webhook::demo {
namespace {

constexpr std::uint64_t kListenerId = 0;
constexpr std::uint64_t kStopId = 1;
constexpr std::uint64_t kFirstConnectionId = 2;
constexpr int kAcceptBatchMax = 16;  // between two looks at the other connections
constexpr base::Milliseconds kSweepInterval{1000};

net::FileDescriptor Checked(int fd, const char* what) {
  if (fd < 0) throw std::system_error(errno, std::generic_category(), what);
  return net::FileDescriptor(fd);
}

void Watch(int epoll, int operation, int fd, std::uint32_t events, std::uint64_t id) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = id;
  if (epoll_ctl(epoll, operation, fd, &event) != 0) {
    throw std::system_error(errno, std::generic_category(), "epoll_ctl");
  }
}

std::uint32_t InterestOf(Connection::Wait wait) {
  switch (wait) {
    case Connection::Wait::kBytes:
      return EPOLLIN | EPOLLRDHUP;
    case Connection::Wait::kRoom:
      return EPOLLOUT;
    case Connection::Wait::kTime:
    case Connection::Wait::kPeerGone:
      return EPOLLRDHUP;  // not EPOLLIN: bytes that nobody reads yet would wake us for ever
    case Connection::Wait::kNothing:
      break;
  }
  return 0;
}

}  // namespace

ReceiverLoop::ReceiverLoop(int listener, Site& site)
    : listener_(listener),
      site_(site),
      epoll_(Checked(epoll_create1(EPOLL_CLOEXEC), "epoll")),
      stop_(Checked(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd")),
      next_id_(kFirstConnectionId) {
  Watch(epoll_.get(), EPOLL_CTL_ADD, listener_, EPOLLIN | EPOLLEXCLUSIVE, kListenerId);
  Watch(epoll_.get(), EPOLL_CTL_ADD, stop_.get(), EPOLLIN, kStopId);
}

void ReceiverLoop::Run() {
  std::array<epoll_event, 128> events{};
  while (true) {
    const int count = epoll_wait(epoll_.get(), events.data(), events.size(), TimeoutMs());
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = events[static_cast<std::size_t>(i)];
      if (event.data.u64 == kStopId) return slots_.clear();
      Dispatch(event.data.u64, event.events);
    }
    FireTimers();
    CloseExpired();
  }
}

void ReceiverLoop::Stop() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t size = write(stop_.get(), &one, sizeof one);
}

void ReceiverLoop::Dispatch(std::uint64_t id, std::uint32_t events) {
  if (id == kListenerId) return Accept();
  const auto found = slots_.find(id);
  if (found == slots_.end()) return;
  Connection& connection = *found->second.connection;
  const std::uint32_t interest = found->second.interest;
  if ((events & (EPOLLERR | EPOLLHUP)) != 0) return After(id, Connection::Wait::kNothing);
  if ((events & interest & EPOLLIN) != 0) return After(id, connection.OnReadable());
  if ((events & interest & EPOLLOUT) != 0) return After(id, connection.OnWritable());
  if ((events & EPOLLRDHUP) != 0) After(id, Connection::Wait::kNothing);
}

void ReceiverLoop::Accept() {
  for (int i = 0; i < kAcceptBatchMax; ++i) {
    net::FileDescriptor socket(accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!socket.valid()) return;
    if (site_.connections.load() >= site_.options.connections_max) continue;
    const int on = 1;
    setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const std::uint64_t id = next_id_++;
    Slot& slot = slots_[id];
    slot.connection = std::make_unique<Connection>(std::move(socket), site_);
    slot.interest = InterestOf(Connection::Wait::kBytes);
    Watch(epoll_.get(), EPOLL_CTL_ADD, slot.connection->fd(), slot.interest, id);
  }
}

void ReceiverLoop::After(std::uint64_t id, Connection::Wait wait) {
  const auto found = slots_.find(id);
  if (found == slots_.end()) return;
  if (wait == Connection::Wait::kNothing) {
    slots_.erase(found);
    return;
  }
  if (wait == Connection::Wait::kTime) timers_.emplace(found->second.connection->due(), id);
  SetInterest(id, found->second, InterestOf(wait));
}

void ReceiverLoop::SetInterest(std::uint64_t id, Slot& slot, std::uint32_t interest) {
  if (slot.interest == interest) return;
  slot.interest = interest;
  Watch(epoll_.get(), EPOLL_CTL_MOD, slot.connection->fd(), interest, id);
}

// A timer may be left of a connection that has ended.
void ReceiverLoop::FireTimers() {
  while (!timers_.empty() && timers_.begin()->first <= site_.clock.SteadyNow()) {
    const std::uint64_t id = timers_.begin()->second;
    timers_.erase(timers_.begin());
    const auto found = slots_.find(id);
    if (found != slots_.end()) After(id, found->second.connection->OnTime());
  }
}

void ReceiverLoop::CloseExpired() {
  const base::SteadyTime now = site_.clock.SteadyNow();
  if (now < next_sweep_) return;
  next_sweep_ = now + kSweepInterval;
  std::erase_if(slots_, [](const auto& item) { return item.second.connection->Expired(); });
}

int ReceiverLoop::TimeoutMs() const {
  const base::SteadyTime now = site_.clock.SteadyNow();
  base::SteadyTime next = now + kSweepInterval;
  if (!timers_.empty()) next = std::min(next, timers_.begin()->first);
  return static_cast<int>(std::max<std::int64_t>((next - now).count(), 0));
}

}  // namespace webhook::demo
