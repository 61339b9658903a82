// SPDX-License-Identifier: LGPL-3.0-or-later
// The expected values were computed with Python's hmac module.
#include "lib/signing/hmac.h"

#include <doctest/doctest.h>

#include <vector>

namespace webhook::signing {
namespace {

const base::Secret kSecret("topsecret");
constexpr std::string_view kBody = R"({"ok": true})";
constexpr const char* kSha256Hex =
    "67254c991e15735c1feafd599471b02761c217625c2bd3f139125077ca48354b";

std::string Hex(Digest digest, std::string_view message, const base::Secret& secret = kSecret) {
  return SignHmac({.digest = digest}, secret, message);
}

bool Accepts(const HmacScheme& scheme, const std::vector<std::string>& candidates,
             const std::vector<base::Secret>& secrets = {kSecret}) {
  return VerifyHmac(scheme, secrets, kBody, candidates);
}

}  // namespace

TEST_CASE("every digest in both encodings") {
  CHECK(Hex(Digest::kSha1, kBody) == "bb721ef2ada0097fb4f85353189b2ca4071548a0");
  CHECK(Hex(Digest::kSha256, kBody) == kSha256Hex);
  CHECK(Hex(Digest::kSha512, kBody) ==
        "f2d53e414a874e42b04ea19b2c2c66d6e537df51dbb5ff55f4c3c18ace90bd3ce2d2da929ed8e9bbf45bd616a1"
        "e41194ee79a6b297776e4f817ed0a92d42f8da");
  CHECK(SignHmac({Digest::kSha1, Encoding::kBase64, ""}, kSecret, kBody) ==
        "u3Ie8q2gCX+0+FNTGJsspAcVSKA=");
  CHECK(SignHmac({Digest::kSha256, Encoding::kBase64, ""}, kSecret, kBody) ==
        "ZyVMmR4Vc1wf6v1ZlHGwJ2HCF2JcK9PxORJQd8pINUs=");
  CHECK(SignHmac({Digest::kSha512, Encoding::kBase64, ""}, kSecret, kBody) ==
        "8tU+QUqHTkKwTqGbLCxm1uU331Hbtf9V9MPBis6QvTzi0tqSntjpu/"
        "Rb1hah5BGU7nmmspd3bk+BftCpLUL42g==");
}

TEST_CASE("joined parts, raw bytes, an empty key and one longer than a block") {
  CHECK(Hex(Digest::kSha256, R"({"ok": true}|suffix)") ==
        "79a8903fe54e6f38f1db7be3d7db4ab57beba6ad5923eb7848722ecfbfd82ef3");
  CHECK(Hex(Digest::kSha256, R"(1700000000.{"ok": true})") ==
        "af08a1129ad308b70dd7f1c945b5b96a25e6d622914f66c1b3303be96b5da29c");
  CHECK(Hex(Digest::kSha256, "\xFF\xFE\x7B\x7D") ==
        "e8d979da10920c6a866005b4d2cfe31b36e15dd923b50e954709967da05c7f30");
  CHECK(Hex(Digest::kSha256, "", base::Secret()) ==
        "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
  CHECK(Hex(Digest::kSha512, "x", base::Secret(std::string(200, 'k'))) ==
        "3bea04514dec7eac85d846ec90cead0c22ff461ba7250c03635876766055b829aac0109c567fa359e5f177a9e8"
        "c30233a682a33467845ac6f966813635668f7a");
}

TEST_CASE("a signature is accepted with and without its prefix, hexadecimal in either case") {
  const HmacScheme scheme{Digest::kSha256, Encoding::kHex, "sha256="};
  CHECK(SignHmac(scheme, kSecret, kBody) == std::string("sha256=") + kSha256Hex);
  CHECK(Accepts(scheme, {std::string("sha256=") + kSha256Hex}));
  CHECK(Accepts(scheme, {kSha256Hex}));
  CHECK(
      Accepts(scheme, {"sha256=67254C991E15735C1FEAFD599471B02761C217625C2BD3F139125077CA48354B"}));
  CHECK_FALSE(Accepts(scheme, {std::string("SHA256=") + kSha256Hex}));
}

TEST_CASE("any secret with any candidate, so that a secret can be replaced") {
  const base::Secret other("older");
  CHECK(Accepts({}, {"", "zz", kSha256Hex}, {other, kSecret}));
  CHECK(Accepts({}, {kSha256Hex, "zz"}, {kSecret, other}));
  CHECK_FALSE(Accepts({}, {kSha256Hex}, {other}));
  CHECK_FALSE(Accepts({}, {kSha256Hex}, {}));
  CHECK_FALSE(Accepts({}, {}));
}

TEST_CASE("what is no signature is simply wrong") {
  std::string one_bit_off = kSha256Hex;
  one_bit_off.back() = 'a';
  for (const std::string& wrong :
       {std::string("ü") + kSha256Hex, std::string("\xFF\xFE"), std::string(kSha256Hex) + "00",
        std::string(kSha256Hex).substr(2), one_bit_off, std::string(" ") + kSha256Hex}) {
    CAPTURE(wrong);
    CHECK_FALSE(Accepts({}, {wrong}));
  }
  // The other encoding, base64 without padding, and the URL alphabet.
  const HmacScheme base64{Digest::kSha256, Encoding::kBase64, ""};
  CHECK(Accepts(base64, {"ZyVMmR4Vc1wf6v1ZlHGwJ2HCF2JcK9PxORJQd8pINUs="}));
  CHECK_FALSE(Accepts(base64, {"ZyVMmR4Vc1wf6v1ZlHGwJ2HCF2JcK9PxORJQd8pINUs"}));
  CHECK_FALSE(Accepts(base64, {kSha256Hex}));
}

TEST_CASE("an empty secret verifies nothing, although its signature exists") {
  const std::string signature = SignHmac({}, base::Secret(), kBody);
  CHECK_FALSE(Accepts({}, {signature}, {base::Secret()}));
}

TEST_CASE("a flood of candidates is cut off") {
  std::vector<std::string> candidates(kCandidatesMax - 1, "00");
  candidates.emplace_back(kSha256Hex);
  CHECK(Accepts({}, candidates));
  candidates.insert(candidates.begin(), "00");
  CHECK_FALSE(Accepts({}, candidates));
}

}  // namespace webhook::signing
