// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/net/url.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

namespace webhook::net {
namespace {

Url Parsed(std::string_view text) {
  const auto url = ParseUrl(text);
  CAPTURE(text);
  REQUIRE(url.ok());
  return url.value();
}

void CheckRefused(std::string_view text, UrlProblem problem) {
  const auto url = ParseUrl(text);
  CAPTURE(text);
  REQUIRE_FALSE(url.ok());
  CHECK(url.error() == problem);
  CHECK_FALSE(Describe(problem).empty());
}

TEST_CASE("a URL is taken apart") {
  const Url url = Parsed("HTTPS://Shop.Example:8443/a/b?c=d&e=%20");
  CHECK(url.tls);
  CHECK(url.host == "shop.example");
  CHECK_FALSE(url.address.has_value());
  CHECK(url.port == 8443);
  CHECK(url.target == "/a/b?c=d&e=%20");
  CHECK(url.Authority() == "shop.example:8443");
  CHECK(url.Origin() == "https://shop.example:8443");
}

TEST_CASE("what is left out has its usual value") {
  CHECK(Parsed("https://a.example").port == 443);
  CHECK(Parsed("http://a.example").port == 80);
  CHECK(Parsed("http://a.example").target == "/");
  CHECK(Parsed("http://a.example?b").target == "/?b");
  CHECK(Parsed("https://a.example:443/").Authority() == "a.example");
  CHECK(Parsed("http://a.example:443/").Authority() == "a.example:443");
}

TEST_CASE("addresses are hosts in their one spelling") {
  CHECK(Parsed("http://192.0.2.1:8069/").address->ToString() == "192.0.2.1");
  const Url v6 = Parsed("https://[2001:DB8::1]:8443/");
  CHECK(v6.host == "2001:db8::1");
  CHECK(v6.Authority() == "[2001:db8::1]:8443");
}

TEST_CASE("host names are DNS names") {
  for (const char* text : {"http://localhost/", "http://a/", "http://my_service:8069/",
                           "http://xn--bcher-kva.example/", "http://1and1.example/", "http://a.0b/",
                           "http://1.2.3.example/", "http://0x.example/"}) {
    Parsed(text);
  }
  for (const char* text :
       {"http://-a.example/", "http://a-.example/", "http://a..example/", "http://.example/",
        "http://example./", "http://a%2eexample/", "http://a,b/", "http://a*b/", "http://a[b]/"}) {
    CheckRefused(text, UrlProblem::kHostName);
  }
  CheckRefused("http://" + std::string(64, 'a') + ".example/", UrlProblem::kHostName);
  std::string long_name = "a";
  while (long_name.size() <= 253) long_name += ".a";
  CheckRefused("http://" + long_name + "/", UrlProblem::kHostName);
}

TEST_CASE("odd spellings of IPv4 are refused") {
  for (const char* text : {"http://2130706433/",  "http://0x7f000001/",  "http://017700000001/",
                           "http://127.1/",       "http://127.0.1/",     "http://0177.0.0.1/",
                           "http://0x7f.0.0.1/",  "http://127.0.0.01/",  "http://127.0.0.0x1/",
                           "http://127.0.0.256/", "http://1.2.3.4.5/",   "http://0/",
                           "http://127.0.0.1./",  "http://1.2.3.4.:80/", "http://0x/",
                           "http://a.0x1/",       "http://a.1/",         "http://0X7F.1/",
                           "http://00.0.0.0/",    "http://4294967296/"}) {
    CheckRefused(text, UrlProblem::kHostOddV4);
  }
}

TEST_CASE("bad IPv6 hosts are refused") {
  for (const char* text :
       {"http://[::1", "http://[]/", "http://[1.2.3.4]/", "http://[fe80::1%25eth0]/",
        "http://[fe80::1%eth0]/", "http://[::g]/", "http://[v1.x]/"}) {
    CheckRefused(text, UrlProblem::kHostV6);
  }
  CheckRefused("http://[::1]x/", UrlProblem::kPort);
}

TEST_CASE("user information is refused") {
  CheckRefused("https://user@a.example/", UrlProblem::kUserInformation);
  CheckRefused("https://user:password@a.example/", UrlProblem::kUserInformation);
  CheckRefused("https://a.example:443@b.example/", UrlProblem::kUserInformation);
  CheckRefused("https://@a.example/", UrlProblem::kUserInformation);
  CHECK(Parsed("https://a.example/@b").target == "/@b");
}

TEST_CASE("fragments are refused") { CheckRefused("https://a.example/#b", UrlProblem::kFragment); }

TEST_CASE("only http and https are schemes") {
  for (const char* text :
       {"", "a.example", "//a.example/", "ftp://a.example/", "file:///etc/passwd",
        "gopher://a.example/", "https:/a.example/", "https:a.example", "javascript:alert(1)",
        "unix://x", "httpss://a.example/"}) {
    CheckRefused(text, UrlProblem::kScheme);
  }
}

TEST_CASE("a host must be there") {
  CheckRefused("http:///path", UrlProblem::kHostEmpty);
  CheckRefused("http://:80/", UrlProblem::kHostEmpty);
  CheckRefused("http://?a", UrlProblem::kHostEmpty);
}

TEST_CASE("ports are numbers from 1 to 65535") {
  for (const char* port : {"", "0", "65536", "99999999999", "-1", "+80", "8o", "080", "80:80"}) {
    CheckRefused(std::string("http://a.example:") + port + "/", UrlProblem::kPort);
  }
  CHECK(Parsed("http://a.example:65535/").port == 65535);
}

TEST_CASE("characters that are not visible ASCII, and backslashes, are refused") {
  for (const char c : {' ', '\t', '\r', '\n', '\0', '\x1f', '\x7f', '\\', '\x80', '\xff'}) {
    CheckRefused(std::string("http://a.example/") + c, UrlProblem::kCharacter);
    CheckRefused(std::string("http://a") + c + "b.example/", UrlProblem::kCharacter);
  }
  CheckRefused("http://bücher.example/", UrlProblem::kCharacter);
  CheckRefused(" http://a.example/", UrlProblem::kCharacter);
}

TEST_CASE("long URLs are refused") {
  const std::string start = "http://a.example/";
  Parsed(start + std::string(kUrlBytesMax - start.size(), 'a'));
  CheckRefused(start + std::string(kUrlBytesMax - start.size() + 1, 'a'), UrlProblem::kTooLong);
}

// Spellings that never become an address: refused by the URL parser. What resolvers would make of
// them is written beside.
const char* const kRefusedSpellings[] = {
    "http://2130706433/",             // 127.0.0.1
    "http://0x7f000001/",             // 127.0.0.1
    "http://0X7F000001/",             // 127.0.0.1
    "http://017700000001/",           // 127.0.0.1
    "http://127.1/",                  // 127.0.0.1
    "http://127.0.1/",                // 127.0.0.1
    "http://0177.0.0.1/",             // 127.0.0.1
    "http://0x7f.0x0.0x0.0x1/",       // 127.0.0.1
    "http://0x7f.1/",                 // 127.0.0.1
    "http://127.0.0.01/",             // 127.0.0.1
    "http://127.000.000.001/",        // 127.0.0.1
    "http://0/",                      // 0.0.0.0
    "http://0x0/",                    // 0.0.0.0
    "http://00/",                     // 0.0.0.0
    "http://127.0.0.1./",             // 127.0.0.1
    "http://localhost./",             // 127.0.0.1
    "http://2852039166/",             // 169.254.169.254
    "http://0xa9fea9fe/",             // 169.254.169.254
    "http://0xa9.0xfe.0xa9.0xfe/",    // 169.254.169.254
    "http://0251.0376.0251.0376/",    // 169.254.169.254
    "http://169.254.43518/",          // 169.254.169.254
    "http://169.16689662/",           // 169.254.169.254
    "http://167772161/",              // 10.0.0.1
    "http://012.0.0.1/",              // 10.0.0.1
    "http://10.1/",                   // 10.0.0.1
    "http://3232235777/",             // 192.168.1.1
    "http://0300.0250.1.1/",          // 192.168.1.1
    "http://1.1.1.1@127.0.0.1/",      // user information
    "http://127.0.0.1:80@8.8.8.8/",   // user information
    "http://8.8.8.8\\@127.0.0.1/",    // a slash for some
    "http://8.8.8.8#@127.0.0.1/",     // a fragment for some
    "http://127.0.0.1 /",             // white space
    "http://127.0.0.1\t/",            // white space
    "http://127.0.0.1\r\n/",          // white space
    "http://\x31\x32\x37.0.0.1%00/",  // NUL
    "http://①②⑦.0.0.1/",              // 127.0.0.1 after normalisation
    "http://127。0。0。1/",           // 127.0.0.1 after normalisation
    "http://127%2e0%2e0%2e1/",        // 127.0.0.1 after decoding
    "http://%31%32%37.0.0.1/",        // 127.0.0.1 after decoding
    "http://[::1%25lo]/",             // ::1 with a zone
    "http://[fe80::1%25eth0]/",       // link-local with a zone
    "http://[::ffff:0x7f.0.0.1]/",    // mapped, odd
    "http://[::ffff:127.1]/",         // mapped, short
    "http://[127.0.0.1]/",            // brackets
    "http://::1/",                    // without brackets
    "http:127.0.0.1/",                // without slashes
    "http:/127.0.0.1/",               // with one slash
    "http:///127.0.0.1/",             // with three
};

TEST_CASE("spellings that hide an address are refused before there is an address") {
  for (const char* url : kRefusedSpellings) {
    CAPTURE(url);
    CHECK_FALSE(ParseUrl(url).ok());
  }
}

}  // namespace
}  // namespace webhook::net
