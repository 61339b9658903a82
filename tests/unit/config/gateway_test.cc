// SPDX-License-Identifier: LGPL-3.0-or-later
// The sections [gateway] and [metrics].
#include <doctest/doctest.h>

#include <string>

#include "lib/config/key_source.h"
#include "lib/config/text_checks.h"
#include "tests/unit/config/config_input.h"

namespace webhook::config {
namespace {

std::string What(const std::optional<Complaint>& complaint) {
  return complaint ? complaint->what : "";
}

ConfigInput WithTls(std::string text) {
  ConfigInput input = Input(kOdoo + std::move(text));
  input.read_file = MemoryFiles({{"/key", {"k", 0600}},
                                 {"/tls.pem", {"-----BEGIN CERTIFICATE-----\n", 0644}},
                                 {"/tls.key", {"-----BEGIN PRIVATE KEY-----\n", 0640}},
                                 {"/open.key", {"-----BEGIN PRIVATE KEY-----\n", 0644}},
                                 {"/locked.key", {"-----BEGIN ENCRYPTED PRIVATE KEY-----", 0600}},
                                 {"/text", {"PLANTED", 0600}}});
  return input;
}

}  // namespace

TEST_CASE("without the sections there is neither a gateway nor a page of metrics") {
  const Config config = ConfigOf(Input(kOdoo));
  CHECK(config.gateway.listen.empty());
  CHECK(config.metrics.listen.empty());
}

TEST_CASE("a gateway with everything said") {
  const Config config =
      ConfigOf(WithTls("[gateway]\nlisten = '0.0.0.0:8443'\ntls_certificate_file = '/tls.pem'\n"
                       "tls_key_file = '/tls.key'\ntrusted_proxies = ['127.0.0.1', 'fd00::/8']\n"
                       "public_url = 'https://hooks.example.com/'\ninbox_bytes_max = 68719476736\n"
                       "disk_free_bytes_min = 0\nsource_requests_per_second_max = 0\n"
                       "[metrics]\nlisten = '127.0.0.1:9464'\n"));
  CHECK(config.gateway.listen == "0.0.0.0:8443");
  CHECK(config.gateway.trusted_proxies == std::vector<std::string>{"127.0.0.1", "fd00::/8"});
  CHECK(config.gateway.public_url == "https://hooks.example.com");
  CHECK(config.gateway.inbox_bytes_max == std::int64_t{64} << 30);
  CHECK(config.gateway.source_requests_per_second_max == 0);
  CHECK(config.metrics.listen == "127.0.0.1:9464");
}

TEST_CASE("large numbers also come from the environment") {
  const Config config =
      ConfigOf(Input(kOdoo, {{"WEBHOOK_WORKER_GATEWAY_INBOX_BYTES_MAX", "68719476736"}}));
  CHECK(config.gateway.inbox_bytes_max == std::int64_t{64} << 30);
  CHECK(ErrorsOf(Input(kOdoo + "[gateway]\ninbox_bytes_max = 1\n")) ==
        "worker.toml:6: gateway.inbox_bytes_max: is 1; expected a whole number from 16777216 to "
        "1099511627776\n");
  CHECK(ErrorsOf(Input(kOdoo + "[gateway]\ninbox_bytes_max = '1G'\n"))
            .starts_with("worker.toml:6: gateway.inbox_bytes_max: is the text \"1G\"; expected"));
}

TEST_CASE("plain HTTP at an address that others reach is an error that names the ways out") {
  const std::string open = "[gateway]\nlisten = '0.0.0.0:8080'\n";
  CHECK(ErrorsOf(Input(kOdoo + open)) ==
        "worker.toml:6: gateway.listen: is \"0.0.0.0:8080\", which other machines reach, over "
        "plain HTTP; expected tls_certificate_file and tls_key_file, or trusted_proxies that do "
        "TLS; or plain_http_allowed = true\n");
  CHECK(ErrorsOf(Input(kOdoo + open + "plain_http_allowed = true\n")).empty());
  CHECK(ErrorsOf(Input(kOdoo + open + "trusted_proxies = ['10.0.0.0/8']\n")).empty());
  CHECK(ErrorsOf(WithTls(open + "tls_certificate_file = '/tls.pem'\ntls_key_file = '/tls.key'\n"))
            .empty());
  for (const char* local : {"127.0.0.1:8080", "127.9.9.9:1", "[::1]:8080"}) {
    CAPTURE(local);
    CHECK(ErrorsOf(Input(kOdoo + "[gateway]\nlisten = '" + local + "'\n")).empty());
  }
  CHECK_FALSE(ErrorsOf(Input(kOdoo + "[gateway]\nlisten = '[::]:8080'\n")).empty());
}

TEST_CASE("a certificate and its key come together, and can be read") {
  CHECK(ErrorsOf(WithTls("[gateway]\ntls_certificate_file = '/tls.pem'\n")) ==
        "worker.toml:6: gateway.tls_certificate_file: is given, but no tls_key_file; expected both "
        "of them, or none\n");
  CHECK(ErrorsOf(WithTls("[gateway]\ntls_key_file = '/tls.key'\n")) ==
        "worker.toml:6: gateway.tls_key_file: is given, but no tls_certificate_file; expected both "
        "of them, or none\n");
  const auto errors = [](const std::string& certificate, const std::string& key) {
    return ErrorsOf(WithTls("[gateway]\ntls_certificate_file = '" + certificate +
                            "'\ntls_key_file = '" + key + "'\n"));
  };
  CHECK(errors("/none", "/tls.key") ==
        "worker.toml:6: gateway.tls_certificate_file: \"/none\" cannot be read: No such file or "
        "directory; expected a file of certificates in PEM format\n");
  CHECK(errors("/tls.pem", "/open.key") ==
        "worker.toml:7: gateway.tls_key_file: \"/open.key\" holds a secret, and its mode 0644 lets "
        "every user of this machine read it; run: chmod 0640 /open.key\n");
  CHECK(errors("/tls.pem", "/text") ==
        "worker.toml:7: gateway.tls_key_file: \"/text\" holds no private key; expected a private "
        "key in PEM format, without a passphrase\n");
  CHECK(errors("/tls.pem", "/locked.key") ==
        "worker.toml:7: gateway.tls_key_file: \"/locked.key\" holds a private key that needs a "
        "passphrase; expected a private key in PEM format, without a passphrase\n");
}

TEST_CASE("what belongs to two parts is not one file, and not one address") {
  CHECK(
      ErrorsOf(Input(kOdoo + "[worker]\njournal = '/a'\n[gateway]\ninbox = '/a'\n")) ==
      "worker.toml:8: gateway.inbox: is the file of worker.journal; expected a file of its own\n");
  CHECK(ErrorsOf(Input(kOdoo + "[gateway]\nlisten = '127.0.0.1:80'\n"
                               "[metrics]\nlisten = '127.0.0.1:80'\n")) ==
        "worker.toml:8: metrics.listen: is the address of gateway.listen; expected an address of "
        "its own\n");
  CHECK(ErrorsOf(Input(kOdoo + "[gateway]\nlisten = '127.0.0.1:0'\n"
                               "[metrics]\nlisten = '127.0.0.1:0'\n"))
            .empty());
}

TEST_CASE("one body fits into the memory for all") {
  CHECK(ErrorsOf(Input(kOdoo + "[gateway]\nbuffered_bytes_max = 1048576\n")) ==
        "worker.toml:6: gateway.buffered_bytes_max: body_bytes_max is 4194304 and "
        "buffered_bytes_max is 1048576; expected body_bytes_max to be at most buffered_bytes_max, "
        "so that one body of that size can be read\n");
  CHECK(ErrorsOf(Input(kOdoo + "[gateway]\nbody_bytes_max = 1048576\n"
                               "buffered_bytes_max = 1048576\n"))
            .empty());
}

TEST_CASE("metrics that other machines reach are worth a warning") {
  CHECK(WarningsOf(Input(kOdoo + "[metrics]\nlisten = '10.0.0.5:9464'\n")) ==
        "worker.toml:6: metrics.listen: is \"10.0.0.5:9464\", which other machines reach; right "
        "only where a firewall or a network of its own keeps strangers away\n");
  CHECK(WarningsOf(Input(kOdoo + "[metrics]\nlisten = '127.0.0.1:9464'\n")).empty());
}

TEST_CASE("addresses to listen at") {
  for (const char* good : {"", "127.0.0.1:8080", "0.0.0.0:0", "[::]:8443", "[fd00::1]:80"}) {
    CAPTURE(good);
    CHECK(What(CheckListenAddress(good)).empty());
  }
  for (const char* bad : {"8080", ":8080", "localhost:8080", "127.0.0.1", "127.0.0.1:65536",
                          "::1:8080", "http://127.0.0.1:80", "127.0.0.1:80 "}) {
    CAPTURE(bad);
    CHECK(What(CheckListenAddress(bad)) == Cite(bad) + " is not a numeric address with a port");
  }
}

TEST_CASE("networks of proxies have no ports") {
  for (const char* good : {"127.0.0.1", "10.1.2.0/24", "::1", "fd00::/8", "0.0.0.0/0"}) {
    CAPTURE(good);
    CHECK(What(CheckPlainNetwork(good)).empty());
  }
  for (const char* bad : {"", "proxy.example", "10.1.2.0/24:443", "[fd00::/8]:443", "[::1]"}) {
    CAPTURE(bad);
    CHECK(What(CheckPlainNetwork(bad)) == Cite(bad) + " is not a network");
  }
  CHECK(What(CheckPlainNetwork("10.1.2.3/24")) == "\"10.1.2.3/24\" has bits behind its prefix");
}

TEST_CASE("public URLs are origins") {
  for (const char* good : {"", "https://hooks.example.com", "http://127.0.0.1:8080",
                           "https://hooks.example.com/", "https://[fd00::1]:8443"}) {
    CAPTURE(good);
    CHECK(What(CheckPublicUrl(good)).empty());
  }
  CHECK(What(CheckPublicUrl("hooks.example.com")) ==
        "\"hooks.example.com\" is not an http or https URL");
  CHECK(What(CheckPublicUrl("https://a/webhooks/in")) == "\"https://a/webhooks/in\" has a path");
  CHECK(What(CheckPublicUrl("https://a//")) == "\"https://a//\" has a path");
  CHECK(What(CheckPublicUrl("https://a?x")) == "\"https://a?x\" has a query or a fragment");
  CHECK(What(CheckPublicUrl("https://u:p@a")) == "holds a user name or password, or another @");
  CHECK(What(CheckPublicUrl("https://" + std::string(248, 'a'))) == "is 256 bytes long");
}

}  // namespace webhook::config
