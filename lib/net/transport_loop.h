// SPDX-License-Identifier: LGPL-3.0-or-later
// One thread of the transport: its poller, its exchanges, its idle connections. Everything but the
// inbox belongs to that thread, so nothing on a request's way waits for a lock of another request.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <set>
#include <thread>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "lib/base/clock.h"
#include "lib/base/mutex.h"
#include "lib/base/strand.h"
#include "lib/delivery/ports/http_transport.h"
#include "lib/net/connection_pool.h"
#include "lib/net/exchange.h"
#include "lib/net/poller.h"
#include "lib/net/proxy.h"
#include "lib/net/resolver.h"
#include "lib/net/tls_identities.h"
#include "lib/net/transport_options.h"

namespace webhook::net {

// What all loops of a transport share; everything outlives them.
struct TransportShared {
  const TransportOptions& options;  // limits of in-flight and idle are those of one loop
  const base::Clock& clock;
  base::Strand& strand;
  const AddressGuard& guard;
  TlsIdentities& identities;
  const Proxy* proxy;  // null when there is none
  Resolver& resolver;
};

class TransportLoop {
 public:
  explicit TransportLoop(const TransportShared& shared);
  ~TransportLoop() { Stop(); }

  // `started_at`: when the request's timeout begins. Any thread.
  void Send(delivery::HttpRequest request, Exchange::Done done, base::SteadyTime started_at);
  void CancelAll();

  // Cancels everything and ends the thread. Not together with Send.
  void Stop();

 private:
  struct SendCommand {
    delivery::HttpRequest request;
    Exchange::Done done;
    base::SteadyTime started_at;
  };
  enum class Whose { kReceiver, kProxy };
  struct ResolvedCommand {
    std::uint64_t exchange_id;
    Whose whose;
    LookupResult result;
  };
  struct CancelCommand {};
  using Command = std::variant<SendCommand, ResolvedCommand, CancelCommand>;

  void Push(Command command);
  void Run();
  bool TakeCommands(std::vector<Command>& commands);
  std::optional<base::Milliseconds> Patience() const;
  void OnSend(SendCommand command);
  void OnResolved(ResolvedCommand command);
  void OnCancel();
  void OnEvent(std::uint64_t connection_id);
  void OnTimers();
  void OnTimer(std::uint64_t exchange_id, Exchange& exchange);
  void StartWaiting();
  void Begin(std::uint64_t exchange_id, Exchange& exchange);
  void Locate(std::uint64_t exchange_id, Exchange& exchange);
  void LocateProxy(std::uint64_t exchange_id, Exchange& exchange);
  void Resolve(std::uint64_t exchange_id, Exchange& exchange, Whose whose);
  void OnAnswers(std::uint64_t exchange_id, Exchange& exchange,
                 const std::vector<IpAddress>& answers);
  void OnProxyAnswers(std::uint64_t exchange_id, Exchange& exchange,
                      const std::vector<IpAddress>& answers);
  void DialNext(std::uint64_t exchange_id, Exchange& exchange);
  bool Dial(std::uint64_t exchange_id, Exchange& exchange, const CheckedAddress& address,
            DialError& why);
  void OnProgress(std::uint64_t exchange_id, Exchange& exchange, Exchange::Progress progress);
  void DropConnection(Exchange& exchange);
  void SetTimer(std::uint64_t exchange_id, Exchange& exchange, base::SteadyTime time);
  void Finish(std::uint64_t exchange_id, Exchange& exchange, delivery::HttpResult result);
  void FinishWithReply(std::uint64_t exchange_id, Exchange& exchange);
  void Complete(Exchange::Done done, delivery::HttpResult result);

  const TransportShared shared_;
  Poller poller_;

  base::Mutex mutex_;
  std::vector<Command> inbox_ WEBHOOK_GUARDED_BY(mutex_);
  bool stopping_ WEBHOOK_GUARDED_BY(mutex_) = false;

  // Of the loop's thread.
  base::SteadyTime now_{};
  std::uint64_t last_id_ = 0;  // of exchanges and connections
  std::unordered_map<std::uint64_t, std::unique_ptr<Exchange>> exchanges_;
  std::unordered_map<std::uint64_t, std::uint64_t> exchange_of_connection_;
  std::deque<std::uint64_t> waiting_;  // exchanges without a place; some may have ended
  std::size_t in_flight_ = 0;          // exchanges with a place
  std::set<std::pair<base::SteadyTime, std::uint64_t>> timers_;
  ConnectionPool pool_;
  std::vector<char> buffer_;

  std::thread thread_;  // last: starts when everything else is there
};

}  // namespace webhook::net
