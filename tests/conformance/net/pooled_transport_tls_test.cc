// SPDX-License-Identifier: LGPL-3.0-or-later
// TLS: verified against the trusted authorities and the name, never below 1.2, within the deadline.
#include <doctest/doctest.h>

#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>

#include "tests/conformance/net/pooled_rig.h"
#include "tests/conformance/net/scripted_server.h"
#include "tests/conformance/net/test_certificates.h"
#include "tests/fakes/temporary_directory.h"

namespace webhook::net_tests {
namespace {

using delivery::HttpResult;
using delivery::TransportErrorKind;

class TlsRig {
 public:
  explicit TlsRig(ServerContext context, bool trusted = true, std::string reply_body = "ok")
      : context_(std::move(context)),
        server_(
            ScriptedServer::Answering([reply_body](Peer& peer) { peer.Reply(200, reply_body); }),
            context_.get()),
        rig_(Options(trusted)) {
    rig_.lookup.Set("receiver.example", {"127.0.0.1"});
  }

  HttpResult ExchangeWith(const std::string& host, const std::string& body = "{}") {
    delivery::HttpRequest request =
        Post("https://" + host + ":" + std::to_string(server_.port()) + "/", body);
    request.response_bytes_max = 2'000'000;
    return rig_.Exchange(std::move(request));
  }
  ScriptedServer& server() { return server_; }

  static const TestAuthority& authority() {
    static const TestAuthority made;
    return made;
  }

 private:
  net::TransportOptions Options(bool trusted) {
    net::TransportOptions options = LoopbackOptions();
    if (!trusted) return options;
    options.ca_file = directory_.File("ca.pem");
    authority().WritePem(options.ca_file);
    return options;
  }

  fakes::TemporaryDirectory directory_;
  ServerContext context_;
  ScriptedServer server_;
  PooledRig rig_;
};

void CheckTlsFails(TlsRig& rig, const std::string& host, const std::string& detail) {
  const HttpResult result = rig.ExchangeWith(host);
  REQUIRE_FALSE(result.ok());
  CHECK(result.error().kind == TransportErrorKind::kTls);
  CHECK_FALSE(result.error().maybe_delivered);
  CAPTURE(result.error().detail);
  CHECK(result.error().detail.find(detail) != std::string::npos);
  CHECK(rig.server().requests().empty());
}

TEST_CASE("a certificate of the name is accepted, and the connection reused") {
  TlsRig rig(TlsRig::authority().NewServer("DNS:receiver.example"));
  for (int i = 0; i < 20; ++i) {
    const HttpResult result = rig.ExchangeWith("receiver.example");
    REQUIRE_MESSAGE(result.ok(), result.error().detail);
    CHECK(result.value().body == "ok");
  }
  CHECK(rig.server().connection_count() == 1);
}

TEST_CASE("a certificate of the address is accepted") {
  TlsRig rig(TlsRig::authority().NewServer("IP:127.0.0.1"));
  CHECK(rig.ExchangeWith("127.0.0.1").ok());
}

TEST_CASE("large bodies pass through TLS in both directions") {
  const std::string body(1'000'000, 'b');
  TlsRig rig(TlsRig::authority().NewServer("IP:127.0.0.1"), true, body);
  for (int i = 0; i < 3; ++i) {
    const HttpResult result = rig.ExchangeWith("127.0.0.1", body);
    REQUIRE(result.ok());
    CHECK(result.value().body == body);
    CHECK(rig.server().requests().back().ends_with("\r\n\r\n" + body));
  }
}

TEST_CASE("a certificate of another name is refused") {
  TlsRig rig(TlsRig::authority().NewServer("DNS:other.example,IP:127.0.0.1"));
  CheckTlsFails(rig, "receiver.example", "hostname mismatch");
}

TEST_CASE("a certificate of another address is refused") {
  TlsRig rig(TlsRig::authority().NewServer("IP:127.0.0.9"));
  CheckTlsFails(rig, "127.0.0.1", "IP address mismatch");
}

TEST_CASE("an unknown authority is refused") {
  TlsRig rig(TlsRig::authority().NewServer("DNS:receiver.example"), /*trusted=*/false);
  CheckTlsFails(rig, "receiver.example", "certificate verify failed");
}

TEST_CASE("an expired certificate is refused") {
  TlsRig rig(TlsRig::authority().NewServer("DNS:receiver.example", -1));
  CheckTlsFails(rig, "receiver.example", "certificate has expired");
}

TEST_CASE("TLS below 1.2 is refused") {
  ServerContext context = TlsRig::authority().NewServer("DNS:receiver.example");
  SSL_CTX_set_min_proto_version(context.get(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(context.get(), TLS1_1_VERSION);
  SSL_CTX_set_security_level(context.get(), 0);
  TlsRig rig(std::move(context));
  CheckTlsFails(rig, "receiver.example", "TLS handshake");
}

TEST_CASE("TLS 1.2 works") {
  ServerContext context = TlsRig::authority().NewServer("DNS:receiver.example");
  SSL_CTX_set_max_proto_version(context.get(), TLS1_2_VERSION);
  TlsRig rig(std::move(context));
  CHECK(rig.ExchangeWith("receiver.example").ok());
}

TEST_CASE("a server that speaks no TLS is a TLS failure") {
  PooledRig rig;
  ScriptedServer plain([](Peer& peer) {
    peer.Send("HTTP/1.1 400 Bad Request\r\n\r\n");
    peer.WaitForEnd();
  });
  const HttpResult result =
      rig.Exchange(Post("https://127.0.0.1:" + std::to_string(plain.port()) + "/"));
  REQUIRE_FALSE(result.ok());
  CHECK(result.error().kind == TransportErrorKind::kTls);
  CHECK_FALSE(result.error().maybe_delivered);
}

TEST_CASE("a handshake that drips is ended at the deadline, not delivered") {
  PooledRig rig;
  // The head of a handshake record of 16 kB, then a byte now and then.
  const std::string record =
      std::string("\x16\x03\x03\x40\x00\x02\x00\x3f\xfc", 9) + std::string(4000, 'a');
  ScriptedServer server([&](Peer& peer) { peer.Drip(record, std::chrono::milliseconds(10)); });
  const base::SteadyTime start = rig.clock.SteadyNow();
  const HttpResult result = rig.Exchange(Post(
      "https://127.0.0.1:" + std::to_string(server.port()) + "/", "{}", base::Milliseconds(300)));
  REQUIRE_FALSE(result.ok());
  CHECK(result.error().kind == TransportErrorKind::kTimeout);
  CHECK_FALSE(result.error().maybe_delivered);
  CHECK(rig.clock.SteadyNow() - start < base::Milliseconds(10000));
}

TEST_CASE("a file of authorities that is not there is said at the start") {
  net::TransportOptions options = LoopbackOptions();
  options.ca_file = "/nowhere/ca.pem";
  CHECK_THROWS_AS(PooledRig{options}, std::runtime_error);
}

}  // namespace
}  // namespace webhook::net_tests
