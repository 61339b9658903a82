// SPDX-License-Identifier: LGPL-3.0-or-later
// One request on its way to a reply: which phase it is in, what has left, what has arrived, and
// what its failure is called. It never waits and knows no time; TransportLoop drives it.
//
//   waiting ─▶ locating ─▶ connecting ─▶ handshaking ─▶ transferring ─▶ replied or failed
//      └───────────────── a pooled connection ──────────────▲
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "lib/base/time.h"
#include "lib/delivery/ports/http_transport.h"
#include "lib/net/address_guard.h"
#include "lib/net/connection.h"
#include "lib/net/reply_parser.h"
#include "lib/net/tls_client.h"
#include "lib/net/url.h"

namespace webhook::net {

// A request that can be sent: checked and written.
struct PreparedRequest {
  Url url;
  std::string bytes;
  bool is_head;  // the method is HEAD
  std::size_t response_bytes_max;
  base::Milliseconds timeout;
  base::SteadyTime deadline;
};

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
  const std::string& origin() const { return origin_; }
  base::SteadyTime deadline() const { return request_.deadline; }
  Done TakeDone() { return std::move(done_); }

  // For the loop: when it is to be looked at again without an event.
  base::SteadyTime timer{};

  void OnLocating() { phase_ = Phase::kLocating; }
  void SetAddresses(std::vector<CheckedAddress> addresses);

  // Nothing when all have been tried.
  std::optional<CheckedAddress> NextAddress();
  std::size_t addresses_left() const { return addresses_.size() - address_index_; }

  // A connection that has just been dialled: call Drive when the poller reports it.
  void UseDialled(std::unique_ptr<Connection> connection);

  // A connection from the pool: sends at once.
  Progress UsePooled(std::unique_ptr<Connection> connection);

  // Goes on until it would block. `buffer` is scratch.
  Progress Drive(const TlsClient& tls, std::span<char> buffer);

  // The address could not be dialled, or took too long.
  Progress OnConnectFailed(const std::string& why);

  bool is_waiting() const { return phase_ == Phase::kWaiting; }
  bool is_connecting() const { return phase_ == Phase::kConnecting; }
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
  enum class Phase { kWaiting, kLocating, kConnecting, kHandshaking, kTransferring };

  Progress BeginTls(const TlsClient& tls);
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

  const PreparedRequest request_;
  const std::string origin_;
  const ReplyLimits limits_;
  Done done_;

  Phase phase_ = Phase::kWaiting;
  std::vector<CheckedAddress> addresses_;
  std::size_t address_index_ = 0;  // of the next one
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
