// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/url_reference.h"

#include <doctest/doctest.h>

#include <array>

using namespace webhook::delivery;

namespace {

std::string Resolve(const std::string& base, const std::string& reference) {
  const auto from = ReadReference(base);
  const auto to = ReadReference(reference);
  REQUIRE(from.has_value());
  if (!to) return "(refused)";
  return ResolveReference(*from, *to);
}

struct Case {
  const char* reference;
  const char* url;
};

}  // namespace

TEST_CASE("the examples of RFC 3986, section 5.4, without their fragments") {
  constexpr std::array<Case, 36> kCases = {{
      {"g", "http://a/b/c/g"},
      {"./g", "http://a/b/c/g"},
      {"g/", "http://a/b/c/g/"},
      {"/g", "http://a/g"},
      {"//g", "http://g/"},
      {"?y", "http://a/b/c/d;p?y"},
      {"g?y", "http://a/b/c/g?y"},
      {"#s", "http://a/b/c/d;p?q"},
      {"g#s", "http://a/b/c/g"},
      {"g?y#s", "http://a/b/c/g?y"},
      {";x", "http://a/b/c/;x"},
      {"g;x", "http://a/b/c/g;x"},
      {"g;x?y#s", "http://a/b/c/g;x?y"},
      {"", "http://a/b/c/d;p?q"},
      {".", "http://a/b/c/"},
      {"./", "http://a/b/c/"},
      {"..", "http://a/b/"},
      {"../", "http://a/b/"},
      {"../g", "http://a/b/g"},
      {"../..", "http://a/"},
      {"../../", "http://a/"},
      {"../../g", "http://a/g"},
      {"../../../g", "http://a/g"},
      {"../../../../g", "http://a/g"},
      {"/./g", "http://a/g"},
      {"/../g", "http://a/g"},
      {"g.", "http://a/b/c/g."},
      {"..g", "http://a/b/c/..g"},
      {"./../g", "http://a/b/g"},
      {"./g/.", "http://a/b/c/g/"},
      {"g/./h", "http://a/b/c/g/h"},
      {"g/../h", "http://a/b/c/h"},
      {"g;x=1/../y", "http://a/b/c/y"},
      {"g?y/../x", "http://a/b/c/g?y/../x"},
      {"https://x/y/../z?q", "https://x/z?q"},
      {"HTTPS://x", "https://x/"},
  }};
  for (const Case& row : kCases) {
    CAPTURE(row.reference);
    CHECK(Resolve("http://a/b/c/d;p?q", row.reference) == row.url);
  }
  CHECK(Resolve("http://a", "g") == "http://a/g");
  CHECK(Resolve("http://a?q", "") == "http://a/?q");
}

TEST_CASE("bytes that no URL has, and what is too long, are refused") {
  for (const char* text : {"a b", "a\tb", "a\r\nb", "/\\evil", "caf\xc3\xa9", "\x7f"}) {
    CHECK_FALSE(ReadReference(text).has_value());
  }
  CHECK(ReadReference(std::string(kReferenceBytesMax, 'a')).has_value());
  CHECK_FALSE(ReadReference(std::string(kReferenceBytesMax + 1, 'a')).has_value());
}

TEST_CASE("an origin is scheme, host and port in one spelling") {
  CHECK(OriginOf("https://Example.com/x") == "https://example.com:443");
  CHECK(OriginOf("https://example.com:443") == OriginOf("HTTPS://EXAMPLE.com:/"));
  CHECK(OriginOf("http://example.com") == "http://example.com:80");
  CHECK(OriginOf("https://user@example.com") == "https://example.com:443");
  CHECK(OriginOf("https://[2001:db8::1]:8443/x") == "https://[2001:db8::1]:8443");
  CHECK(OriginOf("https://[2001:db8::1]") == "https://[2001:db8::1]:443");
  CHECK(OriginOf("/x") == "");
  CHECK(OriginOf("https:///x") == "");
  CHECK(OriginOf("https://example.com.") != OriginOf("https://example.com"));
}
