// SPDX-License-Identifier: LGPL-3.0-or-later
// A proxy from the configuration: what it is told, that the guard still judges receivers, and that
// its faults are not taken for the receiver's.
#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/conformance/net/pooled_rig.h"
#include "tests/conformance/net/scripted_server.h"
#include "tests/conformance/net/test_certificates.h"
#include "tests/fakes/temporary_directory.h"

namespace webhook::net_tests {
namespace {

using delivery::HttpResult;
using delivery::TransportErrorKind;
using std::chrono::milliseconds;

constexpr const char* kPublic = "93.184.216.34";
constexpr const char* kOtherPublic = "93.184.216.35";

net::TransportOptions Through(int port) {
  net::TransportOptions options;  // nothing internal is allowed
  options.plain_http_allowed = true;
  options.io_threads = 1;
  options.proxy.emplace();
  options.proxy->host = "127.0.0.1";
  options.proxy->port = static_cast<std::uint16_t>(port);
  return options;
}

ScriptedServer::Script Recording(const std::function<void(Peer&, const std::string&)>& answer) {
  return [answer](Peer& peer) {
    const std::string request = peer.ReadRequest();
    if (request.empty()) return;
    peer.Record(request);
    answer(peer, request);
  };
}

// Carries everything it is asked for to one port on loopback, whatever the address was.
ScriptedServer::Script ForwardingTo(int port) {
  return Recording([port](Peer& peer, const std::string&) {
    peer.Send("HTTP/1.1 200 Connection established\r\n\r\n");
    peer.JoinWith(port);
  });
}

ScriptedServer::Script Saying(const std::string& bytes) {
  return Recording([bytes](Peer& peer, const std::string&) {
    peer.Send(bytes);
    peer.WaitForEnd();
  });
}

ScriptedServer::Script Recorder() {
  return ScriptedServer::Answering([](Peer& peer) { peer.Reply(200, "ok"); });
}

void CheckFails(const HttpResult& result, TransportErrorKind kind, const std::string& detail) {
  REQUIRE_FALSE(result.ok());
  CAPTURE(result.error().detail);
  CHECK(result.error().kind == kind);
  CHECK(result.error().detail.find(detail) != std::string::npos);
  CHECK_FALSE(result.error().maybe_delivered);
}

TEST_CASE("the proxy is told the judged address, the receiver the name") {
  ScriptedServer receiver(Recorder());
  ScriptedServer proxy(ForwardingTo(receiver.port()));
  PooledRig rig(Through(proxy.port()));
  rig.lookup.Set("shop.example", {"10.0.0.1", kPublic});
  for (int i = 0; i < 10; ++i) {
    const HttpResult result = rig.Exchange(Post("http://shop.example/hook?key=secret"));
    REQUIRE_MESSAGE(result.ok(), result.error().detail);
  }
  REQUIRE(proxy.requests().size() == 1);  // one tunnel, used again
  CHECK(proxy.requests().at(0) ==
        "CONNECT 93.184.216.34:80 HTTP/1.1\r\nHost: 93.184.216.34:80\r\n\r\n");
  CHECK(receiver.requests().size() == 10);
  CHECK(receiver.requests().at(0).starts_with(
      "POST /hook?key=secret HTTP/1.1\r\nHost: shop.example\r\n"));
  CHECK(rig.lookup.count() == 1);
}

TEST_CASE("TLS goes through the tunnel, checked against the name") {
  const TestAuthority authority;
  fakes::TemporaryDirectory directory;
  const ServerContext context = authority.NewServer("DNS:shop.example");
  ScriptedServer receiver(Recorder(), context.get());
  ScriptedServer proxy(ForwardingTo(receiver.port()));
  net::TransportOptions options = Through(proxy.port());
  options.ca_file = directory.File("ca.pem");
  authority.WritePem(options.ca_file);
  PooledRig rig(options);
  rig.lookup.Set("shop.example", {kPublic});
  rig.lookup.Set("other.example", {kPublic});
  const HttpResult result = rig.Exchange(Post("https://shop.example/hook", "the secret body"));
  REQUIRE_MESSAGE(result.ok(), result.error().detail);
  CHECK(receiver.requests().size() == 1);
  CHECK(proxy.requests().at(0).starts_with("CONNECT 93.184.216.34:443 "));
  CheckFails(rig.Exchange(Post("https://other.example/")), TransportErrorKind::kTls,
             "through the proxy 127.0.0.1:");
}

TEST_CASE("user and password are given to the proxy, and to nobody else") {
  ScriptedServer receiver(Recorder());
  ScriptedServer proxy(ForwardingTo(receiver.port()));
  net::TransportOptions options = Through(proxy.port());
  options.proxy->user = "worker";
  options.proxy->password = base::Secret("pa:ss word");
  PooledRig rig(options);
  rig.lookup.Set("shop.example", {kPublic});
  REQUIRE(rig.Exchange(Post("http://shop.example/")).ok());
  CHECK(proxy.requests().at(0).find(
            "\r\nProxy-Authorization: Basic d29ya2VyOnBhOnNzIHdvcmQ=\r\n") != std::string::npos);
  CHECK(receiver.requests().at(0).find("Proxy-") == std::string::npos);
}

TEST_CASE("internal receivers are refused although there is a proxy") {
  for (const bool proxy_resolves : {false, true}) {
    ScriptedServer proxy(ForwardingTo(1));
    net::TransportOptions options = Through(proxy.port());
    options.proxy->resolves_names = proxy_resolves;
    PooledRig rig(options);
    rig.lookup.Set("inside.example", {"10.1.2.3", "::1"});
    std::vector<std::string> hosts = {"127.0.0.1", "169.254.169.254", "[::ffff:10.0.0.1]", "[::1]"};
    if (!proxy_resolves) hosts.push_back("inside.example");
    for (const std::string& host : hosts) {
      CAPTURE(host);
      CheckFails(rig.Exchange(Post("http://" + host + "/")), TransportErrorKind::kAddressRefused,
                 "is refused");
    }
    CHECK(proxy.connection_count() == 0);
  }
}

TEST_CASE("a proxy that resolves names gets the name, and nobody else is asked for it") {
  ScriptedServer receiver(Recorder());
  ScriptedServer proxy(ForwardingTo(receiver.port()));
  net::TransportOptions options = Through(proxy.port());
  options.proxy->resolves_names = true;
  PooledRig rig(options);
  REQUIRE(rig.Exchange(Post("http://only-the-proxy-knows.example:8069/")).ok());
  CHECK(proxy.requests().at(0).starts_with("CONNECT only-the-proxy-knows.example:8069 "));
  CHECK(rig.lookup.count() == 0);
}

TEST_CASE("a name that changes its answer reaches the address that was judged, or nothing") {
  for (const bool public_first : {true, false}) {
    ScriptedServer receiver(ScriptedServer::Answering(
        [](Peer& peer) { peer.Reply(200, "", "Connection: close\r\n"); }));
    ScriptedServer proxy(ForwardingTo(receiver.port()));
    PooledRig rig(Through(proxy.port()));
    const std::vector<std::string> inside = {"127.0.0.1"};
    const std::vector<std::string> outside = {kPublic};
    rig.lookup.SetChanging("changing.example", public_first ? std::vector{outside, inside}
                                                            : std::vector{inside, outside});
    const HttpResult first = rig.Exchange(Post("http://changing.example/"));
    const HttpResult second = rig.Exchange(Post("http://changing.example/"));
    CHECK(first.ok() == public_first);
    CHECK(second.ok() != public_first);
    CheckFails(public_first ? second : first, TransportErrorKind::kAddressRefused, "loopback");
    REQUIRE(proxy.requests().size() == 1);
    CHECK(proxy.requests().at(0).starts_with("CONNECT 93.184.216.34:80 "));
    CHECK(rig.lookup.count() == 2);
  }
}

HttpResult AfterProxy(const ScriptedServer::Script& script,
                      milliseconds timeout = milliseconds(20000),
                      const std::vector<std::string>& addresses = {kPublic}) {
  ScriptedServer proxy(script);
  PooledRig rig(Through(proxy.port()));
  rig.lookup.Set("shop.example", addresses);
  return rig.Exchange(Post("https://shop.example/?key=secret", "{}", timeout));
}

TEST_CASE("what the proxy refuses is our trouble") {
  for (const int status : {300, 302, 400, 401, 403, 404, 405, 407, 429, 500, 501, 505}) {
    const std::string number = std::to_string(status);
    CAPTURE(status);
    CheckFails(AfterProxy(Saying("HTTP/1.1 " + number + " No\r\nContent-Length: 4\r\n\r\npage")),
               TransportErrorKind::kOurTrouble, " answered " + number + " to CONNECT");
  }
  CheckFails(AfterProxy(Saying("HTTP/1.1 407 No\r\n\r\n")), TransportErrorKind::kOurTrouble,
             "other credentials");
}

TEST_CASE("what the proxy could not reach is the receiver's") {
  for (const int status : {502, 503, 504}) {
    const HttpResult result =
        AfterProxy(Saying("HTTP/1.1 " + std::to_string(status) + " No\r\n\r\n"));
    CheckFails(result, TransportErrorKind::kConnect,
               "could not reach shop.example (93.184.216.34:443)");
    CHECK(result.error().detail.starts_with("the proxy 127.0.0.1:"));
  }
}

TEST_CASE("of several addresses of the receiver the proxy is asked for one after the other") {
  ScriptedServer receiver(Recorder());
  ScriptedServer proxy(Recording([&](Peer& peer, const std::string& request) {
    if (!request.starts_with("CONNECT 93.184.216.35:")) return peer.Send("HTTP/1.1 503 No\r\n\r\n");
    peer.Send("HTTP/1.1 200 OK\r\n\r\n");
    peer.JoinWith(receiver.port());
  }));
  PooledRig rig(Through(proxy.port()));
  rig.lookup.Set("shop.example", {"2606:4700::1", kPublic, kOtherPublic});
  const HttpResult result = rig.Exchange(Post("http://shop.example/"));
  REQUIRE_MESSAGE(result.ok(), result.error().detail);
  REQUIRE(proxy.requests().size() == 3);
  CHECK(proxy.requests().at(0).starts_with("CONNECT [2606:4700::1]:80 "));
  CHECK(receiver.requests().size() == 1);
}

TEST_CASE("a proxy that is not there, or talks nonsense, is our trouble") {
  const auto ours = [](const HttpResult& result, const std::string& detail) {
    CheckFails(result, TransportErrorKind::kOurTrouble, detail);
    CHECK(result.error().detail.starts_with("the proxy "));
    CHECK(result.error().detail.find("secret") == std::string::npos);
  };
  const auto says = [&](const std::string& bytes) {
    CAPTURE(bytes.substr(0, 60));
    ours(AfterProxy(Saying(bytes)), "malformed answer");
  };
  says("SSH-2.0-OpenSSH_9.2\r\n");
  says("HTTP/1.1 200 OK\nX: y\n\n");
  says("HTTP/1.1 200 OK\r\n folded\r\n\r\n");
  says("HTTP/2 200\r\n\r\n");
  says("HTTP/1.1 101 Switching\r\n\r\n");
  says("HTTP/1.1 200 " + std::string(100000, 'x'));
  says("HTTP/1.1 200 OK\r\nX: " + std::string(100000, 'x') + "\r\n\r\n");
  std::string many = "HTTP/1.1 200 OK\r\n";
  for (int i = 0; i < 200; ++i) many += "X: y\r\n";
  says(many + "\r\n");
  std::string interim;
  for (int i = 0; i < 20; ++i) interim += "HTTP/1.1 100 Continue\r\n\r\n";
  says(interim);
  ours(AfterProxy(Saying("HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")),
       "sent bytes behind");
  ours(AfterProxy([](Peer&) {}), "");
  ours(AfterProxy([](Peer& peer) { peer.Reset(); }), "");
  ours(AfterProxy([](Peer& peer) {
         peer.ReadRequest();
         peer.Send("HTTP/1.1 20");
       }),
       "ended the connection");
}

TEST_CASE("a proxy that cannot be reached is our trouble") {
  net::TransportOptions options = Through(1);
  PooledRig down(options);
  down.lookup.Set("shop.example", {kPublic});
  CheckFails(down.Exchange(Post("https://shop.example/")), TransportErrorKind::kOurTrouble,
             "the proxy 127.0.0.1:1 cannot be reached: Connection refused");
  options.proxy->host = "proxy.example";
  PooledRig unknown(options);
  unknown.lookup.Set("shop.example", {kPublic});
  CheckFails(unknown.Exchange(Post("https://shop.example/")), TransportErrorKind::kOurTrouble,
             "the proxy proxy.example:1 cannot be reached: no address for it");
}

TEST_CASE("the proxy's own name is resolved, not judged, and its addresses tried in turn") {
  ScriptedServer receiver(Recorder());
  ScriptedServer proxy(ForwardingTo(receiver.port()));
  net::TransportOptions options = Through(proxy.port());
  options.proxy->host = "Proxy.example";
  PooledRig rig(options);
  rig.lookup.Set("Proxy.example", {"127.0.0.2", "127.0.0.1"});  // nobody listens on the first
  rig.lookup.Set("shop.example", {kPublic});
  REQUIRE(rig.Exchange(Post("http://shop.example/")).ok());
}

TEST_CASE("a proxy that never answers is ended at the deadline, nothing left") {
  const HttpResult result = AfterProxy([](Peer& peer) { peer.WaitForEnd(); }, milliseconds(300));
  CheckFails(result, TransportErrorKind::kTimeout, "through the proxy");
  const HttpResult dripped = AfterProxy(
      [](Peer& peer) {
        peer.ReadRequest();
        peer.Drip("HTTP/1.1 200 OK\r\nX: " + std::string(3000, 'x'), milliseconds(10));
      },
      milliseconds(300));
  CheckFails(dripped, TransportErrorKind::kTimeout, "through the proxy");
}

TEST_CASE("the connection breaking behind an open tunnel may have delivered") {
  ScriptedServer receiver([](Peer& peer) {
    peer.ReadRequest();
    peer.Send("HTTP/1.1 200 OK\r\nContent-Le");
  });
  ScriptedServer proxy(ForwardingTo(receiver.port()));
  PooledRig rig(Through(proxy.port()));
  rig.lookup.Set("shop.example", {kPublic});
  const HttpResult result = rig.Exchange(Post("http://shop.example/"));
  REQUIRE_FALSE(result.ok());
  CHECK(result.error().kind == TransportErrorKind::kConnectionLost);
  CHECK(result.error().maybe_delivered);
}

TEST_CASE("a tunnel that ended is not used again, and no request is sent twice") {
  ScriptedServer receiver([](Peer& peer) {  // one request a connection, without saying so
    peer.Record(peer.ReadRequest());
    peer.Reply(200, "");
  });
  ScriptedServer proxy(ForwardingTo(receiver.port()));
  PooledRig rig(Through(proxy.port()));
  rig.lookup.Set("shop.example", {kPublic});
  std::size_t answered = 0;
  constexpr std::size_t kCount = 100;
  for (std::size_t i = 0; i < kCount; ++i) {
    const HttpResult result = rig.Exchange(Post("http://shop.example/", std::to_string(i)));
    if (!result.ok()) CHECK(result.error().kind == TransportErrorKind::kConnectionLost);
    answered += result.ok() ? 1 : 0;
  }
  CHECK(answered >= 1);
  std::vector<std::string> requests = receiver.requests();
  CHECK(requests.size() >= answered);
  std::sort(requests.begin(), requests.end());
  CHECK(std::adjacent_find(requests.begin(), requests.end()) == requests.end());
}

TEST_CASE("exceptions from the proxy are dialled, and judged all the same") {
  ScriptedServer receiver(Recorder());
  ScriptedServer proxy(ForwardingTo(1));
  net::TransportOptions options = Through(proxy.port());
  options.proxy->bypass = {"127.0.0.0/8", ".inside.example"};
  options.allow = {*net::ParseAllowRule("127.0.0.1")};
  PooledRig rig(options);
  rig.lookup.Set("a.inside.example", {"127.0.0.1"});
  const std::string port = ":" + std::to_string(receiver.port()) + "/";
  REQUIRE(rig.Exchange(Post("http://127.0.0.1" + port)).ok());
  REQUIRE(rig.Exchange(Post("http://a.inside.example" + port)).ok());
  CheckFails(rig.Exchange(Post("http://127.0.0.2" + port)), TransportErrorKind::kAddressRefused,
             "loopback");
  CHECK(proxy.connection_count() == 0);
}

TEST_CASE("options of a proxy that cannot be used are said at the start") {
  net::TransportOptions options = Through(3128);
  options.proxy->bypass = {"10.0.0.1/8"};
  CHECK_THROWS_AS(PooledRig{options}, std::runtime_error);
}

}  // namespace
}  // namespace webhook::net_tests
