// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/net/acceptor.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "lib/net/thread_signals.h"

namespace webhook::net {
namespace {

constexpr std::uint64_t kListenerId = 1;
constexpr base::Milliseconds kTryAgainAfter{100};

// Between two looks at whether the server stops.
constexpr int kAcceptsMax = 1024;

}  // namespace

Acceptor::Acceptor(std::unique_ptr<Listener> listener,
                   std::vector<std::unique_ptr<ServerLoop>>& loops, base::EventLog& log)
    : listener_(std::move(listener)), loops_(loops), log_(log) {
  if (!poller_.Add(listener_->fd(), kListenerId)) {
    throw std::system_error(errno, std::generic_category(), "the listener cannot be watched");
  }
  thread_ = std::thread([this] { Run(); });
}

Acceptor::~Acceptor() {
  stopping_ = true;
  poller_.Wake();
  thread_.join();
}

void Acceptor::Run() {
  BlockSignalsInThisThread();
  while (true) {
    const bool is_last = stopping_;  // what came before the stop is still taken
    const bool more = AcceptSome();
    if (is_last) return;
    if (more) continue;
    poller_.Wait(is_short_ ? std::optional(kTryAgainAfter) : std::nullopt);
  }
}

// Whether more may be waiting.
bool Acceptor::AcceptSome() {
  for (int i = 0; i < kAcceptsMax; ++i) {
    std::optional<AcceptedSocket> accepted;
    switch (listener_->Accept(accepted)) {
      case Listener::State::kAccepted:
        is_short_ = false;
        Emptiest().Serve(*std::move(accepted));
        break;
      case Listener::State::kNoneWaiting:
        is_short_ = false;
        return false;
      case Listener::State::kOutOfResources:
        OnOutOfResources();
        return false;
    }
  }
  return true;
}

// Said once, not each time: the next try is soon.
void Acceptor::OnOutOfResources() {
  if (!std::exchange(is_short_, true)) {
    log_.Write(base::Level::kError, "http_server.out_of_descriptors");
  }
  for (const auto& loop : loops_) loop->CloseOldest();
}

ServerLoop& Acceptor::Emptiest() {
  return **std::min_element(loops_.begin(), loops_.end(), [](const auto& left, const auto& right) {
    return left->connection_count() < right->connection_count();
  });
}

}  // namespace webhook::net
