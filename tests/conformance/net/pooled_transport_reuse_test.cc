// SPDX-License-Identifier: LGPL-3.0-or-later
// Keep-alive: connections are reused where that is safe, and a request is never sent twice where it
// may have been processed.
#include <doctest/doctest.h>

#include <atomic>
#include <string>
#include <vector>

#include "tests/conformance/net/pooled_rig.h"
#include "tests/conformance/net/scripted_server.h"

namespace webhook::net_tests {
namespace {

using delivery::HttpResult;
using delivery::TransportErrorKind;

// Records, and answers 200 with these headers.
class Recorder {
 public:
  explicit Recorder(std::string headers = "")
      : server_(
            ScriptedServer::Answering([headers](Peer& peer) { peer.Reply(200, "ok", headers); })) {}
  ScriptedServer* operator->() { return &server_; }

 private:
  ScriptedServer server_;
};

TEST_CASE("a connection carries many requests") {
  PooledRig rig;
  Recorder server;
  for (int i = 0; i < 50; ++i) REQUIRE(rig.Exchange(Post(server->Url())).ok());
  CHECK(server->connection_count() == 1);
  CHECK(server->requests().size() == 50);
}

TEST_CASE("a connection is given up after its share of requests") {
  net::TransportOptions options = LoopbackOptions();
  options.pool.requests_per_connection_max = 10;
  PooledRig rig(options);
  Recorder server;
  for (int i = 0; i < 50; ++i) REQUIRE(rig.Exchange(Post(server->Url())).ok());
  CHECK(server->connection_count() == 5);
}

TEST_CASE("Connection: close is obeyed") {
  PooledRig rig;
  Recorder server("Connection: close\r\n");
  for (int i = 0; i < 3; ++i) REQUIRE(rig.Exchange(Post(server->Url())).ok());
  CHECK(server->connection_count() == 3);
}

TEST_CASE("bytes after a reply end the connection, so that no reply is taken for another's") {
  PooledRig rig;
  ScriptedServer server(ScriptedServer::Answering([](Peer& peer) {
    peer.Send(
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
        "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged");
  }));
  for (int i = 1; i <= 3; ++i) {
    const HttpResult result = rig.Exchange(Post(server.Url()));
    REQUIRE(result.ok());
    CHECK(result.value().body == "ok");
    CHECK(server.connection_count() == i);
  }
}

TEST_CASE("idle connections are closed after a while") {
  net::TransportOptions options = LoopbackOptions();
  options.pool.idle_timeout = base::Milliseconds(50);
  PooledRig rig(options);
  std::atomic<bool> ended = false;
  ScriptedServer server([&](Peer& peer) {
    peer.ReadRequest();
    peer.Reply(200, "");
    peer.WaitForEnd();
    ended = true;
    rig.strand.Post([] {});
  });
  REQUIRE(rig.Exchange(Post(server.Url())).ok());
  CHECK(rig.strand.RunUntil([&] { return ended.load(); }));
}

TEST_CASE("no more idle connections are kept than allowed") {
  net::TransportOptions options = LoopbackOptions();
  options.pool.idle_per_origin_max = 2;
  PooledRig rig(options);
  std::atomic<int> open = 0;
  ScriptedServer server([&](Peer& peer) {
    ++open;
    while (!peer.ReadRequest().empty()) peer.Reply(200, "");
    --open;
    rig.strand.Post([] {});
  });
  int done = 0;
  for (int i = 0; i < 20; ++i) rig.transport->Send(Post(server.Url()), [&](HttpResult) { ++done; });
  REQUIRE(rig.strand.RunUntil([&] { return done == 20; }));
  CHECK(rig.strand.RunUntil([&] { return open <= 2; }));
}

TEST_CASE("a connection that the receiver ended is not used again") {
  PooledRig rig;
  ScriptedServer server([&](Peer& peer) {  // one request a connection, without saying so
    peer.Record(peer.ReadRequest());
    peer.Reply(200, "");
  });
  // Each new request comes right behind the end of the connection, often before it is seen.
  constexpr std::size_t kCount = 300;
  for (std::size_t i = 0; i < kCount; ++i) {
    const HttpResult result = rig.Exchange(Post(server.Url(), std::to_string(i)));
    if (!result.ok()) CHECK(result.error().kind == TransportErrorKind::kConnectionLost);
  }
  // Nothing was sent twice: every body that arrived is another one.
  std::vector<std::string> requests = server.requests();
  std::sort(requests.begin(), requests.end());
  CHECK(std::adjacent_find(requests.begin(), requests.end()) == requests.end());
}

TEST_CASE("a request that a pooled connection may have delivered is not sent again") {
  enum class End { kClose, kHalfClose, kReset };
  for (const End end : {End::kClose, End::kHalfClose, End::kReset}) {
    PooledRig rig;
    ScriptedServer server([&](Peer& peer) {
      peer.Record(peer.ReadRequest());
      peer.Reply(200, "");
      const std::string second = peer.ReadRequest();
      if (second.empty()) return;
      peer.Record(second);
      if (end == End::kReset) peer.Reset();
      if (end == End::kHalfClose) peer.HalfClose(), peer.WaitForEnd();
    });
    REQUIRE(rig.Exchange(Post(server.Url(), "first")).ok());
    const HttpResult result = rig.Exchange(Post(server.Url(), "second"));
    REQUIRE_FALSE(result.ok());
    CHECK(result.error().kind == TransportErrorKind::kConnectionLost);
    CHECK(result.error().maybe_delivered);
    CHECK(server.requests().size() == 2);
    CHECK(server.connection_count() == 1);
  }
}

TEST_CASE("origins do not share connections") {
  PooledRig rig;
  Recorder server;
  rig.lookup.Set("a.example", {"127.0.0.1"});
  rig.lookup.Set("b.example", {"127.0.0.1"});
  const std::string port = ":" + std::to_string(server->port());
  for (int i = 0; i < 3; ++i) {
    for (const char* host : {"a.example", "b.example", "127.0.0.1"}) {
      REQUIRE(rig.Exchange(Post("http://" + std::string(host) + port + "/")).ok());
    }
  }
  CHECK(server->connection_count() == 3);
}

TEST_CASE("methods and empty bodies are framed as they must be") {
  PooledRig rig;
  Recorder server;
  delivery::HttpRequest request = Post(server->Url(), "");
  REQUIRE(rig.Exchange(request).ok());
  request.method = "GET";
  REQUIRE(rig.Exchange(request).ok());
  CHECK(server->requests().at(0).find("Content-Length: 0\r\n") != std::string::npos);
  CHECK(server->requests().at(1).find("Content-Length") == std::string::npos);
}

TEST_CASE("the reply to HEAD has no body, whatever its length says") {
  PooledRig rig;
  ScriptedServer server(ScriptedServer::Answering(
      [](Peer& peer) { peer.Send("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"); }));
  delivery::HttpRequest request = Post(server.Url(), "");
  request.method = "HEAD";
  for (int i = 0; i < 2; ++i) REQUIRE(rig.Exchange(request).ok());
  CHECK(server.connection_count() == 1);
}

}  // namespace
}  // namespace webhook::net_tests
