// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/net/wake_datagram.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace webhook::net {
namespace {

constexpr std::int64_t kNowMs = 1767225600000;
const base::WallTime kNow = base::FromUnixMs(kNowMs);

// printf '%s' 'ww1 production 42 1767225600000' | openssl dgst -sha256 -hmac wake-secret
const std::string kSignedText = "ww1 production 42 1767225600000";
const std::string kGood =
    kSignedText + " 2a418a7029e85cb8ada8050aaef70c41f31a664bebac45f6e02b291d2721f11e";

base::Result<WakeDatagram, WakeRefusal> Verify(const std::string& text, base::WallTime now = kNow) {
  return VerifyWakeDatagram(text, "wake-secret", now);
}

void CheckRefused(const std::string& text, WakeRefusal refusal, base::WallTime now = kNow) {
  CAPTURE(text);
  const auto datagram = Verify(text, now);
  REQUIRE_FALSE(datagram.ok());
  CHECK(datagram.error() == refusal);
}

TEST_CASE("a genuine datagram is read") {
  const auto datagram = Verify(kGood);
  REQUIRE(datagram.ok());
  CHECK(datagram.value() == WakeDatagram{"production", 42, kNowMs});
}

TEST_CASE("a counter has 64 bits, for Odoo counts in nanoseconds") {
  // printf '%s' 'ww1 production 18446744073709551615 1767225600000' | openssl dgst -sha256 -hmac …
  const auto datagram = Verify(
      "ww1 production 18446744073709551615 1767225600000 "
      "e2b82c8692004e1cd08b25151654cf9623c881cb9f6ec7a943e7d8b1c2d77e8b");
  REQUIRE(datagram.ok());
  CHECK(datagram.value().counter == 18446744073709551615u);
}

TEST_CASE("database names are percent-encoded, as Odoo does it") {
  CHECK(EncodeWakeDatabase("production-17.0_a~b") == "production-17.0_a~b");
  CHECK(EncodeWakeDatabase("my db+/é%") == "my%20db%2B%2F%C3%A9%25");
}

TEST_CASE("one changed byte is a wrong signature, or no datagram") {
  for (std::size_t i = 0; i < kGood.size(); ++i) {
    std::string changed = kGood;
    changed[i] = changed[i] == '1' ? '2' : '1';
    CHECK_FALSE(Verify(changed).ok());
  }
}

TEST_CASE("a wrong or missing key is a wrong signature") {
  CHECK(VerifyWakeDatagram(kGood, "another", kNow).error() == WakeRefusal::kSignature);
  CHECK(VerifyWakeDatagram(kGood, "", kNow).error() == WakeRefusal::kSignature);
  CheckRefused(kSignedText + " " + std::string(64, '0'), WakeRefusal::kSignature);
  CheckRefused(kSignedText + " ", WakeRefusal::kSignature);
  CheckRefused(kGood + "0", WakeRefusal::kSignature);
}

TEST_CASE("a minute off is fresh, more is stale, both ways") {
  CHECK(Verify(kGood, kNow + base::Milliseconds(60000)).ok());
  CHECK(Verify(kGood, kNow - base::Milliseconds(60000)).ok());
  CheckRefused(kGood, WakeRefusal::kStale, kNow + base::Milliseconds(60001));
  CheckRefused(kGood, WakeRefusal::kStale, kNow - base::Milliseconds(60001));
}

TEST_CASE("what has another form is malformed") {
  for (const std::string& text : std::vector<std::string>{
           "", "ww1", "ww2 production 42 1767225600000 x", "ww1 production 42 1767225600000",
           "ww1  42 1767225600000 x", "ww1 production -1 1767225600000 x",
           "ww1 production 042 1767225600000 x", "ww1 production 4.2 1767225600000 x",
           "ww1 production 42 1e12 x", "ww1 pro duction 42 1767225600000 x",
           "ww1 production 42 1767225600000 x y", "ww1 pr\x80 42 1767225600000 x",
           "ww1 production 99999999999999999999 1767225600000 x", std::string(600, 'w')}) {
    CheckRefused(text, WakeRefusal::kMalformed);
  }
}

TEST_CASE("wake secrets are base64") {
  CHECK(DecodeWakeSecret("d2FrZS1zZWNyZXQ=").value() == "wake-secret");
  CHECK(DecodeWakeSecret("AAECAw==").value() == std::string("\0\1\2\3", 4));
  for (const char* text : {"", "d2F", "d2Fr!2U=", "d2FrZS1zZWNyZXQ"}) {
    CHECK_FALSE(DecodeWakeSecret(text).has_value());
  }
}

TEST_CASE("the same datagram is accepted once, later and earlier ones besides it") {
  WakeReplayWindow window;
  CHECK(window.Accept({"a", 1, kNowMs}));
  CHECK_FALSE(window.Accept({"a", 1, kNowMs}));
  CHECK(window.Accept({"a", 2, kNowMs}));
  CHECK(window.Accept({"a", 3, kNowMs + 1}));
  CHECK(window.Accept({"a", 1, kNowMs - 1}));  // another Odoo server, or overtaken
  CHECK_FALSE(window.Accept({"a", 2, kNowMs}));
}

TEST_CASE("what is older than everything remembered is refused") {
  WakeReplayWindow window;
  for (std::int64_t i = 0; i < 5000; ++i) CHECK(window.Accept({"a", 1, kNowMs + i}));
  for (std::int64_t i = 0; i < 5000; ++i) CHECK_FALSE(window.Accept({"a", 1, kNowMs + i}));
  CHECK_FALSE(window.Accept({"a", 2, kNowMs}));
}

}  // namespace
}  // namespace webhook::net
