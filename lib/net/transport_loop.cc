// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/net/transport_loop.h"

#include <algorithm>
#include <optional>
#include <string>

#include "lib/base/result.h"
#include "lib/base/text.h"
#include "lib/net/thread_signals.h"

namespace webhook::net {
namespace {

using delivery::HttpRequest;
using delivery::HttpResult;
using delivery::TransportError;
using delivery::TransportErrorKind;

constexpr std::size_t kReadBytes = 65536;
constexpr std::size_t kDetailBytesMax = 300;

TransportError NothingLeft(TransportErrorKind kind, const std::string& detail) {
  return {kind, base::PrintableText(detail, kDetailBytesMax), false};
}

TransportError NotResolved(const Url& url, const LookupError& error) {
  const auto kind = error.is_ours ? TransportErrorKind::kOurTrouble : TransportErrorKind::kResolve;
  return NothingLeft(
      kind, (error.is_ours ? "the resolver could not answer for " : "no address for ") + url.host +
                ": " + error.detail);
}

TransportError NotResolved(const Proxy& proxy, const LookupError& error) {
  return NothingLeft(TransportErrorKind::kOurTrouble,
                     proxy.Name() + " cannot be reached: no address for it: " + error.detail);
}

// The first `count_max` of them.
std::vector<CheckedAddress> FirstOf(std::vector<CheckedAddress> addresses, std::size_t count_max) {
  if (addresses.size() > count_max) {
    addresses.erase(addresses.begin() + static_cast<std::ptrdiff_t>(count_max), addresses.end());
  }
  return addresses;
}

}  // namespace

TransportLoop::TransportLoop(const TransportShared& shared)
    : shared_(shared),
      pool_(shared.options.pool),
      buffer_(kReadBytes),
      thread_([this] { Run(); }) {}

void TransportLoop::Send(HttpRequest request, Exchange::Done done, base::SteadyTime started_at) {
  Push(SendCommand{std::move(request), std::move(done), started_at});
}

void TransportLoop::CancelAll() { Push(CancelCommand{}); }

void TransportLoop::Stop() {
  if (!thread_.joinable()) return;
  {
    base::MutexLock lock(mutex_);
    stopping_ = true;
  }
  poller_.Wake();
  thread_.join();
}

void TransportLoop::Push(Command command) {
  bool was_empty = false;
  {
    base::MutexLock lock(mutex_);
    was_empty = inbox_.empty();
    inbox_.push_back(std::move(command));
  }
  if (was_empty) poller_.Wake();
}

void TransportLoop::Run() {
  BlockSignalsInThisThread();
  std::vector<Command> commands;
  bool going_on = true;
  while (going_on) {
    const auto events = poller_.Wait(Patience());
    now_ = shared_.clock.SteadyNow();
    for (const std::uint64_t id : events) OnEvent(id);
    going_on = TakeCommands(commands);
    for (Command& command : commands) {
      std::visit(base::Overloaded{[&](SendCommand& send) { OnSend(std::move(send)); },
                                  [&](ResolvedCommand& name) { OnResolved(std::move(name)); },
                                  [&](CancelCommand&) { OnCancel(); }},
                 command);
    }
    OnTimers();
    StartWaiting();
  }
  OnCancel();
  pool_ = ConnectionPool(shared_.options.pool);
}

bool TransportLoop::TakeCommands(std::vector<Command>& commands) {
  commands.clear();
  base::MutexLock lock(mutex_);
  commands.swap(inbox_);
  return !stopping_;
}

std::optional<base::Milliseconds> TransportLoop::Patience() const {
  std::optional<base::SteadyTime> next = pool_.next_expiry();
  if (!timers_.empty()) {
    next = std::min(timers_.begin()->first, next.value_or(timers_.begin()->first));
  }
  if (!next.has_value()) return std::nullopt;
  return *next - shared_.clock.SteadyNow();
}

void TransportLoop::OnSend(SendCommand command) {
  base::Result<PreparedRequest, TransportError> prepared = PrepareRequest(
      command.request, shared_.options, shared_.identities, shared_.proxy, command.started_at);
  if (!prepared.ok()) return Complete(std::move(command.done), std::move(prepared).error());
  const std::uint64_t id = ++last_id_;
  auto exchange = std::make_unique<Exchange>(std::move(prepared).value(), shared_.options.reply,
                                             std::move(command.done));
  Exchange& entered = *exchange;
  exchanges_.emplace(id, std::move(exchange));
  SetTimer(id, entered, entered.deadline());
  if (in_flight_ < shared_.options.requests_in_flight_max && waiting_.empty()) {
    Begin(id, entered);
  } else {
    waiting_.push_back(id);
  }
}

void TransportLoop::OnResolved(ResolvedCommand command) {
  const auto found = exchanges_.find(command.exchange_id);
  if (found == exchanges_.end()) return;  // timed out meanwhile
  Exchange& exchange = *found->second;
  const bool of_proxy = command.whose == Whose::kProxy;
  if (!command.result.ok()) {
    const LookupError& error = command.result.error();
    return Finish(
        command.exchange_id, exchange,
        of_proxy ? NotResolved(*exchange.proxy(), error) : NotResolved(exchange.url(), error));
  }
  if (of_proxy) return OnProxyAnswers(command.exchange_id, exchange, command.result.value());
  OnAnswers(command.exchange_id, exchange, command.result.value());
}

void TransportLoop::OnCancel() {
  while (!exchanges_.empty()) {
    const auto first = exchanges_.begin();
    Finish(first->first, *first->second, first->second->CanceledError());
  }
  waiting_.clear();
}

void TransportLoop::OnEvent(std::uint64_t connection_id) {
  const auto found = exchange_of_connection_.find(connection_id);
  if (found == exchange_of_connection_.end()) return pool_.OnEvent(connection_id);
  const std::uint64_t id = found->second;
  Exchange& exchange = *exchanges_.at(id);
  OnProgress(id, exchange, exchange.Drive(buffer_));
}

void TransportLoop::OnTimers() {
  while (!timers_.empty() && timers_.begin()->first <= now_) {
    const std::uint64_t id = timers_.begin()->second;
    OnTimer(id, *exchanges_.at(id));
  }
  pool_.CloseExpired(now_);
}

void TransportLoop::OnTimer(std::uint64_t exchange_id, Exchange& exchange) {
  if (now_ >= exchange.deadline()) return Finish(exchange_id, exchange, exchange.TimeoutError());
  SetTimer(exchange_id, exchange, exchange.deadline());
  if (exchange.is_connecting()) {
    OnProgress(exchange_id, exchange, exchange.OnNoAnswer());
  }
}

// After everything else, so that a finished exchange's place is given away once, in order.
void TransportLoop::StartWaiting() {
  while (!waiting_.empty() && in_flight_ < shared_.options.requests_in_flight_max) {
    const std::uint64_t id = waiting_.front();
    waiting_.pop_front();
    const auto found = exchanges_.find(id);
    if (found != exchanges_.end()) Begin(id, *found->second);
  }
}

void TransportLoop::Begin(std::uint64_t exchange_id, Exchange& exchange) {
  ++in_flight_;
  exchange.OnLocating();
  std::unique_ptr<Connection> pooled = pool_.Take(exchange.pool_key());
  if (pooled == nullptr) return Locate(exchange_id, exchange);
  exchange_of_connection_.emplace(pooled->id(), exchange_id);
  OnProgress(exchange_id, exchange, exchange.UsePooled(std::move(pooled)));
}

void TransportLoop::Locate(std::uint64_t exchange_id, Exchange& exchange) {
  exchange.OnLocating();
  exchange.route().SetTargets({});
  if (exchange.url().address.has_value()) {
    return OnAnswers(exchange_id, exchange, {*exchange.url().address});
  }
  if (exchange.proxy() != nullptr && exchange.proxy()->resolves_names()) {
    return LocateProxy(exchange_id, exchange);
  }
  Resolve(exchange_id, exchange, Whose::kReceiver);
}

void TransportLoop::LocateProxy(std::uint64_t exchange_id, Exchange& exchange) {
  exchange.OnLocatingProxy();
  if (exchange.proxy()->address().has_value()) {
    return OnProxyAnswers(exchange_id, exchange, {*exchange.proxy()->address()});
  }
  Resolve(exchange_id, exchange, Whose::kProxy);
}

void TransportLoop::Resolve(std::uint64_t exchange_id, Exchange& exchange, Whose whose) {
  const std::string& host = whose == Whose::kProxy ? exchange.proxy()->host() : exchange.url().host;
  shared_.resolver.Resolve(host, exchange.deadline(),
                           [this, exchange_id, whose](const LookupResult& result) {
                             Push(ResolvedCommand{exchange_id, whose, result});
                           });
}

void TransportLoop::OnAnswers(std::uint64_t exchange_id, Exchange& exchange,
                              const std::vector<IpAddress>& answers) {
  base::Result<std::vector<CheckedAddress>, AddressRefusal> checked =
      CheckAnswers(shared_.guard, answers, exchange.url().port);
  if (!checked.ok()) {
    return Finish(exchange_id, exchange, AddressRefused(exchange.url(), checked.error()));
  }
  exchange.route().SetTargets(
      FirstOf(std::move(checked).value(), shared_.options.addresses_per_name_max));
  if (exchange.proxy() != nullptr) return LocateProxy(exchange_id, exchange);
  DialNext(exchange_id, exchange);
}

void TransportLoop::OnProxyAnswers(std::uint64_t exchange_id, Exchange& exchange,
                                   const std::vector<IpAddress>& answers) {
  std::vector<CheckedAddress> addresses;
  for (const IpAddress& answer : answers) {
    addresses.push_back(CheckedAddress::OfOperator(answer, exchange.proxy()->port()));
  }
  exchange.route().SetProxies(
      FirstOf(std::move(addresses), shared_.options.addresses_per_name_max));
  DialNext(exchange_id, exchange);
}

void TransportLoop::DialNext(std::uint64_t exchange_id, Exchange& exchange) {
  DialError why{false, "no address"};
  while (const std::optional<CheckedAddress> address = exchange.route().Next()) {
    if (Dial(exchange_id, exchange, *address, why)) return;
  }
  OnProgress(exchange_id, exchange, exchange.OnConnectFailed(why));
}

bool TransportLoop::Dial(std::uint64_t exchange_id, Exchange& exchange,
                         const CheckedAddress& address, DialError& why) {
  const std::uint64_t id = ++last_id_;
  base::Result<std::unique_ptr<Connection>, DialError> dialled = Connection::Dial(id, address);
  if (!dialled.ok()) {
    why = dialled.error();
    return false;
  }
  if (!poller_.Add(dialled.value()->fd(), id)) {
    why = {true, "the poller is full"};
    return false;
  }
  exchange_of_connection_.emplace(id, exchange_id);
  exchange.UseDialled(std::move(dialled).value());
  // Addresses that are left get their share of the time that is left.
  const base::Milliseconds share =
      (exchange.deadline() - now_) / static_cast<std::int64_t>(exchange.route().left() + 1);
  SetTimer(exchange_id, exchange, now_ + std::min(share, shared_.options.connect_timeout));
  return true;
}

void TransportLoop::OnProgress(std::uint64_t exchange_id, Exchange& exchange,
                               Exchange::Progress progress) {
  switch (progress) {
    case Exchange::Progress::kWait:
      return;
    case Exchange::Progress::kReplied:
      return FinishWithReply(exchange_id, exchange);
    case Exchange::Progress::kFailed:
      return Finish(exchange_id, exchange, exchange.TakeError());
    case Exchange::Progress::kNextAddress:
      DropConnection(exchange);
      return DialNext(exchange_id, exchange);
    case Exchange::Progress::kSendAgain:
      DropConnection(exchange);
      return Locate(exchange_id, exchange);
  }
}

void TransportLoop::DropConnection(Exchange& exchange) {
  if (const std::unique_ptr<Connection> connection = exchange.TakeConnection()) {
    exchange_of_connection_.erase(connection->id());
  }
}

void TransportLoop::SetTimer(std::uint64_t exchange_id, Exchange& exchange, base::SteadyTime time) {
  timers_.erase({exchange.timer, exchange_id});
  exchange.timer = time;
  timers_.emplace(time, exchange_id);
}

// Ends the exchange; the reference is dead afterwards.
void TransportLoop::Finish(std::uint64_t exchange_id, Exchange& exchange, HttpResult result) {
  DropConnection(exchange);
  if (!exchange.is_waiting()) --in_flight_;
  timers_.erase({exchange.timer, exchange_id});
  Complete(exchange.TakeDone(), std::move(result));
  exchanges_.erase(exchange_id);
}

void TransportLoop::FinishWithReply(std::uint64_t exchange_id, Exchange& exchange) {
  if (exchange.connection_is_reusable()) {
    std::unique_ptr<Connection> connection = exchange.TakeConnection();
    exchange_of_connection_.erase(connection->id());
    ++connection->request_count;
    pool_.Give(exchange.pool_key(), std::move(connection), now_);
  }
  Finish(exchange_id, exchange, exchange.TakeReply());
}

void TransportLoop::Complete(Exchange::Done done, HttpResult result) {
  shared_.strand.Post(
      [done = std::move(done), result = std::move(result)]() mutable { done(std::move(result)); });
}

}  // namespace webhook::net
