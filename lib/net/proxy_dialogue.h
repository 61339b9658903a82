// SPDX-License-Identifier: LGPL-3.0-or-later
// Asks a proxy for a tunnel over a connection that stands, and reads its answer (RFC 9110, 9.3.6).
// Nothing of the request to the receiver leaves before the tunnel is open. One thread.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "lib/base/secret.h"
#include "lib/net/connection.h"
#include "lib/net/reply_parser.h"

namespace webhook::net {

class ProxyDialogue {
 public:
  enum class Progress {
    kWait,         // for the poller
    kOpen,         // what is written from now on goes to the receiver
    kUnreachable,  // the proxy works, but did not reach the receiver: 502, 503, 504
    kRefused,      // anything else: the proxy's fault, or ours
  };

  // `request`: of Proxy::ConnectRequest.
  explicit ProxyDialogue(std::string request);

  // Goes on until it would block. `buffer` is scratch.
  Progress Drive(Connection& connection, std::span<char> buffer);

  // After kUnreachable and kRefused, the end of a sentence that starts with the proxy's name.
  const std::string& why() const { return why_; }

 private:
  void Send(Connection& connection);
  Progress Receive(Connection& connection, std::span<char> buffer);
  Progress Judge();
  Progress Refuse(std::string why);

  const base::Secret request_;  // may hold the operator's password
  std::size_t sent_ = 0;
  ReplyParser parser_;
  std::string why_;
};

}  // namespace webhook::net
