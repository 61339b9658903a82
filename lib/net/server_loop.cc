// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/net/server_loop.h"

#include <algorithm>
#include <chrono>

#include "lib/net/answer_text.h"
#include "lib/net/thread_signals.h"

namespace webhook::net {
namespace {

// What a client can make us keep beside its body, so not more.
constexpr std::size_t kReadBytes = 16384;

// Connections beyond connections_max that are told so; further ones are closed without a word.
constexpr std::size_t kRefusalsMax = 64;

}  // namespace

ServerLoop::ServerLoop(const ServerShared& shared, std::size_t connections_max)
    : shared_(shared),
      connections_max_(connections_max),
      inbox_(std::make_shared<ServerInbox>()),
      buffer_(kReadBytes),
      thread_([this] { Run(); }) {}

ServerLoop::~ServerLoop() {
  BeginStopping(base::Milliseconds(0));
  Join();
}

void ServerLoop::Join() {
  if (thread_.joinable()) thread_.join();
}

void ServerLoop::Serve(AcceptedSocket accepted) {
  count_.fetch_add(1, std::memory_order_relaxed);
  inbox_->Push(std::move(accepted));
}

void ServerLoop::Run() {
  BlockSignalsInThisThread();
  while (true) {
    Tick();
    HandleItems();
    OnTimers();
    DriveBusy();
    if (IsOver()) break;
    const std::vector<std::uint64_t>& changed = inbox_->Wait(Patience());
    Tick();
    for (const std::uint64_t id : changed) Drive(id);
  }
  inbox_->Close();
  entries_.clear();
  count_ = 0;
}

bool ServerLoop::IsOver() const {
  return stops_at_.has_value() && (entries_.empty() || now_ >= *stops_at_);
}

void ServerLoop::Tick() {
  now_ = shared_.clock.SteadyNow();
  const base::WallTime second = std::chrono::floor<std::chrono::seconds>(shared_.clock.Now());
  if (second == date_of_ && !date_.empty()) return;
  date_of_ = second;
  date_ = HttpDate(second);
}

void ServerLoop::HandleItems() {
  inbox_->Take(items_);
  for (ServerInbox::Item& item : items_) {
    std::visit([this](auto& kind) { Handle(kind); }, item);
  }
  items_.clear();
}

void ServerLoop::Handle(AcceptedSocket& accepted) {
  const auto welcome = MakeRoom();
  if (!welcome.has_value() || stops_at_.has_value()) {
    count_.fetch_sub(1, std::memory_order_relaxed);
    return;
  }
  const int fd = accepted.socket.get();
  SslSession tls = shared_.tls == nullptr ? nullptr : shared_.tls->NewSession(fd);
  const bool is_ready = shared_.tls == nullptr || tls != nullptr;
  const std::uint64_t id = ++last_id_;
  if (!is_ready || !inbox_->Watch(fd, id)) {
    count_.fetch_sub(1, std::memory_order_relaxed);
    return;
  }
  ServerStream stream(std::move(accepted.socket), std::move(tls));
  entries_.emplace(
      id, std::make_unique<Entry>(std::move(stream), accepted.peer, *welcome, shared_, now_));
  Drive(id);
}

// Nothing: there is no room, not even for a word.
std::optional<ServerConnection::Welcome> ServerLoop::MakeRoom() {
  if (entries_.size() < connections_max_ || CloseOldestNow()) {
    return ServerConnection::Welcome::kServed;
  }
  shared_.counters.refused_connections.fetch_add(1, std::memory_order_relaxed);
  if (entries_.size() >= connections_max_ + kRefusalsMax) return std::nullopt;
  return ServerConnection::Welcome::kRefused;
}

bool ServerLoop::CloseOldestNow() {
  if (closable_.empty()) return false;
  Close(closable_.front());
  return true;
}

void ServerLoop::Handle(ServerInbox::Answered& answered) {
  const auto found = entries_.find(answered.connection_id);
  if (found == entries_.end()) return;
  found->second->connection.Answer(answered.request_number, answered.answer, ThisTurn());
  Drive(answered.connection_id);
}

// A request that has arrived but was not looked at yet still counts as under way.
void ServerLoop::Handle(ServerInbox::Stop& stop) {
  if (stops_at_.has_value()) return;
  stops_at_ = now_ + stop.grace;
  std::vector<std::uint64_t> ids;
  for (const auto& [id, entry] : entries_) ids.push_back(id);
  for (const std::uint64_t id : ids) {
    entries_.at(id)->connection.BeginStopping();
    Drive(id);
    const auto found = entries_.find(id);
    if (found != entries_.end() && found->second->connection.is_between_requests()) Close(id);
  }
}

void ServerLoop::Drive(std::uint64_t id) {
  const auto found = entries_.find(id);
  if (found == entries_.end()) return;
  Entry& entry = *found->second;
  switch (entry.connection.Drive(ThisTurn())) {
    case ServerConnection::Progress::kBlocked:
      break;
    case ServerConnection::Progress::kRequest:
      HandOver(id, entry.connection);
      break;
    case ServerConnection::Progress::kBusy:
      if (!std::exchange(entry.is_busy, true)) busy_.push_back(id);
      break;
    case ServerConnection::Progress::kClosed:
      return Close(id);
  }
  Note(id, entry);
}

void ServerLoop::DriveBusy() {
  for (const std::uint64_t id : std::exchange(busy_, {})) {
    const auto found = entries_.find(id);
    if (found == entries_.end()) continue;
    found->second->is_busy = false;
    Drive(id);
  }
}

// The answer comes through the inbox even from inside the call: it may come at any time, and this
// way there is one order of things.
void ServerLoop::HandOver(std::uint64_t id, ServerConnection& connection) {
  shared_.counters.requests.fetch_add(1, std::memory_order_relaxed);
  ServerConnection::NumberedRequest taken = connection.TakeRequest();
  shared_.receiver.OnRequest(std::move(taken.request), [inbox = inbox_, id, number = taken.number](
                                                           delivery::ReceiverAnswer answer) {
    inbox->Push(ServerInbox::Answered{id, number, std::move(answer)});
  });
}

void ServerLoop::OnTimers() {
  while (!timers_.empty() && timers_.begin()->first <= now_) {
    const std::uint64_t id = timers_.begin()->second;
    entries_.at(id)->connection.OnDeadline(ThisTurn());
    Drive(id);
  }
}

std::optional<base::Milliseconds> ServerLoop::Patience() const {
  if (!busy_.empty()) return base::Milliseconds(0);
  std::optional<base::SteadyTime> next = stops_at_;
  if (!timers_.empty())
    next = std::min(next.value_or(timers_.begin()->first), timers_.begin()->first);
  if (!next.has_value()) return std::nullopt;
  return std::max(*next - now_, base::Milliseconds(0));
}

// Brings timers_ and closable_ up to what the connection says now.
void ServerLoop::Note(std::uint64_t id, Entry& entry) {
  const base::SteadyTime deadline = entry.connection.deadline();
  if (entry.timer != deadline) {
    timers_.erase({entry.timer, id});
    timers_.emplace(deadline, id);
    entry.timer = deadline;
  }
  const bool closable = entry.connection.is_closable();
  if (closable == entry.closable.has_value()) return;
  if (closable) {
    entry.closable = closable_.insert(closable_.end(), id);
  } else {
    closable_.erase(*std::exchange(entry.closable, std::nullopt));
  }
}

void ServerLoop::Close(std::uint64_t id) {
  const auto found = entries_.find(id);
  Entry& entry = *found->second;
  timers_.erase({entry.timer, id});
  if (entry.closable.has_value()) closable_.erase(*entry.closable);
  entries_.erase(found);
  count_.fetch_sub(1, std::memory_order_relaxed);
}

}  // namespace webhook::net
