// SPDX-License-Identifier: LGPL-3.0-or-later
// One request on its way to a reply: which phase it is in, what has left, what has arrived, and
// what its failure is called. It never waits and knows no time; TransportLoop drives it.
//
//   waiting ─▶ locating ─▶ connecting ─▶ tunnelling ─▶ handshaking ─▶ transferring ─▶ replied or
//   failed
//      │                        └─ (no proxy) ─▲└─ (no TLS) ─▲ ▲
//      └───────────────── a pooled connection ─────────────────┘
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "lib/base/time.h"
#include "lib/delivery/ports/http_transport.h"
#include "lib/net/address_guard.h"
#include "lib/net/connection.h"
#include "lib/net/prepare_request.h"
#include "lib/net/proxy_dialogue.h"
#include "lib/net/reply_parser.h"
#include "lib/net/route.h"
#include "lib/net/url.h"

namespace webhook::net {

class Exchange {
 public:
  using Done = std::function<void(delivery::HttpResult)>;

  enum class Progress {
    kWait,         // for the poller
    kReplied,      // TakeReply()
    kFailed,       // TakeError()
    kNextAddress,  // this address does not answer: dial the next one
    kSendAgain,    // the pooled connection had ended before the request: dial a fresh one
  };

  Exchange(PreparedRequest request, const ReplyLimits& limits, Done done);

  const Url& url() const { return request_.url; }
  const Proxy* proxy() const { return request_.proxy; }
  const std::string& pool_key() const { return pool_key_; }
  base::SteadyTime deadline() const { return request_.deadline; }
  Done TakeDone() { return std::move(done_); }

  // For the loop: when it is to be looked at again without an event.
  base::SteadyTime timer{};

  void OnLocating() { phase_ = Phase::kLocating; }
  void OnLocatingProxy() { phase_ = Phase::kLocatingProxy; }
  Route& route() { return route_; }

  // A connection that has just been dialled: call Drive when the poller reports it.
  void UseDialled(std::unique_ptr<Connection> connection);

  // A connection from the pool: sends at once.
  Progress UsePooled(std::unique_ptr<Connection> connection);

  // Goes on until it would block. `buffer` is scratch.
  Progress Drive(std::span<char> buffer);

  // The address could not be dialled.
  Progress OnConnectFailed(const DialError& why);

  // What is_connecting() took too long.
  Progress OnNoAnswer();

  bool is_waiting() const { return phase_ == Phase::kWaiting; }
  bool is_connecting() const {
    return phase_ == Phase::kConnecting || phase_ == Phase::kTunnelling;
  }
  Connection* connection() const { return connection_.get(); }
  std::unique_ptr<Connection> TakeConnection() { return std::move(connection_); }
  bool connection_is_reusable() const {
    return parser_->reusable() && sent_ == request_.bytes.size();
  }

  delivery::HttpReply TakeReply() { return parser_->TakeReply(); }
  delivery::TransportError TakeError() { return std::move(error_); }

  // Ends it from outside.
  delivery::TransportError TimeoutError() const;
  delivery::TransportError CanceledError() const;

 private:
  enum class Phase {
    kWaiting,
    kLocating,
    kLocatingProxy,
    kConnecting,
    kTunnelling,
    kHandshaking,
    kTransferring
  };

  void OnConnected();
  Progress DriveTunnel(std::span<char> buffer);
  Progress OnUnreachable(const std::string& why);
  void BeginTls();
  Progress DriveHandshake();
  Progress DriveTransfer(std::span<char> buffer);
  void Send();
  Progress Receive(std::span<char> buffer);
  Progress OnEnd();
  Progress OnBroken();
  bool PeerSawNothing() const;
  Progress PrepareToSendAgain();
  Progress Fail(delivery::TransportErrorKind kind, const std::string& detail);
  std::string Peer() const;
  std::string Receiver() const;

  const PreparedRequest request_;
  const std::string pool_key_;
  const ReplyLimits limits_;
  Done done_;

  Phase phase_ = Phase::kWaiting;
  Route route_;
  std::optional<ProxyDialogue> dialogue_;
  std::unique_ptr<Connection> connection_;
  bool pooled_ = false;                 // the connection carried a request before
  std::uint64_t confirmed_before_ = 0;  // by the peer's TCP, when the request was started
  std::size_t sent_ = 0;
  bool may_have_left_ = false;
  bool write_failed_ = false;
  std::optional<ReplyParser> parser_;
  delivery::TransportError error_{};
};

}  // namespace webhook::net
