// SPDX-License-Identifier: LGPL-3.0-or-later
// Port: what answers the requests that our HTTP server reads. Called on the server's threads, by
// several at a time.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "lib/delivery/ports/http_transport.h"

namespace webhook::delivery {

// A request line and its headers, well-formed as HTTP/1.1 says (RFC 9112). Nothing is decoded.
struct ReceivedHead {
  std::string method;          // as sent
  std::string target;          // path and query, as sent; begins with '/'
  HttpHeaders headers;         // as sent, in their order, blanks around values removed
  std::string remote_address;  // numeric: the sender's, or what a trusted proxy says about it
  std::string origin;  // scheme and host as the sender called them: https://hooks.example.com
};

struct ReceivedRequest {
  ReceivedHead head;
  std::string body;  // whole, without the chunks' framing
};

struct ReceiverAnswer {
  int status_code = 500;
  HttpHeaders headers;  // without those of the framing
  std::string body;
};

class RequestReceiver {
 public:
  virtual ~RequestReceiver() = default;

  // Before the body is read: an answer refuses the request at once, and its body is not read. Must
  // not block.
  virtual std::optional<ReceiverAnswer> OnHead(const ReceivedHead& head) = 0;

  // `done` runs exactly once, on any thread, perhaps inside this call. The server outlives it, or
  // drops the answer.
  virtual void OnRequest(ReceivedRequest request, std::function<void(ReceiverAnswer)> done) = 0;
};

}  // namespace webhook::delivery
