// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/net/proxy.h"

#include <doctest/doctest.h>

#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

namespace webhook::net {
namespace {

ProxyOptions Options() {
  ProxyOptions options;
  options.host = "proxy.example";
  options.port = 3128;
  return options;
}

bool Serves(const std::vector<std::string>& bypass, const std::string& url) {
  ProxyOptions options = Options();
  options.bypass = bypass;
  return Proxy(options).Serves(ParseUrl(url).value());
}

TEST_CASE("everything goes through a proxy that has no exceptions") {
  CHECK(Serves({}, "https://shop.example/"));
  CHECK(Serves({}, "http://127.0.0.1/"));
  CHECK(Serves({}, "https://[2606:4700::1]/"));
}

TEST_CASE("exceptions are hosts, the hosts below a domain, and networks") {
  CHECK_FALSE(Serves({"Shop.Example"}, "https://SHOP.example/"));
  CHECK(Serves({"shop.example"}, "https://a.shop.example/"));
  CHECK(Serves({"shop.example"}, "https://myshop.example/"));
  CHECK_FALSE(Serves({".shop.example"}, "https://a.b.shop.example/"));
  CHECK(Serves({".shop.example"}, "https://shop.example/"));
  CHECK(Serves({".shop.example"}, "https://myshop.example/"));
  CHECK_FALSE(Serves({"10.0.0.0/8"}, "http://10.9.8.7/"));
  CHECK_FALSE(Serves({"10.0.0.0/8"}, "http://[::ffff:10.9.8.7]/"));
  CHECK(Serves({"10.0.0.0/8"}, "http://11.0.0.1/"));
  CHECK_FALSE(Serves({"192.0.2.1"}, "http://192.0.2.1/"));
  CHECK_FALSE(Serves({"a.example", "fd00::/8"}, "http://[fd00::1]/"));
}

TEST_CASE("the tunnel is asked for by its authority") {
  CHECK(Proxy(Options()).ConnectRequest("[2606:4700::1]:443") ==
        "CONNECT [2606:4700::1]:443 HTTP/1.1\r\nHost: [2606:4700::1]:443\r\n\r\n");
  ProxyOptions options = Options();
  options.user = "Aladdin";
  options.password = base::Secret("open sesame");  // the example of RFC 7617
  CHECK(Proxy(options).ConnectRequest("a:1") ==
        "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n"
        "Proxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n\r\n");
}

TEST_CASE("its name is for people") {
  CHECK(Proxy(Options()).Name() == "the proxy proxy.example:3128");
  ProxyOptions options = Options();
  options.host = "fd00::1";
  CHECK(Proxy(options).Name() == "the proxy [fd00::1]:3128");
  CHECK(Proxy(options).address().has_value());
}

TEST_CASE("options that cannot be used are refused, without the password") {
  CHECK_FALSE(WhyRefused(Options()).has_value());
  const auto refused = [](const std::function<void(ProxyOptions&)>& spoil) {
    ProxyOptions options = Options();
    options.user = "user";
    options.password = base::Secret("hunter2");
    spoil(options);
    const auto why = WhyRefused(options);
    REQUIRE(why.has_value());
    CHECK(why->find("hunter2") == std::string::npos);
    CHECK_THROWS_AS(Proxy{options}, std::runtime_error);
  };
  for (const char* host : {"", "http://proxy.example", "proxy.example:3128", "a b", "a\r\nb", "a/b",
                           "user@proxy.example", "[::1]"}) {
    refused([&](ProxyOptions& options) { options.host = host; });
  }
  refused([](ProxyOptions& options) { options.port = 0; });
  refused([](ProxyOptions& options) { options.user = "a:b"; });
  refused([](ProxyOptions& options) { options.user = "a\r\nX: y"; });
  refused([](ProxyOptions& options) { options.user = ""; });
  refused([](ProxyOptions& options) { options.password = base::Secret("hunter2\r\nX: y"); });
  refused([](ProxyOptions& options) { options.password = base::Secret(std::string(2000, 'x')); });
  for (const char* entry : {"", ".", "*", "*.example", "10.0.0.1/8", "10.0.0.0/33", "a b",
                            "http://a.example", "a.example:80", "::/129"}) {
    CAPTURE(entry);
    refused([&](ProxyOptions& options) { options.bypass = {entry}; });
  }
  refused([](ProxyOptions& options) { options.bypass.assign(101, "a.example"); });
}

}  // namespace
}  // namespace webhook::net
