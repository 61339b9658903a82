// SPDX-License-Identifier: LGPL-3.0-or-later
// Port: sends one HTTP request to a receiver. Everything that dials a receiver goes through it.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lib/base/result.h"
#include "lib/base/time.h"
#include "lib/delivery/ports/tls_identity.h"

namespace webhook::delivery {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
  std::string method;  // upper case: POST
  std::string url;     // absolute, http or https, without user information or fragment
  HttpHeaders headers;
  std::string body;
  base::Milliseconds timeout;  // of the whole exchange: name, connect, TLS, send, reply with body
  std::size_t response_bytes_max;  // of the body that is kept; the rest is not read
  std::shared_ptr<const TlsIdentity> tls = nullptr;  // null: no client certificate, usual trust
};

struct HttpReply {
  int status_code;
  HttpHeaders headers;
  std::string body;
  bool truncated;  // the body was longer than response_bytes_max
};

enum class TransportErrorKind {
  kRequestInvalid,   // URL, method or header cannot be sent
  kAddressRefused,   // the guard refuses the address the name resolves to
  kResolve,          // the name was not found
  kConnect,          // refused, unreachable
  kTls,              // handshake or certificate
  kTimeout,          // the total deadline passed
  kConnectionLost,   // the connection broke
  kResponseInvalid,  // not HTTP, or beyond a limit on headers
  kOurTrouble,       // no request was made: our resolver, our proxy, descriptors, a limit of ours
  kAuth,             // no access token could be had; never from a transport
  kCanceled,         // CancelAll()
};

struct TransportError {
  TransportErrorKind kind;
  std::string detail;    // one sentence without secrets
  bool maybe_delivered;  // bytes of the request may have left
};

using HttpResult = base::Result<HttpReply, TransportError>;

class HttpTransport {
 public:
  virtual ~HttpTransport() = default;

  // `done` runs exactly once, on the strand, never inside this call, at the latest shortly after
  // the timeout. Called on the strand.
  virtual void Send(HttpRequest request, std::function<void(HttpResult)> done) = 0;

  // Why no request to this URL can be made, as far as it can be said without asking for a name:
  // kRequestInvalid or kAddressRefused. For checking a configuration; every Send is judged anew.
  virtual std::optional<TransportError> WhyRefused(const std::string& /*url*/) const {
    return std::nullopt;
  }

  // Ends all requests under way; each still gets its `done`, with kCanceled unless a reply was
  // there already.
  virtual void CancelAll() = 0;
};

}  // namespace webhook::delivery
