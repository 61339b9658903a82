// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/config/text_checks.h"

#include <doctest/doctest.h>

#include <string>
#include <tuple>

#include "lib/net/proxy.h"

namespace webhook::config {
namespace {

std::string What(const std::optional<Complaint>& complaint) {
  return complaint ? complaint->what : "";
}

net::ProxyOptions Proxy(std::string host, std::uint16_t port) {
  net::ProxyOptions options;
  options.host = std::move(host);
  options.port = port;
  return options;
}

}  // namespace

TEST_CASE("URLs of an Odoo server") {
  for (const char* url : {"https://odoo.example.com", "http://127.0.0.1:8069", "http://[::1]:8069/",
                          "https://my_odoo-1:443", "http://[fd00::1]", "https://a/erp/"}) {
    CAPTURE(url);
    CHECK(What(CheckOdooUrl(url)).empty());
  }
}

TEST_CASE("what is wrong with a URL is said") {
  CHECK(What(CheckOdooUrl("")) == "\"\" is not an http or https URL");
  CHECK(What(CheckOdooUrl("odoo.example.com")) ==
        "\"odoo.example.com\" is not an http or https URL");
  CHECK(What(CheckOdooUrl("ftp://a")) == "\"ftp://a\" is not an http or https URL");
  CHECK(What(CheckOdooUrl("https://")) == "\"https://\" is not an http or https URL");
  CHECK(What(CheckOdooUrl("https://:8069")) == "\"https://:8069\" has no valid host name");
  CHECK(What(CheckOdooUrl("https://a b")) == "\"https://a b\" has no valid host name");
  CHECK(What(CheckOdooUrl("https://[::g]")) == "\"https://[::g]\" has no valid host name");
  CHECK(What(CheckOdooUrl("https://a:0")) == "\"https://a:0\" has no valid port");
  CHECK(What(CheckOdooUrl("https://a:65536")) == "\"https://a:65536\" has no valid port");
  CHECK(What(CheckOdooUrl("https://a:")) == "\"https://a:\" has no valid port");
  CHECK(What(CheckOdooUrl("https://[::1]x")) == "\"https://[::1]x\" has no valid port");
  CHECK(What(CheckOdooUrl("https://a?db=b")) == "\"https://a?db=b\" has a query or a fragment");
  CHECK(What(CheckOdooUrl("https://a/web#action=1")) ==
        "\"https://a/web#action=1\" has a query or a fragment");
  CHECK(What(CheckOdooUrl("https://a/b c")) ==
        "\"https://a/b c\" has a path that is too long or needs percent-encoding");
}

TEST_CASE("a password in a URL is not shown") {
  CHECK(What(CheckOdooUrl("https://admin:s3cr3t@odoo")) ==
        "holds a user name or password, or another @");
}

TEST_CASE("the key goes in clear only to another machine over http") {
  CHECK(SendsKeyInClear("http://odoo.example.com"));
  CHECK(SendsKeyInClear("http://127.example.com"));
  CHECK(SendsKeyInClear("http://localhost.example.com/"));
  CHECK_FALSE(SendsKeyInClear("https://odoo.example.com"));
  CHECK_FALSE(SendsKeyInClear("http://localhost:8069"));
  CHECK_FALSE(SendsKeyInClear("http://127.0.0.2/"));
  CHECK_FALSE(SendsKeyInClear("http://[::1]:8069"));
}

TEST_CASE("texts of one line") {
  CHECK(What(CheckAny("Gr\xC3\xBC\xC3\x9F")).empty());
  CHECK(What(CheckAny("a\nb")) == "\"a\\nb\" holds a control character");
  CHECK(What(CheckNotEmpty("")) == "is empty");
  CHECK(What(CheckWorkerName(std::string(128, 'a'))).empty());
  CHECK(What(CheckWorkerName(std::string(129, 'a'))) == "is 129 bytes long");
}

TEST_CASE("the journal is a file") {
  CHECK(What(CheckJournal("/var/lib/j.sqlite")).empty());
  CHECK(What(CheckJournal(":memory:")) == "\":memory:\" is not a path");
  CHECK(What(CheckJournal("file:x?mode=memory")) == "\"file:x?mode=memory\" is not a path");
  CHECK(What(CheckJournal("")) == "is empty");
}

TEST_CASE("where wake-ups arrive is numeric") {
  CHECK(What(CheckWakeAddress("")).empty());
  CHECK(What(CheckWakeAddress("0.0.0.0:4711")).empty());
  CHECK(What(CheckWakeAddress("[::1]:0")).empty());
  for (const char* bad : {"localhost:1", "127.0.0.1", "::1", "127.0.0.1:65536", ":1", "[::1]"}) {
    CAPTURE(bad);
    CHECK_FALSE(What(CheckWakeAddress(bad)).empty());
  }
}

TEST_CASE("a user agent suffix can stand in a header") {
  CHECK(What(CheckUserAgentSuffix("(ops@example.com)")).empty());
  CHECK_FALSE(What(CheckUserAgentSuffix("a\r\nX: y")).empty());
  CHECK_FALSE(What(CheckUserAgentSuffix("\xC3\xBC")).empty());
  CHECK_FALSE(What(CheckUserAgentSuffix(std::string(101, 'a'))).empty());
}

TEST_CASE("an API key is one word") {
  CHECK(What(CheckApiKey("0123456789abcdef")).empty());
  CHECK(What(CheckApiKey("")) == "is empty");
  CHECK(What(CheckApiKey("a\nb")) == "has more than one line");
  CHECK_FALSE(What(CheckApiKey("a b")).empty());
  CHECK_FALSE(What(CheckApiKey(std::string(513, 'a'))).empty());
}

TEST_CASE("a library is named by an absolute path") {
  CHECK(What(CheckLibrary("/opt/acme/libacme.so")).empty());
  CHECK(What(CheckLibrary("libacme.so")) == "\"libacme.so\" is not an absolute path");
  CHECK(What(CheckLibrary("")) == "\"\" is not an absolute path");
}

TEST_CASE("a proxy is http, host and port; lib/net understands each") {
  for (const auto& [url, host, port] :
       {std::tuple("http://proxy.example:3128", "proxy.example", 3128),
        {"http://10.0.0.1:80", "10.0.0.1", 80},
        {"http://[fd00::1]:8080", "fd00::1", 8080}}) {
    CHECK(What(CheckProxy(url)).empty());
    const ProxyAddress address = SplitProxy(url);
    CHECK(address.host == host);
    CHECK(address.port == port);
    CHECK_FALSE(net::WhyRefused(Proxy(std::string(address.host), address.port)));
  }
  CHECK(What(CheckProxy("")).empty());
  for (const char* bad : {"proxy:3128", "https://proxy:3128", "http://proxy", "http://proxy:0",
                          "http://:3128", "http://proxy:3128/", "http://[::1:80", "http://a b:80",
                          "http://proxy:65536", "socks5://proxy:1080"}) {
    CAPTURE(bad);
    CHECK_FALSE(What(CheckProxy(bad)).empty());
  }
  CHECK(What(CheckProxy("http://user:PLANTED@proxy:3128")) ==
        "holds a user name or password, or another @");
}

TEST_CASE("a proxy's user has no colon") {
  CHECK(What(CheckProxyUser("worker")).empty());
  CHECK(What(CheckProxyUser("")).empty());
  CHECK(What(CheckProxyUser("worker:PLANTED")) == "holds a colon");
  CHECK_FALSE(What(CheckProxyUser("a\nb")).empty());
}

TEST_CASE("what is reached without the proxy; lib/net understands each") {
  const auto refused = [](const std::string& item) {
    net::ProxyOptions proxy = Proxy("proxy", 1);
    proxy.bypass = {item};
    return net::WhyRefused(proxy).has_value();
  };
  for (const char* good : {"shop.example", ".example.org", "10.1.2.0/24", "10.1.2.3", "fd00::/8",
                           "fd00::1", "localhost", "::ffff:10.0.0.0/104"}) {
    CAPTURE(good);
    CHECK(What(CheckProxyBypass(good)).empty());
    CHECK_FALSE(refused(good));
  }
  for (const char* bad : {"", ".", "..", "*.example.org", "10.0.0.0/33", "10.1.2.3/24",
                          "10.1.2.0/24:443", "10.1.2.3:443", "[fd00::1]", "[::1]:80",
                          "http://shop.example", "shop.example:443", "a b"}) {
    CAPTURE(bad);
    CHECK_FALSE(What(CheckProxyBypass(bad)).empty());
  }
}

TEST_CASE("a prefix of variables, a directory") {
  CHECK(What(CheckVariablePrefix("WEBHOOK_SECRET_")).empty());
  CHECK(What(CheckVariablePrefix("")).empty());
  for (const char* bad : {"A-", "A B", "A.", "A=", "\xC3\x84"}) {
    CHECK_FALSE(What(CheckVariablePrefix(bad)).empty());
  }
  CHECK(What(CheckDirectory("")).empty());
  CHECK(What(CheckDirectory("/run/secrets")).empty());
  CHECK(What(CheckDirectory("secrets")) == "\"secrets\" is not an absolute path");
}

}  // namespace webhook::config
