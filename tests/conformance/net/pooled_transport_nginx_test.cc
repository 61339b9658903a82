// SPDX-License-Identifier: LGPL-3.0-or-later
// Against a real nginx: thousands of requests over a few connections, and client certificates that
// it verifies.
#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tests/conformance/net/nginx_receiver.h"
#include "tests/conformance/net/pooled_rig.h"
#include "tests/conformance/net/test_certificates.h"

namespace webhook::net_tests {
namespace {

using delivery::HttpRequest;
using delivery::HttpResult;
using delivery::TlsIdentity;

constexpr int kRequests = 1000;
constexpr int kAtOnce = 8;  // over two threads and two identities: at most 32 connections
constexpr std::size_t kConnectionsMax = 40;

struct Authorities {
  TestAuthority servers{"Authority of servers"};
  TestAuthority clients{"Authority of clients"};
  TestAuthority strangers{"Authority of strangers"};
};

void RequireNginx() {
  REQUIRE_MESSAGE(!NginxReceiver::Program().empty(),
                  "nginx is missing. Install it: apt-get install nginx-light "
                  "(or run scripts/install_packages.sh check)");
}

net::TransportOptions Options() {
  net::TransportOptions options = LoopbackOptions();
  options.io_threads = 2;
  return options;
}

std::shared_ptr<const TlsIdentity> NewIdentity(const Authorities& known, const char* name,
                                               const TestAuthority& issuer) {
  const Issued client = issuer.Issue(name, "DNS:client.example");
  return std::make_shared<const TlsIdentity>(TlsIdentity{
      name, client.CertificatePem(), base::Secret(client.KeyPem()), known.servers.Pem()});
}

// Keeps `kAtOnce` requests under way until all are answered.
void SendAll(PooledRig& rig, const std::function<HttpRequest(int)>& request,
             const std::function<void(int, const HttpResult&)>& check) {
  int sent = 0;
  int done = 0;
  std::function<void()> send_next = [&] {
    if (sent == kRequests) return;
    const int number = sent++;
    rig.transport->Send(request(number), [&, number](HttpResult result) {
      ++done;
      REQUIRE_MESSAGE(result.ok(), result.error().detail);
      CHECK(result.value().status_code == 200);
      check(number, result);
      send_next();
    });
  };
  for (int i = 0; i < kAtOnce; ++i) send_next();
  REQUIRE(rig.strand.RunUntil([&] { return done == kRequests; }));
}

TEST_CASE("nginx sees far fewer connections than requests") {
  RequireNginx();
  const Authorities known;
  NginxReceiver nginx(known.servers, known.clients);
  PooledRig rig(Options());
  SendAll(
      rig, [&](int) { return Post(nginx.PlainUrl(), "{\"number\": 1}"); },
      [](int, const HttpResult& result) { CHECK(result.value().body == "plain"); });
  const NginxReceiver::Log log = nginx.Stop();
  CHECK(log.requests == kRequests);
  CHECK(log.failures == 0);
  CHECK(log.names.size() <= kConnectionsMax);
  MESSAGE(log.requests << " requests over " << log.names.size() << " connections");
}

TEST_CASE("nginx verifies client certificates, and each connection carries one of them") {
  RequireNginx();
  const Authorities known;
  NginxReceiver nginx(known.servers, known.clients);
  PooledRig rig(Options());
  const std::vector<std::shared_ptr<const TlsIdentity>> identities = {
      NewIdentity(known, "first", known.clients), NewIdentity(known, "second", known.clients)};
  const auto of = [&](int number) { return identities[static_cast<std::size_t>(number % 3 == 0)]; };
  SendAll(
      rig,
      [&](int number) {
        HttpRequest request = Post(nginx.TlsUrl(), "{\"number\": 1}");
        request.tls = of(number);
        return request;
      },
      [&](int number, const HttpResult& result) {
        CHECK(result.value().body == "CN=" + of(number)->id);
      });
  const NginxReceiver::Log log = nginx.Stop();
  CHECK(log.requests == kRequests);
  CHECK(log.failures == 0);
  CHECK(log.names.size() <= kConnectionsMax);
  std::set<std::string> all;
  for (const auto& [connection, names] : log.names) {
    CHECK(names.size() == 1);
    all.insert(names.begin(), names.end());
  }
  CHECK(all.size() == 2);
  MESSAGE(log.requests << " requests over " << log.names.size() << " connections");
}

TEST_CASE("nginx refuses who shows no certificate, or a stranger's") {
  RequireNginx();
  const Authorities known;
  NginxReceiver nginx(known.servers, known.clients);
  PooledRig rig(Options());
  HttpRequest request = Post(nginx.TlsUrl());
  request.tls = std::make_shared<const TlsIdentity>(
      TlsIdentity{"nobody", "", base::Secret(), known.servers.Pem()});
  CHECK(rig.Exchange(request).value().status_code == 400);
  request.tls = NewIdentity(known, "stranger", known.strangers);
  CHECK(rig.Exchange(request).value().status_code == 400);
  request.tls = NewIdentity(known, "first", known.clients);
  CHECK(rig.Exchange(request).value().status_code == 200);
  request.tls = nullptr;  // the system's authorities do not know this nginx
  const HttpResult result = rig.Exchange(request);
  REQUIRE_FALSE(result.ok());
  CHECK(result.error().kind == delivery::TransportErrorKind::kTls);
}

}  // namespace
}  // namespace webhook::net_tests
