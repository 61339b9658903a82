// SPDX-License-Identifier: LGPL-3.0-or-later
// Certificates and keys that the openssl program makes, some of them unusable.
#include "lib/signing/certificate.h"

#include <doctest/doctest.h>
#include <openssl/err.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "lib/base/clock.h"
#include "tests/fakes/run_program.h"
#include "tests/fakes/temporary_directory.h"

namespace webhook::signing {
namespace {

std::string Read(const std::string& path) {
  std::ifstream file(path);
  REQUIRE(file);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

struct Made {
  std::string certificate;
  base::Secret key;
};

// A certificate of its own authority, valid for a day from now.
class Maker {
 public:
  Made Make(std::vector<std::string> key_options = {"-newkey", "rsa:2048", "-noenc"}) {
    const std::string key = directory_.File("key.pem");
    const std::string certificate = directory_.File("certificate.pem");
    std::vector<std::string> command = {"openssl",  "req", "-x509",   "-subj", "/CN=receiver",
                                        "-days",    "1",   "-keyout", key,     "-out",
                                        certificate};
    command.insert(command.end(), key_options.begin(), key_options.end());
    const auto done = fakes::RunProgram(command);
    REQUIRE_MESSAGE(done.exit_code == 0, done.output);
    return {Read(certificate), base::Secret(Read(key))};
  }

 private:
  fakes::TemporaryDirectory directory_;
};

base::WallTime Now() { return base::SystemClock().Now(); }

std::string Client(const std::string& certificate, const base::Secret& key,
                   base::WallTime now = Now()) {
  const auto problem = CheckClientCertificate(certificate, key, now);
  CHECK(ERR_peek_error() == 0);  // nothing is left for the next connection to stumble over
  return problem.value_or("");
}

std::string Authorities(const std::string& pem, base::WallTime now = Now()) {
  const auto problem = CheckAuthorities(pem, now);
  CHECK(ERR_peek_error() == 0);
  return problem.value_or("");
}

bool Has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

constexpr auto kDay = std::chrono::hours(24);

}  // namespace

TEST_CASE("a certificate and its key") {
  Maker maker;
  for (const std::vector<std::string>& options :
       {std::vector<std::string>{"-newkey", "rsa:2048", "-noenc"},
        {"-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc"},
        {"-newkey", "ed25519", "-noenc"}}) {
    const Made made = maker.Make(options);
    CHECK(Client(made.certificate, made.key) == "");
    CHECK(Client("# a comment\n" + made.certificate + "\n\n", made.key) == "");
    CHECK(Client(made.certificate + maker.Make().certificate, made.key) == "");  // with a chain
  }
}

TEST_CASE("a certificate has its time") {
  const Made made = Maker().Make();
  CHECK(Has(Client(made.certificate, made.key, Now() + 2 * kDay), "expired on 20"));
  CHECK(Has(Client(made.certificate, made.key, Now() - kDay), "is not valid before 20"));
}

TEST_CASE("the key of another certificate") {
  Maker maker;
  const Made made = maker.Make();
  const Made other = maker.Make();
  CHECK(Has(Client(made.certificate, other.key), "is not that of the client certificate"));
  CHECK(Has(Client(other.certificate + made.certificate, made.key), "must come first"));
}

TEST_CASE("keys that cannot be used") {
  Maker maker;
  const Made made = maker.Make();
  CHECK(Has(Client(made.certificate, base::Secret()), "is missing"));
  CHECK(Has(Client(made.certificate, base::Secret("PLANTED")), "not a private key in PEM"));
  CHECK(Has(Client(made.certificate, base::Secret(made.certificate)), "not a private key in PEM"));
  const Made encrypted = maker.Make({"-newkey", "rsa:2048", "-passout", "pass:PLANTED"});
  CHECK(Has(Client(encrypted.certificate, encrypted.key), "is encrypted"));
  const Made weak = maker.Make({"-newkey", "rsa:1024", "-noenc"});
  CHECK(Has(Client(weak.certificate, weak.key), "too weak"));
}

TEST_CASE("no message holds a secret") {
  const Made made = Maker().Make();
  const std::string line = made.key.Reveal().substr(60, 40);
  CHECK_FALSE(Has(Client("", made.key), line));
  CHECK_FALSE(Has(Client(made.key.Reveal(), made.key), line));
  CHECK_FALSE(Has(Client(made.certificate, base::Secret("PLANTED")), "PLANTED"));
}

TEST_CASE("texts that are no certificate") {
  const Made made = Maker().Make();
  const std::string cut = made.certificate.substr(0, made.certificate.size() / 2);
  std::string damaged = made.certificate;
  damaged.replace(200, 4, "AAAA");
  damaged.replace(damaged.size() - 60, 4, "!!!!");
  for (const std::string& text :
       {std::string(), std::string("text"), cut, damaged,
        std::string("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n")}) {
    CAPTURE(text);
    CHECK(Has(Client(text, made.key), "not a certificate in PEM"));
    CHECK(Has(Authorities(text), "not certificates in PEM"));
    CHECK(Has(Authorities(made.certificate + "-----BEGIN CERTIFICATE-----\nxx\n"), "not cert"));
  }
}

TEST_CASE("a private key beside the certificate would be stored in clear") {
  const Made made = Maker().Make();
  CHECK(Has(Client(made.certificate + made.key.Reveal(), made.key), "holds a private key"));
  CHECK(Has(Authorities(made.certificate + made.key.Reveal()), "hold a private key"));
}

TEST_CASE("of authorities one must be valid") {
  Maker maker;
  const std::string one = maker.Make().certificate;
  const std::string long_lived =
      maker.Make({"-newkey", "ed25519", "-noenc", "-days", "100"}).certificate;
  CHECK(Authorities(one) == "");
  CHECK(Has(Authorities(one, Now() + 2 * kDay), "No authority is valid now: the first expired"));
  CHECK(Authorities(one + long_lived, Now() + 2 * kDay) == "");
}

TEST_CASE("the authorities of this system") {
  CHECK(Authorities(Read("/etc/ssl/certs/ca-certificates.crt")) == "");
}

}  // namespace webhook::signing
