// SPDX-License-Identifier: LGPL-3.0-or-later
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#include "lib/net/tls_server.h"
#include "tests/conformance/net/http_server_rig.h"
#include "tests/conformance/net/test_certificates.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/temporary_directory.h"

namespace webhook::net_tests {
namespace {

void Write(const std::string& path, const std::string& text) {
  // A new file each time, as those who renew certificates do it.
  std::filesystem::remove(path);
  std::ofstream(path) << text;
}

struct Files {
  fakes::TemporaryDirectory directory;
  std::string certificate = directory.File("certificate.pem");
  std::string key = directory.File("key.pem");

  void Show(const Issued& issued) {
    Write(certificate, issued.CertificatePem());
    Write(key, issued.KeyPem());
  }
};

struct TlsRig : ServerRig {
  TlsRig() {
    files.Show(authority.Issue("one", "DNS:hooks.example"));
    options.tls_certificate_file = files.certificate;
    options.tls_key_file = files.key;
  }

  TestAuthority authority;
  Files files;
  ServerContext client{SSL_CTX_new(TLS_client_method())};
};

TEST_CASE("http server: TLS carries the same") {
  TlsRig rig;
  rig.Start();
  TestClient client(rig.port(), rig.client.get());
  REQUIRE(client.handshake_done());
  const std::string body(500'000, 't');
  for (int i = 0; i < 5; ++i) {
    client.Send(Post(body));
    CHECK(client.ReadAnswer().body == body);
  }
  CHECK(rig.receiver.requests()[0].head.origin == "https://hooks.example");
  client.Send(Post("one") + Post("two", "Connection: close\r\n"));
  CHECK(client.ReadAnswer().body == "one");
  CHECK(client.ReadAnswer().body == "two");
  CHECK(client.IsEnded());
}

TEST_CASE("http server: a refusal reaches a TLS client that still sends") {
  TlsRig rig;
  rig.Start();
  TestClient client(rig.port(), rig.client.get());
  client.Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9000000\r\n\r\n" +
              std::string(1'000'000, 'x'));
  CHECK(client.ReadAnswer().status == 413);
  CHECK(client.IsEnded());
}

TEST_CASE("http server: TLS 1.2 and newer, and HTTP/1.1 in it") {
  TlsRig rig;
  rig.Start();
  const unsigned char protocols[] = "\x02h2\x08http/1.1";
  SSL_CTX_set_alpn_protos(rig.client.get(), protocols, sizeof protocols - 1);
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    SSL_CTX_set_max_proto_version(rig.client.get(), version);
    TestClient client(rig.port(), rig.client.get());
    REQUIRE(client.handshake_done());
    CHECK(SSL_version(client.tls()) == version);
    const unsigned char* chosen = nullptr;
    unsigned int size = 0;
    SSL_get0_alpn_selected(client.tls(), &chosen, &size);
    CHECK(std::string(chosen, chosen + size) == "http/1.1");
    client.Send(Post("x"));
    CHECK(client.ReadAnswer().status == 200);
  }
  SSL_CTX_set_security_level(rig.client.get(), 0);
  SSL_CTX_set_min_proto_version(rig.client.get(), TLS1_1_VERSION);
  SSL_CTX_set_max_proto_version(rig.client.get(), TLS1_1_VERSION);
  CHECK_FALSE(TestClient(rig.port(), rig.client.get()).handshake_done());
}

TEST_CASE("http server: who does not speak TLS is let go, and so is who dawdles") {
  TlsRig rig;
  rig.options.request_timeout = base::Milliseconds(300);
  rig.options.threads = 1;
  rig.Start();
  TestClient plain(rig.port());
  plain.Send(Post("x"));
  plain.ReadToEnd();  // an alert at most
  TestClient silent(rig.port());
  TestClient started(rig.port());
  started.Send("\x16\x03\x01\x02");
  TestClient quick(rig.port(), rig.client.get());
  quick.Send(Post("quick"));
  CHECK(quick.ReadAnswer().body == "quick");
  CHECK(silent.IsEnded());
  CHECK(started.IsEnded());
}

TEST_CASE("http server: certificates that cannot be used are said at the start") {
  TlsRig rig;
  const Issued other = rig.authority.Issue("other", "DNS:a.example");
  Write(rig.files.key, other.KeyPem());
  CHECK_THROWS_AS(rig.Start(), std::runtime_error);
  Write(rig.files.key, "no key");
  CHECK_THROWS_AS(rig.Start(), std::runtime_error);
  rig.options.tls_key_file = rig.files.directory.File("absent.pem");
  CHECK_THROWS_AS(rig.Start(), std::runtime_error);
  rig.options.tls_key_file = "";
  CHECK_THROWS_AS(rig.Start(), std::runtime_error);
}

std::string NameOf(SSL* session) {
  X509* certificate = SSL_get_certificate(session);
  char name[100] = "";
  X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name, sizeof name);
  return name;
}

TEST_CASE("http server: a renewed certificate is taken when key and certificate fit again") {
  const TestAuthority authority;
  Files files;
  files.Show(authority.Issue("one", "DNS:a.example"));
  fakes::FakeClock clock;
  fakes::RecordingLog log;
  net::TlsServer server(files.certificate, files.key, clock, log);
  const auto shown = [&] { return NameOf(server.NewSession(0).get()); };
  const Issued renewed = authority.Issue("two", "DNS:a.example");
  Write(files.certificate, renewed.CertificatePem());
  CHECK(shown() == "one");  // not looked at yet
  clock.Advance(base::Milliseconds(60000));
  CHECK(shown() == "one");  // the key is still the old one
  CHECK(log.Named("http_server.certificate_refused").size() == 1);
  Write(files.key, renewed.KeyPem());
  clock.Advance(base::Milliseconds(59999));
  CHECK(shown() == "one");
  clock.Advance(base::Milliseconds(1));
  CHECK(shown() == "two");
  CHECK(log.Named("http_server.certificate_loaded").size() == 1);
  clock.Advance(base::Milliseconds(60000));
  CHECK(shown() == "two");
  CHECK(log.events().size() == 2);
}

}  // namespace
}  // namespace webhook::net_tests
