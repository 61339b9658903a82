// SPDX-License-Identifier: LGPL-3.0-or-later
// TLS identities: who is shown to the receiver, whom we trust, and that connections of two of them
// never mix.
#include <doctest/doctest.h>
#include <openssl/pem.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "lib/base/mutex.h"
#include "lib/net/tls_identities.h"
#include "tests/conformance/net/pooled_rig.h"
#include "tests/conformance/net/scripted_server.h"
#include "tests/conformance/net/test_certificates.h"
#include "tests/fakes/temporary_directory.h"

namespace webhook::net_tests {
namespace {

using delivery::HttpResult;
using delivery::TlsIdentity;
using delivery::TransportErrorKind;
using Identity = std::shared_ptr<const TlsIdentity>;

struct Authorities {
  TestAuthority servers{"Authority of servers"};
  TestAuthority clients{"Authority of clients"};
  TestAuthority strangers{"Authority of strangers"};
};

const Authorities& Known() {
  static const Authorities made;
  return made;
}

Identity NewIdentity(const std::string& id, const Issued& client,
                     const std::string& ca_pem = Known().servers.Pem()) {
  return std::make_shared<const TlsIdentity>(
      TlsIdentity{id, client.CertificatePem(), base::Secret(client.KeyPem()), ca_pem});
}

Identity ClientNamed(const char* name) {
  return NewIdentity(name, Known().clients.Issue(name, "DNS:client.example"));
}

Identity TrustOnly(const std::string& id, const std::string& ca_pem) {
  return std::make_shared<const TlsIdentity>(TlsIdentity{id, "", base::Secret(), ca_pem});
}

// A receiver that may demand client certificates and answers with the client's name. It remembers
// which names it saw on which connection.
class Receiver {
 public:
  explicit Receiver(bool demands_client, int tls_version_max = TLS1_3_VERSION)
      : context_(NewContext(demands_client, tls_version_max)),
        server_([this](Peer& peer) { Serve(peer); }, context_.get()) {}

  HttpResult Ask(PooledRig& rig, const Identity& identity) {
    delivery::HttpRequest request = Post(server_.Url());
    request.tls = identity;
    return rig.Exchange(std::move(request));
  }
  ScriptedServer& server() { return server_; }
  std::vector<std::set<std::string>> names_of_connections() const {
    base::MutexLock lock(mutex_);
    return names_;
  }

 private:
  static ServerContext NewContext(bool demands_client, int tls_version_max) {
    ServerContext context = Known().servers.NewServer("IP:127.0.0.1");
    if (demands_client) Known().clients.DemandClientsOf(context.get());
    SSL_CTX_set_max_proto_version(context.get(), tls_version_max);
    return context;
  }

  void Serve(Peer& peer) {
    std::set<std::string> names;
    while (true) {
      std::string request = peer.ReadRequest();
      if (request.empty()) break;
      names.insert(peer.ClientName());
      peer.Record(std::move(request));
      peer.Reply(200, peer.ClientName());
    }
    base::MutexLock lock(mutex_);
    names_.push_back(std::move(names));
  }

  mutable base::Mutex mutex_;
  std::vector<std::set<std::string>> names_ WEBHOOK_GUARDED_BY(mutex_);
  ServerContext context_;
  ScriptedServer server_;
};

void CheckFails(const HttpResult& result, TransportErrorKind kind, const std::string& detail) {
  REQUIRE_FALSE(result.ok());
  CAPTURE(result.error().detail);
  CHECK(result.error().kind == kind);
  CHECK(result.error().detail.find(detail) != std::string::npos);
  CHECK_FALSE(result.error().maybe_delivered);
}

TEST_CASE("a client certificate that is demanded is shown") {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    PooledRig rig;
    Receiver receiver(true, version);
    const Identity identity = ClientNamed("shop");
    for (int i = 0; i < 5; ++i) {
      const HttpResult result = receiver.Ask(rig, identity);
      REQUIRE_MESSAGE(result.ok(), result.error().detail);
      CHECK(result.value().body == "shop");
    }
    CHECK(receiver.server().connection_count() == 1);
  }
}

TEST_CASE("a client certificate that is demanded and not given, or is a stranger's: refused") {
  const Identity stranger =
      NewIdentity("stranger", Known().strangers.Issue("stranger", "DNS:client.example"));
  const Identity expired =
      NewIdentity("expired", Known().clients.Issue("expired", "DNS:client.example", -1));
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    for (const Identity& identity :
         {TrustOnly("nobody", Known().servers.Pem()), stranger, expired}) {
      CAPTURE(version);
      CAPTURE(identity->id);
      PooledRig rig;
      Receiver receiver(true, version);
      CheckFails(receiver.Ask(rig, identity), TransportErrorKind::kTls, "the TLS handshake with");
      CHECK(receiver.server().requests().empty());
    }
  }
}

TEST_CASE("an identity's authorities replace the usual ones") {
  PooledRig rig;  // trusts the system only
  Receiver receiver(false);
  CheckFails(receiver.Ask(rig, nullptr), TransportErrorKind::kTls, "certificate verify failed");
  CHECK(receiver.Ask(rig, TrustOnly("right", Known().servers.Pem())).ok());
  CheckFails(receiver.Ask(rig, TrustOnly("wrong", Known().strangers.Pem())),
             TransportErrorKind::kTls, "certificate verify failed");
  CheckFails(receiver.Ask(rig, nullptr), TransportErrorKind::kTls, "certificate verify failed");
  CHECK(receiver.server().connection_count() == 4);
  CHECK(receiver.server().requests().size() == 1);
}

TEST_CASE("an identity without authorities has the transport's, one with its own has no others") {
  fakes::TemporaryDirectory directory;
  net::TransportOptions options = LoopbackOptions();
  options.ca_file = directory.File("ca.pem");
  Known().servers.WritePem(options.ca_file);
  PooledRig rig(options);
  Receiver receiver(false);
  CHECK(receiver.Ask(rig, nullptr).ok());
  CHECK(receiver.Ask(rig, TrustOnly("usual", "")).ok());
  const Issued client = Known().clients.Issue("shop", "DNS:client.example");
  CHECK(receiver.Ask(rig, NewIdentity("shop", client, "")).ok());
  CheckFails(receiver.Ask(rig, TrustOnly("own", Known().strangers.Pem())), TransportErrorKind::kTls,
             "certificate verify failed");
  CHECK(receiver.Ask(rig, nullptr).ok());
}

TEST_CASE("identities of one origin never share a connection") {
  net::TransportOptions options = LoopbackOptions();
  options.io_threads = 2;
  PooledRig rig(options);
  Receiver receiver(true);
  const std::vector<std::string> names = {"first", "second", "third"};
  std::map<std::string, Identity> identities;
  for (const std::string& name : names) identities[name] = ClientNamed(name.c_str());
  std::size_t done = 0;
  for (std::size_t round = 0; round < 100; ++round) {
    for (const std::string& name : names) {
      delivery::HttpRequest request = Post(receiver.server().Url());
      request.tls = identities[name];
      rig.transport->Send(std::move(request), [&, name](HttpResult result) {
        ++done;
        REQUIRE_MESSAGE(result.ok(), result.error().detail);
        CHECK(result.value().body == name);
      });
    }
    REQUIRE(rig.strand.RunUntil([&] { return done == names.size() * (round + 1); }));
  }
  REQUIRE(rig.strand.RunUntil([&] { return done == 300; }));
  rig.transport.reset();
  // Each connection's script ends with it.
  const auto count = static_cast<std::size_t>(receiver.server().connection_count());
  while (receiver.names_of_connections().size() < count) std::this_thread::yield();
  CHECK(count < 30);
  for (const std::set<std::string>& seen : receiver.names_of_connections()) CHECK(seen.size() == 1);
}

TEST_CASE("the same id over another certificate is another identity") {
  PooledRig rig;
  Receiver receiver(true);
  const auto named = [](const char* name) {
    return NewIdentity("same", Known().clients.Issue(name, "DNS:client.example"));
  };
  const Identity old_one = named("old");
  const Identity new_one = named("new");
  for (int i = 0; i < 3; ++i) {
    CHECK(receiver.Ask(rig, old_one).value().body == "old");
    CHECK(receiver.Ask(rig, new_one).value().body == "new");
  }
}

void CheckInvalid(TlsIdentity identity, const std::string& detail) {
  PooledRig rig;
  Receiver receiver(false);
  const std::string secret = identity.key_pem.Reveal();
  const HttpResult result =
      receiver.Ask(rig, std::make_shared<const TlsIdentity>(std::move(identity)));
  CheckFails(result, TransportErrorKind::kRequestInvalid, detail);
  for (std::size_t at = 0; at + 8 < secret.size(); at += 8) {
    CHECK(result.error().detail.find(secret.substr(at, 8)) == std::string::npos);
  }
  CHECK(receiver.server().connection_count() == 0);
}

TEST_CASE("an identity that cannot be used is said before anything is dialled") {
  const Issued client = Known().clients.Issue("shop", "DNS:client.example");
  const Issued other = Known().clients.Issue("other", "DNS:client.example");
  const std::string certificate = client.CertificatePem();
  const std::string key = client.KeyPem();
  const std::string ca = Known().servers.Pem();
  const auto secret = [](std::string text) { return base::Secret(std::move(text)); };
  const std::string damaged = certificate.substr(0, certificate.size() / 2) + "!!" +
                              certificate.substr(certificate.size() / 2);
  CheckInvalid({"a", certificate, secret(other.KeyPem()), ca}, "does not belong to");
  CheckInvalid({"b", "no PEM", secret(key), ca}, "the client certificate is not");
  CheckInvalid({"c", damaged, secret(key), ca}, "the client certificate is not");
  CheckInvalid({"d", certificate, secret("s3cret password"), ca}, "the private key");
  CheckInvalid({"e", certificate, secret(key.substr(0, key.size() / 2)), ca}, "the private key");
  CheckInvalid({"f", certificate, secret(""), ca}, "has no private key");
  CheckInvalid({"g", "", secret(key), ca}, "has no client certificate");
  CheckInvalid({"h", certificate, secret(key), "no PEM"}, "the authorities to trust are not");
  CheckInvalid({"i", certificate, secret(key), ca + damaged}, "the authorities to trust are not");
  CheckInvalid({"j", certificate, secret(key), std::string(net::kPemBytesMax + 1, 'x')},
               "longer than");
  CheckInvalid({"k", key, secret(key), ca}, "the client certificate is not");
}

TEST_CASE("a key with a pass phrase is refused, and nobody is asked for the phrase") {
  const Issued client = Known().clients.Issue("shop", "DNS:client.example");
  BIO* bio = BIO_new(BIO_s_mem());
  unsigned char phrase[] = "phrase";
  REQUIRE(PEM_write_bio_PrivateKey(bio, client.key.get(), EVP_aes_128_cbc(), phrase, 6, nullptr,
                                   nullptr) == 1);
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(bio, &bytes);
  const std::string encrypted(bytes, static_cast<std::size_t>(size));
  BIO_free(bio);
  CheckInvalid({"a", client.CertificatePem(), base::Secret(encrypted), ""},
               "not a key in PEM without a pass phrase");
}

TEST_CASE("a client certificate over plain http is refused") {
  PooledRig rig;
  ScriptedServer plain([](Peer& peer) { peer.WaitForEnd(); });
  delivery::HttpRequest request = Post(plain.Url());
  request.tls = ClientNamed("shop");
  CheckFails(rig.Exchange(std::move(request)), TransportErrorKind::kRequestInvalid, "needs https");
  CHECK(plain.connection_count() == 0);
}

TEST_CASE("of many identities those used last are kept") {
  net::TlsIdentities identities("", 3);
  std::vector<Identity> all;
  for (int i = 0; i < 5; ++i) all.push_back(ClientNamed(("client" + std::to_string(i)).c_str()));
  const auto number = [&](int i) {
    return identities.ClientOf(all[static_cast<std::size_t>(i)]).value()->number();
  };
  const std::uint64_t first = number(0);
  number(1);
  number(2);
  CHECK(number(0) == first);  // now 1 was not used for the longest time
  const std::uint64_t third = number(2);
  number(3);
  CHECK(identities.kept() == 3);
  CHECK(number(0) == first);
  CHECK(number(2) == third);
  CHECK(number(4) != number(1));
  CHECK(identities.kept() == 3);
  CHECK(number(0) != first);
  CHECK(identities.ClientOf(nullptr).value()->number() == 0);
}

}  // namespace
}  // namespace webhook::net_tests
