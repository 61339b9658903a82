// SPDX-License-Identifier: LGPL-3.0-or-later
// A receiver that breaks off at each byte of its reply: the request may have been delivered, the
// connection is lost, and nobody hangs. What looks complete and is not is never a reply.
#include <doctest/doctest.h>

#include <functional>
#include <string>

#include "tests/conformance/net/pooled_rig.h"
#include "tests/conformance/net/scripted_server.h"
#include "tests/conformance/net/test_certificates.h"

namespace webhook::net_tests {
namespace {

using delivery::HttpResult;
using delivery::TransportErrorKind;

// Replies whose end is told by their framing.
const std::string kFramed[] = {
    "HTTP/1.1 200 OK\r\nContent-Length: 12\r\nX-A: b\r\n\r\nall received",
    "HTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\n\r\n"
    "3;x=y\r\nall\r\n9\r\n received\r\n0\r\nX-Trailer: a\r\n\r\n",
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 503 No\r\nRetry-After: 7\r\nContent-Length: 2\r\n\r\nno",
    "HTTP/1.1 204 No Content\r\nConnection: keep-alive\r\n\r\n",
};
// Only its end tells the end.
const std::string kUnframed = "HTTP/1.1 200 OK\r\nX-A: b\r\n\r\nall received";

enum class End { kReset, kClose, kHalfClose };

const char* Name(End end) {
  return end == End::kReset ? "reset" : end == End::kClose ? "close" : "half-close";
}

// Answers the request whose body is a number with that many bytes of the reply, and breaks off;
// with a whole reply before that when the connection is to be a used one.
class BreakingServer {
 public:
  BreakingServer(std::string reply, End end, bool used_before, SSL_CTX* tls = nullptr)
      : reply_(std::move(reply)),
        end_(end),
        used_before_(used_before),
        server_([this](Peer& peer) { Serve(peer); }, tls) {}

  HttpResult ExchangeUpTo(std::size_t position) {
    if (used_before_) REQUIRE(Exchange("first").ok());
    return Exchange(std::to_string(position));
  }
  const ScriptedServer& server() const { return server_; }
  PooledRig rig;

  std::shared_ptr<const delivery::TlsIdentity> identity;

 private:
  HttpResult Exchange(const std::string& body) {
    delivery::HttpRequest request = Post(server_.Url(), body);
    request.tls = identity;
    return rig.Exchange(std::move(request));
  }

  void Serve(Peer& peer) {
    if (used_before_) {
      peer.ReadRequest();
      peer.Reply(200, "");
    }
    const std::string request = peer.ReadRequest();
    if (request.empty()) return;
    peer.Record(request);
    const std::size_t position = std::stoul(request.substr(request.find("\r\n\r\n") + 4));
    peer.Send(std::string_view(reply_).substr(0, position));
    if (end_ == End::kReset) peer.Reset();
    if (end_ == End::kHalfClose) {
      peer.HalfClose();
      peer.WaitForEnd();
    }
  }

  const std::string reply_;
  const End end_;
  const bool used_before_;
  ScriptedServer server_;
};

void CheckLost(const HttpResult& result) {
  REQUIRE_FALSE(result.ok());
  CAPTURE(result.error().detail);
  CHECK(result.error().kind == TransportErrorKind::kConnectionLost);
  CHECK(result.error().maybe_delivered);
}

void CheckLostAtEveryByte(BreakingServer& server, const std::string& reply) {
  for (std::size_t position = 0; position < reply.size(); ++position) {
    CAPTURE(position);
    CheckLost(server.ExchangeUpTo(position));
  }
  // Each request arrived once.
  CHECK(server.server().requests().size() == reply.size());
}

TEST_CASE("a reply that breaks off at any byte is a lost connection, never a reply") {
  for (const std::string& reply : kFramed) {
    for (const End end : {End::kReset, End::kClose, End::kHalfClose}) {
      for (const bool used_before : {false, true}) {
        CAPTURE(reply);
        CAPTURE(Name(end));
        CAPTURE(used_before);
        BreakingServer server(reply, end, used_before);
        CheckLostAtEveryByte(server, reply);
      }
    }
  }
}

TEST_CASE("a reply that ends after its last byte is whole") {
  for (const std::string& reply : kFramed) {
    for (const End end : {End::kClose, End::kHalfClose}) {
      BreakingServer server(reply, end, false);
      CHECK(server.ExchangeUpTo(reply.size()).ok());
    }
  }
}

TEST_CASE("a body without a length ends with the connection, but not with a reset") {
  const std::size_t head = kUnframed.find("\r\n\r\n") + 4;
  for (const End end : {End::kReset, End::kClose, End::kHalfClose}) {
    BreakingServer server(kUnframed, end, false);
    for (std::size_t position = 0; position <= kUnframed.size(); ++position) {
      CAPTURE(Name(end));
      CAPTURE(position);
      const HttpResult result = server.ExchangeUpTo(position);
      if (end == End::kReset || position < head) {
        CheckLost(result);
      } else {
        REQUIRE(result.ok());
        CHECK(result.value().body == kUnframed.substr(head, position - head));
      }
    }
  }
}

TEST_CASE("the same through TLS, without its good-bye") {
  const TestAuthority authority;
  const ServerContext context = authority.NewServer("IP:127.0.0.1");
  for (const std::string& reply : {kFramed[0], kFramed[1]}) {
    for (const End end : {End::kReset, End::kHalfClose}) {
      CAPTURE(reply);
      CAPTURE(Name(end));
      BreakingServer server(reply, end, false, context.get());
      server.identity = std::make_shared<const delivery::TlsIdentity>(
          delivery::TlsIdentity{"authority", "", base::Secret(), authority.Pem()});
      CheckLostAtEveryByte(server, reply);
    }
  }
}

}  // namespace
}  // namespace webhook::net_tests
