// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/redactor.h"

#include <doctest/doctest.h>

#include "lib/base/base64.h"
#include "lib/base/random.h"

using namespace webhook::delivery;
namespace base = webhook::base;

namespace {

Redactor Knowing(const std::string& secret) { return Redactor({base::Secret(secret)}, {}); }

}  // namespace

TEST_CASE("a known value is taken out wherever it stands") {
  const Redactor redactor = Knowing("p@ss w/rd");
  CHECK(redactor.Text("p@ss w/rd") == "(redacted)");
  CHECK(redactor.Text("a p@ss w/rd b p@ss w/rd") == "a (redacted) b (redacted)");
  CHECK(redactor.Text("p@ss w/rdp@ss w/rd") == "(redacted)(redacted)");
  CHECK(redactor.Text("nothing here") == "nothing here");
  CHECK(redactor.Text("").empty());
}

TEST_CASE("also as receivers write it in URLs, in JSON and in base64") {
  const std::string secret = "\xC3\xA9/p@ss \"w+d\"";
  const Redactor redactor = Knowing(secret);
  for (const std::string& spelling :
       {std::string("%C3%A9%2Fp%40ss%20%22w%2Bd%22"), std::string("%c3%a9%2fp%40ss%20%22w%2bd%22"),
        std::string("%C3%A9%2Fp%40ss+%22w%2Bd%22"), std::string("\xC3\xA9/p@ss \\\"w+d\\\""),
        std::string("\\u00e9/p@ss \\\"w+d\\\""), base::EncodeBase64(secret)}) {
    CAPTURE(spelling);
    const std::string clean = redactor.Text("<" + spelling + ">");
    CHECK(clean.starts_with("<(redacted)"));
    CHECK(clean.find("p@ss") == std::string::npos);
    CHECK(clean.find("w%2") == std::string::npos);
  }
}

TEST_CASE("a short value is not looked for") {
  CHECK(Knowing("12345").Text("12345") == "12345");
  CHECK(Knowing("123456").Text("123456") == "(redacted)");
  CHECK(Knowing("").Text("text") == "text");
}

TEST_CASE("of two that begin alike the longer one goes") {
  const Redactor redactor({base::Secret("secret"), base::Secret("secret-long")}, {});
  CHECK(redactor.Text("secret-long secret!") == "(redacted) (redacted)!");
}

TEST_CASE("parts of a signing secret and of a key file are known, too") {
  const std::string key = base::EncodeBase64(std::string(24, 'k'));
  CHECK(Knowing("whsec_" + key).Text("key " + key + ".") == "key (redacted).");
  const Redactor redactor =
      Knowing("-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49AgEG\nCCqGSM49AwEHBG0wawIBAQQg\n");
  CHECK(redactor.Text("at CCqGSM49AwEHBG0wawIBAQQg") == "at (redacted)");
  CHECK(redactor.Text("a -----BEGIN PRIVATE KEY----- is missing").find("redacted") ==
        std::string::npos);
}

TEST_CASE("a value that the text's end cuts off is taken out, too") {
  const Redactor redactor = Knowing("0123456789");
  CHECK(redactor.Text("a012345678") == "a(redacted)");
  CHECK(redactor.Text("a012345") == "a(redacted)");
  CHECK(redactor.Text("a01234") == "a01234");
}

TEST_CASE("of a longer text the beginning, with values as a whole and characters uncut") {
  const Redactor redactor = Knowing("0123456789");
  CHECK(redactor.Text("abc0123456789def", 0) == "");
  CHECK(redactor.Text("abc0123456789def", 3) == "abc");
  CHECK(redactor.Text("abc0123456789def", 4) == "abc(redacted)");
  CHECK(redactor.Text("abc0123456789def", 14) == "abc(redacted)d");
  CHECK(redactor.Text("ab\xE2\x82\xAC", 4) == "ab");
  CHECK(Redactor().Text("ab\xE2\x82\xAC", 5) == "ab\xE2\x82\xAC");
}

TEST_CASE("headers are hidden by what they are called, and where the endpoint says so") {
  const Redactor redactor({}, {"X-Shop-Id"});
  for (const char* name : {"Authorization", "cookie", "Set-Cookie", "X-API-Key", "X-Auth",
                           "x-shop-id", "X-SHOP-ID", "Client-Secret", "X-Access-Token"}) {
    CAPTURE(name);
    CHECK(redactor.HidesHeader(name));
  }
  for (const char* name : {"webhook-signature", "X-Hub-Signature-256", "Content-Type", "webhook-id",
                           "Idempotency-Key", "X-Shop", ""}) {
    CAPTURE(name);
    CHECK_FALSE(redactor.HidesHeader(name));
  }
  CHECK(Redactor().HidesHeader("Authorization"));
  CHECK_FALSE(Redactor().HidesHeader("X-Shop-Id"));
}

TEST_CASE("query parameters are hidden by what they are called, known values anywhere") {
  const Redactor redactor = Knowing("hunter2");
  CHECK(redactor.Url("https://a.example/p?x=1") == "https://a.example/p?x=1");
  CHECK(redactor.Url("https://a.example/hunter2?x=hunter2&y") ==
        "https://a.example/(redacted)?x=(redacted)&y");
  CHECK(
      redactor.Url("https://a.example?token=a%20b&code=7&SIG=&api_key=k&n=1&") ==
      "https://a.example?token=(redacted)&code=(redacted)&SIG=(redacted)&api_key=(redacted)&n=1&");
  CHECK(redactor.Url("https://a.example?token") == "https://a.example?token");
  CHECK(Redactor().Url("https://a.example?password=x") == "https://a.example?password=(redacted)");
  CHECK(redactor.Url("") == "");
}

TEST_CASE("more values make another redactor") {
  const Redactor first = Knowing("secret-1");
  const Redactor both = first.With(base::Secret("secret-2"));
  CHECK(both.Text("secret-1 secret-2") == "(redacted) (redacted)");
  CHECK(first.Text("secret-1 secret-2") == "(redacted) secret-2");
  CHECK(Redactor().With(base::Secret("secret-2")).Text("secret-2") == "(redacted)");
}

TEST_CASE("no text keeps a known value, whatever is around it") {
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    CAPTURE(seed);
    base::SeededRandom random(seed);
    const auto text = [&](std::size_t size) {
      std::string made;
      for (std::size_t i = 0; i < size; ++i) made += static_cast<char>('a' + random.Next() % 2);
      return made;
    };
    const std::string secret = text(6 + random.Next() % 6);
    const std::string clean = Knowing(secret).Text(text(random.Next() % 200));
    CHECK(clean.find(secret) == std::string::npos);
  }
}
