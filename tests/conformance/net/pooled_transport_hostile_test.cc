// SPDX-License-Identifier: LGPL-3.0-or-later
// Receivers that drip, lie, break off and flood: each costs its own request and no more.
#include <doctest/doctest.h>

#include <chrono>
#include <cstdlib>
#include <future>
#include <string>
#include <vector>

#include "tests/conformance/net/pooled_rig.h"
#include "tests/conformance/net/scripted_server.h"

namespace webhook::net_tests {
namespace {

using delivery::HttpRequest;
using delivery::HttpResult;
using delivery::TransportErrorKind;
using std::chrono::milliseconds;

constexpr milliseconds kTimeout{1000};
// Far below what the dripping peers would take, far above what a busy machine needs.
constexpr milliseconds kPromptly{10000};

struct Timed {
  HttpResult result;
  milliseconds took;
};

Timed ExchangeTimed(PooledRig& rig, HttpRequest request) {
  const base::SteadyTime start = rig.clock.SteadyNow();
  HttpResult result = rig.Exchange(std::move(request));
  return {std::move(result), rig.clock.SteadyNow() - start};
}

// What comes of one request to a server that reads it and then does `answer`.
HttpResult After(const std::function<void(Peer&)>& answer,
                 milliseconds timeout = milliseconds(20000)) {
  PooledRig rig;
  ScriptedServer server([&](Peer& peer) {
    peer.ReadRequest();
    answer(peer);
  });
  return rig.Exchange(Post(server.Url(), "{}", timeout));
}

HttpResult AfterReply(const std::string& bytes) {
  return After([&](Peer& peer) {
    peer.Send(bytes);
    peer.WaitForEnd();
  });
}

void CheckInvalid(const std::string& reply) {
  CAPTURE(reply.substr(0, 80));
  const HttpResult result = AfterReply(reply);
  REQUIRE_FALSE(result.ok());
  CHECK(result.error().kind == TransportErrorKind::kResponseInvalid);
  CHECK(result.error().maybe_delivered);
}

void CheckEndsAtDeadline(const std::function<void(Peer&)>& answer) {
  PooledRig rig;
  ScriptedServer server([&](Peer& peer) {
    peer.ReadRequest();
    answer(peer);
  });
  const Timed timed = ExchangeTimed(rig, Post(server.Url(), "{}", kTimeout));
  REQUIRE_FALSE(timed.result.ok());
  CHECK(timed.result.error().kind == TransportErrorKind::kTimeout);
  CHECK(timed.result.error().maybe_delivered);
  CHECK(timed.took >= kTimeout);
  CHECK(timed.took < kPromptly);
}

TEST_CASE("a peer that drips header bytes is ended at the deadline") {
  const std::string head = "HTTP/1.1 200 OK\r\nX-Slow: " + std::string(2000, 'a');
  CheckEndsAtDeadline([&](Peer& peer) { peer.Drip(head, milliseconds(10)); });
}

TEST_CASE("a peer that drips body bytes is ended at the deadline") {
  CheckEndsAtDeadline([&](Peer& peer) {
    peer.Send("HTTP/1.1 200 OK\r\nContent-Length: 3000\r\n\r\n");
    peer.Drip(std::string(3000, 'b'), milliseconds(10));
  });
}

TEST_CASE("a peer that drips chunks is ended at the deadline") {
  std::string chunks;
  for (int i = 0; i < 600; ++i) chunks += "1\r\nx\r\n";
  CheckEndsAtDeadline([&](Peer& peer) {
    peer.Send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    peer.Drip(chunks, milliseconds(10));
  });
}

TEST_CASE("a peer that says nothing is ended at the deadline") {
  CheckEndsAtDeadline([](Peer& peer) { peer.WaitForEnd(); });
}

TEST_CASE("a peer that does not read is ended at the deadline, perhaps delivered") {
  PooledRig rig;
  ScriptedServer deaf([](Peer& peer) { peer.WaitForEndWithoutReading(); });
  const std::string more_than_buffers(40'000'000, 'x');
  const Timed timed = ExchangeTimed(rig, Post(deaf.Url(), more_than_buffers, kTimeout));
  REQUIRE_FALSE(timed.result.ok());
  CHECK(timed.result.error().kind == TransportErrorKind::kTimeout);
  CHECK(timed.result.error().maybe_delivered);
  CHECK(timed.took < kPromptly);
}

TEST_CASE("one dripping peer holds up nobody else") {
  PooledRig rig;  // one thread for all
  ScriptedServer slow([](Peer& peer) {
    peer.ReadRequest();
    peer.Drip("HTTP/1.1 200 OK\r\nX: " + std::string(3000, 'H'), milliseconds(10));
  });
  ScriptedServer fast([](Peer& peer) {
    while (!peer.ReadRequest().empty()) peer.Reply(200, "ok");
  });
  int slow_done = 0;
  for (int i = 0; i < 20; ++i) {
    rig.transport->Send(Post(slow.Url()), [&](HttpResult) { ++slow_done; });
  }
  for (int i = 0; i < 20; ++i) CHECK(rig.Exchange(Post(fast.Url())).ok());
  CHECK(slow_done == 0);
}

TEST_CASE("a reset before the request is no connection, or a lost one") {
  PooledRig rig;
  ScriptedServer server([](Peer& peer) { peer.Reset(); });
  const HttpResult result = rig.Exchange(Post(server.Url()));
  REQUIRE_FALSE(result.ok());
  // The reset may be faster than our noticing that we are connected; then nothing has left.
  if (result.error().kind == TransportErrorKind::kConnect) {
    CHECK_FALSE(result.error().maybe_delivered);
  } else {
    CHECK(result.error().kind == TransportErrorKind::kConnectionLost);
  }
}

TEST_CASE("a reset after the request may have delivered") {
  const HttpResult result = After([](Peer& peer) { peer.Reset(); });
  REQUIRE_FALSE(result.ok());
  CHECK(result.error().kind == TransportErrorKind::kConnectionLost);
  CHECK(result.error().maybe_delivered);
}

TEST_CASE("a peer that half-closes without a reply may have delivered") {
  const HttpResult result = After([](Peer& peer) {
    peer.HalfClose();
    peer.WaitForEnd();
  });
  REQUIRE_FALSE(result.ok());
  CHECK(result.error().kind == TransportErrorKind::kConnectionLost);
  CHECK(result.error().maybe_delivered);
}

TEST_CASE("a reply before the request is read counts") {
  PooledRig rig;
  ScriptedServer server([](Peer& peer) {
    peer.Reply(413, "too long", "Connection: close\r\n");
    peer.HalfClose();
    peer.WaitForEnd();
  });
  const HttpResult result = rig.Exchange(Post(server.Url(), std::string(5'000'000, 'x')));
  REQUIRE(result.ok());
  CHECK(result.value().status_code == 413);
}

TEST_CASE("a reply that breaks off is lost") {
  for (const char* reply :
       {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfive.",
        "HTTP/1.1 200 OK\r\nX:", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"}) {
    const HttpResult result = After([&](Peer& peer) { peer.Send(reply); });
    REQUIRE_FALSE(result.ok());
    CHECK(result.error().kind == TransportErrorKind::kConnectionLost);
    CHECK(result.error().maybe_delivered);
  }
}

TEST_CASE("what is not HTTP is invalid") {
  CheckInvalid("SSH-2.0-OpenSSH_9.2\r\n");
  CheckInvalid("220 mail.example ESMTP");
  CheckInvalid(std::string("\x15\x03\x03\x00\x02\x02\x46", 7));
  CheckInvalid("{\"status\": 200}");
  CheckInvalid("HTTP/2.0 200 OK\r\n\r\n");
}

TEST_CASE("huge heads are invalid, early") {
  CheckInvalid("HTTP/1.1 200 " + std::string(1'000'000, 'x') + "\r\n\r\n");
  CheckInvalid("HTTP/1.1 200 OK\r\nX: " + std::string(1'000'000, 'x') + "\r\n\r\n");
  std::string many = "HTTP/1.1 200 OK\r\n";
  for (int i = 0; i < 10000; ++i) many += "X: y\r\n";
  CheckInvalid(many + "\r\n");
  std::string long_ones = "HTTP/1.1 200 OK\r\n";
  for (int i = 0; i < 100; ++i) long_ones += "X: " + std::string(8000, 'y') + "\r\n";
  CheckInvalid(long_ones + "\r\n");
}

TEST_CASE("bad framing is invalid") {
  CheckInvalid("HTTP/1.1 200 OK\nContent-Length: 0\n\n");
  CheckInvalid("HTTP/1.1 200 OK\r\nX: a\r\n folded\r\nContent-Length: 0\r\n\r\n");
  CheckInvalid("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab");
  CheckInvalid(
      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
  CheckInvalid("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n");
  CheckInvalid("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n");
  CheckInvalid("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n");
  CheckInvalid("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n");
  CheckInvalid("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n");
  CheckInvalid("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n");
}

TEST_CASE("interim replies are skipped, a flood of them is invalid") {
  const std::string interim = "HTTP/1.1 100 Continue\r\n\r\n";
  const HttpResult result = AfterReply(interim + "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" +
                                       "HTTP/1.1 204 No Content\r\n\r\n");
  REQUIRE(result.ok());
  CHECK(result.value().status_code == 204);
  CHECK(result.value().headers.empty());
  std::string flood;
  for (int i = 0; i < 10000; ++i) flood += interim;
  CheckInvalid(flood);
}

TEST_CASE("a body beyond the limit is cut and the connection given up") {
  PooledRig rig;
  ScriptedServer server(
      ScriptedServer::Answering([](Peer& peer) { peer.Reply(200, std::string(10'000'000, 'x')); }));
  for (int i = 1; i <= 3; ++i) {
    const HttpResult result = rig.Exchange(Post(server.Url()));
    REQUIRE(result.ok());
    CHECK(result.value().truncated);
    CHECK(result.value().body.size() == 4096);
    CHECK(server.connection_count() == i);
  }
}

TEST_CASE("an endless body is cut") {
  const std::string endless(1 << 20, 'x');
  const HttpResult result = After([&](Peer& peer) {
    peer.Send("HTTP/1.1 200 OK\r\n\r\n");
    peer.Send(endless);
    peer.WaitForEnd();
  });
  REQUIRE(result.ok());
  CHECK(result.value().truncated);
}

TEST_CASE("HTTP/1.0 with a body until the end is a reply") {
  const HttpResult result =
      After([](Peer& peer) { peer.Send("HTTP/1.0 200 OK\r\n\r\nuntil the end"); });
  REQUIRE(result.ok());
  CHECK(result.value().body == "until the end");
  CHECK_FALSE(result.value().truncated);
}

TEST_CASE("a redirect is a reply and is not followed") {
  ScriptedServer elsewhere([](Peer& peer) { peer.WaitForEnd(); });
  const HttpResult result = AfterReply(
      "HTTP/1.1 307 Temporary Redirect\r\nContent-Length: 0\r\nLocation: " + elsewhere.Url() +
      "\r\n\r\n");
  REQUIRE(result.ok());
  CHECK(result.value().status_code == 307);
  CHECK(elsewhere.connection_count() == 0);
}

TEST_CASE("chunks that are all head and no body are invalid") {
  const std::string head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  CheckInvalid(head + "1;" + std::string(2000, 'x') + "\r\na\r\n");
  CheckInvalid(head + std::string(2000, '0') + "1\r\na\r\n");
  std::string trailers = head + "0\r\n";
  for (int i = 0; i < 1000; ++i) trailers += "X: y\r\n";
  CheckInvalid(trailers + "\r\n");
}

TEST_CASE("proxies of the environment are ignored") {
  ScriptedServer proxy([](Peer& peer) { peer.WaitForEnd(); });
  for (const char* name : {"http_proxy", "HTTP_PROXY", "ALL_PROXY"}) {
    setenv(name, proxy.Url("").c_str(), 1);
  }
  CHECK(AfterReply("HTTP/1.1 204 No Content\r\n\r\n").ok());
  CHECK(proxy.connection_count() == 0);
  for (const char* name : {"http_proxy", "HTTP_PROXY", "ALL_PROXY"}) unsetenv(name);
}

TEST_CASE("internal addresses are refused, by name and by number") {
  ScriptedServer server([](Peer& peer) { peer.WaitForEnd(); });
  net::TransportOptions options = LoopbackOptions();
  options.allow.clear();
  PooledRig rig(options);
  const std::string port = ":" + std::to_string(server.port());
  rig.lookup.Set("inside.example", {"127.0.0.1"});
  rig.lookup.Set("mixed.example", {"::ffff:127.0.0.1", "10.0.0.1", "fd00::1"});
  for (const char* host :
       {"127.0.0.1", "inside.example", "mixed.example", "[::ffff:127.0.0.1]", "[::1]"}) {
    const HttpResult result =
        rig.Exchange(Post("http://" + std::string(host) + port + "/?key=secret"));
    REQUIRE_FALSE(result.ok());
    CHECK(result.error().kind == TransportErrorKind::kAddressRefused);
    CHECK_FALSE(result.error().maybe_delivered);
    CHECK(result.error().detail.find("secret") == std::string::npos);
  }
  CHECK(server.connection_count() == 0);
}

TEST_CASE("of several addresses only allowed ones are dialled, one after the other") {
  PooledRig rig;
  ScriptedServer server(ScriptedServer::Answering([](Peer& peer) { peer.Reply(200, ""); }));
  // 127.0.0.2 refuses connections: the server listens on 127.0.0.1 only.
  rig.lookup.Set("several.example", {"10.0.0.1", "127.0.0.2", "127.0.0.1"});
  const std::string authority = "several.example:" + std::to_string(server.port());
  REQUIRE(rig.Exchange(Post("http://" + authority + "/a?b=c")).ok());
  const std::string request = server.requests().at(0);
  CHECK(request.starts_with("POST /a?b=c HTTP/1.1\r\nHost: " + authority + "\r\n"));
  CHECK(rig.lookup.count() == 1);
}

TEST_CASE("plain http needs permission") {
  net::TransportOptions options = LoopbackOptions();
  options.plain_http_allowed = false;
  PooledRig rig(options);
  const HttpResult result = rig.Exchange(Post("http://127.0.0.1/"));
  REQUIRE_FALSE(result.ok());
  CHECK(result.error().kind == TransportErrorKind::kRequestInvalid);
}

TEST_CASE("requests beyond the limit wait for a place, with their clock running") {
  net::TransportOptions options = LoopbackOptions();
  options.requests_in_flight_max = 2;
  PooledRig rig(options);
  std::promise<void> gate;
  const std::shared_future<void> opened = gate.get_future().share();
  ScriptedServer gated([opened](Peer& peer) {
    while (!peer.ReadRequest().empty()) {
      opened.wait();
      peer.Reply(200, "");
    }
  });
  int replied = 0;
  for (int i = 0; i < 2; ++i) {
    rig.transport->Send(Post(gated.Url()), [&](HttpResult result) { replied += result.ok(); });
  }
  const HttpResult late = rig.Exchange(Post(gated.Url(), "{}", milliseconds(100)));
  REQUIRE_FALSE(late.ok());
  CHECK(late.error().kind == TransportErrorKind::kTimeout);
  CHECK_FALSE(late.error().maybe_delivered);
  CHECK(late.error().detail.find("no free sender") == 0);
  rig.transport->Send(Post(gated.Url()), [&](HttpResult result) { replied += result.ok(); });
  gate.set_value();
  CHECK(rig.strand.RunUntil([&] { return replied == 3; }));
  CHECK(gated.connection_count() == 2);
}

TEST_CASE("the destructor ends everything; each request hears of it once") {
  PooledRig rig;
  ScriptedServer silent([](Peer& peer) { peer.WaitForEnd(); });
  int canceled = 0;
  for (int i = 0; i < 50; ++i) {
    rig.transport->Send(Post(silent.Url()), [&](HttpResult result) {
      if (!result.ok() && result.error().kind == TransportErrorKind::kCanceled) ++canceled;
    });
  }
  rig.transport.reset();
  rig.strand.RunReady();
  CHECK(canceled == 50);
}

}  // namespace
}  // namespace webhook::net_tests
