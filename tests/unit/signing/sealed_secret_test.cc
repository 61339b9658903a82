// SPDX-License-Identifier: LGPL-3.0-or-later
// Sealed secrets against another implementation (make_sealed_secret_vectors.py), both ways.
#include "lib/signing/sealed_secret.h"

#include <doctest/doctest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "lib/base/base64.h"
#include "lib/base/random.h"
#include "tests/fakes/run_program.h"

namespace webhook::signing {
namespace {

const std::string kData = "bwt.webhook.secret,7,signing";

nlohmann::json Vectors() {
  std::ifstream file(WEBHOOK_VECTORS "/sealed_secret_vectors.json");
  REQUIRE(file);
  return nlohmann::json::parse(file);
}

std::string Bytes(const nlohmann::json& base64) {
  return base::DecodeBase64(base64.get<std::string>()).value();
}

std::string SealOrFail(const std::string& public_key, const std::string& secret) {
  const auto value = Seal(public_key, kData, base::Secret(secret));
  REQUIRE(value);
  return *value;
}

// The error; fails when there is none.
OpenError ErrorOf(const base::Secret& key, std::string_view data, std::string_view value) {
  const auto opened = Open(key, data, value);
  REQUIRE_FALSE(opened.ok());
  return opened.error();
}

// The value with one byte of its content changed.
std::string WithFlippedByte(const std::string& value, std::size_t at) {
  std::string bytes = base::DecodeBase64(value.substr(kSealedPrefix.size())).value();
  bytes[at] = static_cast<char>(bytes[at] ^ 1);
  return std::string(kSealedPrefix) + base::EncodeBase64(bytes);
}

}  // namespace

TEST_CASE("we open what another implementation sealed") {
  const nlohmann::json vectors = Vectors();
  CHECK(vectors.size() >= 5);
  for (const auto& vector : vectors) {
    CAPTURE(vector.dump());
    const base::Secret key(Bytes(vector["private_key"]));
    CHECK(PublicKeyOf(key) == Bytes(vector["public_key"]));
    const auto opened =
        Open(key, vector["associated_data"].get<std::string>(), vector["value"].get<std::string>());
    REQUIRE(opened.ok());
    CHECK(opened.value().Reveal() == vector["secret"].get<std::string>());
  }
}

TEST_CASE("the vectors are what the script makes today") {
  const auto made =
      fakes::RunProgram({"/usr/bin/python3", WEBHOOK_VECTORS "/make_sealed_secret_vectors.py"});
  REQUIRE_MESSAGE(made.exit_code == 0, made.output);
  CHECK(nlohmann::json::parse(made.output) == Vectors());
}

TEST_CASE("another implementation opens what we sealed") {
  const KeyPair pair = GenerateKeyPair();
  const std::vector<std::string> secrets = {"whsec_plJ3nmyCDGBKInavdOK15jsl", "", "Grüße 🔑",
                                            "two\nlines", std::string(5000, 'x')};
  for (const std::string& secret : secrets) {
    CAPTURE(secret);
    const auto opened =
        fakes::RunProgram({"/usr/bin/python3", WEBHOOK_VECTORS "/make_sealed_secret_vectors.py",
                           "open", base::EncodeBase64(pair.private_key.Reveal()), kData,
                           SealOrFail(pair.public_key, secret)});
    CHECK(opened.exit_code == 0);
    CHECK(opened.output == secret);
  }
}

TEST_CASE("another implementation refuses what belongs to another record") {
  const KeyPair pair = GenerateKeyPair();
  const auto opened =
      fakes::RunProgram({"/usr/bin/python3", WEBHOOK_VECTORS "/make_sealed_secret_vectors.py",
                         "open", base::EncodeBase64(pair.private_key.Reveal()),
                         "bwt.webhook.secret,8,signing", SealOrFail(pair.public_key, "s")});
  CHECK(opened.exit_code != 0);
  CHECK(opened.output.find("InvalidTag") != std::string::npos);
}

TEST_CASE("a fingerprint is SHA-256 in groups of four") {
  const nlohmann::json vector = Vectors()[0];
  const std::string fingerprint = KeyFingerprint(Bytes(vector["public_key"]));
  CHECK(fingerprint.size() == 79);
  CHECK(fingerprint.starts_with("e899 f0cc 4300 b00f "));
  std::string joined = fingerprint;
  std::erase(joined, ' ');
  CHECK(joined == vector["fingerprint"].get<std::string>());
}

TEST_CASE("each sealing is another text") {
  const KeyPair pair = GenerateKeyPair();
  CHECK(SealOrFail(pair.public_key, "s") != SealOrFail(pair.public_key, "s"));
  CHECK(GenerateKeyPair().public_key != pair.public_key);
}

TEST_CASE("a secret names the key it is sealed to") {
  const KeyPair pair = GenerateKeyPair();
  const std::string value = SealOrFail(pair.public_key, "s");
  CHECK(SealedTo(value) == KeyId(pair.public_key));
  CHECK(ErrorOf(GenerateKeyPair().private_key, kData, value) == OpenError::kOtherKey);
}

TEST_CASE("a secret is bound to its record and purpose") {
  const KeyPair pair = GenerateKeyPair();
  const std::string value = SealOrFail(pair.public_key, "s");
  for (const char* data : {"bwt.webhook.secret,8,signing", "bwt.webhook.secret,7,api_key", ""}) {
    CHECK(ErrorOf(pair.private_key, data, value) == OpenError::kAltered);
  }
  CHECK(Open(pair.private_key, kData, value).ok());
}

TEST_CASE("one changed byte is noticed, wherever it is") {
  const KeyPair pair = GenerateKeyPair();
  const std::string value = SealOrFail(pair.public_key, "a secret");
  const std::size_t size = base::DecodeBase64(value.substr(kSealedPrefix.size())).value().size();
  for (std::size_t at = 0; at < size; ++at) {
    CAPTURE(at);
    const auto expected = at < kSealingKeyIdBytes ? OpenError::kOtherKey : OpenError::kAltered;
    CHECK(ErrorOf(pair.private_key, kData, WithFlippedByte(value, at)) == expected);
  }
}

TEST_CASE("what is no sealed secret is malformed") {
  const KeyPair pair = GenerateKeyPair();
  const std::string value = SealOrFail(pair.public_key, "s");
  const std::vector<std::string> texts = {
      "",
      "sealed:1:",
      "sealed:1",
      "secret",
      "sealed:2:" + value.substr(9),
      value + "=",
      value + "\n",
      value.substr(0, value.size() - 1),
      "sealed:1:" + base::EncodeBase64(std::string(67, 'x')),
      "sealed:1:" + base::EncodeBase64(std::string(40'000, 'x')),
      "Sealed:1:" + value.substr(9)};
  for (const std::string& text : texts) {
    CAPTURE(text);
    CHECK(ErrorOf(pair.private_key, kData, text) == OpenError::kMalformed);
    CHECK_FALSE(SealedTo(text));
  }
}

TEST_CASE("an ephemeral key that shares no secret is refused") {
  const KeyPair pair = GenerateKeyPair();
  const std::string bytes = KeyId(pair.public_key) + std::string(32, '\0') + std::string(40, 'x');
  const std::string value = std::string(kSealedPrefix) + base::EncodeBase64(bytes);
  CHECK(ErrorOf(pair.private_key, kData, value) == OpenError::kAltered);
}

TEST_CASE("nothing is sealed to what is no public key") {
  for (const std::string& key :
       {std::string(), std::string(31, 'k'), std::string(33, 'k'), std::string(32, '\0')}) {
    CHECK_FALSE(Seal(key, kData, base::Secret("s")));
  }
}

TEST_CASE("nothing is sealed that the contract could not carry") {
  const KeyPair pair = GenerateKeyPair();
  const auto longest = Seal(pair.public_key, kData, base::Secret(std::string(29'923, 'x')));
  REQUIRE(longest);
  CHECK(longest->size() <= kSealedBytesMax);
  CHECK(Open(pair.private_key, kData, *longest).ok());
  CHECK_FALSE(Seal(pair.public_key, kData, base::Secret(std::string(29'924, 'x'))));
  CHECK_FALSE(Seal(pair.public_key, kData, base::Secret(std::string(100'000, 'x'))));
}

TEST_CASE("any bytes can be opened or not, and nothing else happens") {
  constexpr std::uint64_t kSeed = 20261124;
  CAPTURE(kSeed);
  base::SeededRandom random(kSeed);
  const KeyPair pair = GenerateKeyPair();
  for (int round = 0; round < 2000; ++round) {
    std::string bytes = random.Next() % 2 == 0 ? KeyId(pair.public_key) : "";
    const std::size_t size = random.Next() % 120;
    while (bytes.size() < size) bytes += static_cast<char>(random.Next());
    const std::string value = std::string(kSealedPrefix) + base::EncodeBase64(bytes);
    CHECK_FALSE(Open(pair.private_key, kData, value).ok());
  }
}

}  // namespace webhook::signing
