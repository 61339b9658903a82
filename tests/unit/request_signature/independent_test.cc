// SPDX-License-Identifier: LGPL-3.0-or-later
// Receivers that are not ours verify what we sign: Python's hmac (verify_signature.py) and the
// openssl program.
#include <doctest/doctest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "lib/base/base64.h"
#include "tests/fakes/run_program.h"
#include "tests/fakes/temporary_directory.h"
#include "tests/unit/request_signature/styles.h"

namespace webhook::delivery {
namespace {

const std::string kBodies[] = {R"({"ok": true})", "", "Grüße=1&x=%20",
                               std::string("\x00\xFF\xFE", 3)};
constexpr const char* kWhsec = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
constexpr const char* kOldWhsec = "whsec_plJ3nmyCDGBKInavdOK15jsl";

void Write(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

// Whether a receiver that knows `secret` accepts the request with these headers.
bool Accepts(const std::string& style, const std::string& secret, const HttpHeaders& headers,
             const std::string& body) {
  const fakes::TemporaryDirectory directory;
  nlohmann::json request = {
      {"style", style}, {"secret", secret}, {"body", base::EncodeBase64(body)}};
  for (const auto& [name, value] : headers) request["headers"][name] = value;
  Write(directory.File("request.json"), request.dump());
  const auto result =
      fakes::RunProgram({"/usr/bin/python3", WEBHOOK_VERIFIER, directory.File("request.json")});
  REQUIRE_MESSAGE((result.exit_code == 0 || (result.exit_code == 1 && result.output.empty())),
                  result.output);
  return result.exit_code == 0;
}

model::Signature GitHubSha1() {
  model::Signature signature = Hmac("X-Hub-Signature", "sha1=");
  signature.digest = model::SignatureDigest::kSha1;
  return signature;
}

model::Signature Sha512() {
  model::Signature signature = Hmac(
      "X-Signature", "",
      {{Kind::kHttpMethod}, {Kind::kRequestUrl}, {Kind::kHeader, "X-Tenant"}, {Kind::kRawBody}});
  signature.digest = model::SignatureDigest::kSha512;
  signature.joiner = "\n";
  return signature;
}

struct Style {
  const char* name;
  model::Signature signature;
  std::string secret = "t0p sécret";
  std::string old_secret = "the old one";
};

std::vector<Style> Styles() {
  return {{"github", GitHub()},
          {"github_sha1", GitHubSha1()},
          {"stripe", Stripe()},
          {"slack", Slack()},
          {"shopify", Shopify()},
          {"sha512", Sha512()},
          {"standard", Standard(), kWhsec, kOldWhsec}};
}

// What a receiver gets: the request's own headers and those of the signature.
HttpHeaders AllHeaders(const Style& style, const std::vector<std::string>& secrets,
                       const std::string& body) {
  SignedRequest request{.method = "PUT", .headers = {{"X-Tenant", "acme"}}, .body = body};
  HttpHeaders headers = request.headers;
  for (auto& header : Sign(style.signature, secrets, request)) headers.push_back(header);
  return headers;
}

}  // namespace

TEST_CASE("receivers accept what we sign, and nothing else") {
  for (const Style& style : Styles()) {
    for (const std::string& body : kBodies) {
      CAPTURE(style.name);
      CAPTURE(body);
      const HttpHeaders headers = AllHeaders(style, {style.secret}, body);
      CHECK(Accepts(style.name, style.secret, headers, body));
      CHECK_FALSE(Accepts(style.name, style.old_secret, headers, body));
      CHECK_FALSE(Accepts(style.name, style.secret, headers, body + " "));
    }
  }
}

TEST_CASE("while a secret is replaced, receivers with either accept, where they look at several") {
  for (const Style& style : Styles()) {
    const bool looks_at_several =
        style.name == std::string("stripe") || style.name == std::string("standard");
    if (!looks_at_several) continue;
    CAPTURE(style.name);
    const std::string& body = kBodies[0];
    const HttpHeaders overlap = AllHeaders(style, {style.secret, style.old_secret}, body);
    CHECK(Accepts(style.name, style.secret, overlap, body));
    CHECK(Accepts(style.name, style.old_secret, overlap, body));
    // The old one has expired: the caller does not hand it in any more.
    const HttpHeaders afterwards = AllHeaders(style, {style.secret}, body);
    CHECK(Accepts(style.name, style.secret, afterwards, body));
    CHECK_FALSE(Accepts(style.name, style.old_secret, afterwards, body));
  }
}

TEST_CASE("openssl computes the same HMAC") {
  const fakes::TemporaryDirectory directory;
  Write(directory.File("body"), kBodies[0]);
  model::Signature signature = Hmac("X-Signature", "");
  using Digest = model::SignatureDigest;
  for (const auto& [digest, option] : {std::pair(Digest::kSha1, "-sha1"),
                                       {Digest::kSha256, "-sha256"},
                                       {Digest::kSha512, "-sha512"}}) {
    CAPTURE(option);
    signature.digest = digest;
    const auto computed = fakes::RunProgram(
        {"openssl", "dgst", option, "-hmac", "topsecret", directory.File("body")});
    REQUIRE_MESSAGE(computed.exit_code == 0, computed.output);
    const HttpHeaders headers = Sign(signature, {"topsecret"}, {.body = kBodies[0]});
    CHECK(computed.output.ends_with("= " + ValueOf(headers, "X-Signature") + "\n"));
  }
}

TEST_CASE("openssl verifies Ed25519 with the public key alone") {
  const fakes::TemporaryDirectory directory;
  const std::string key_file = directory.File("key.der");
  const auto made = fakes::RunProgram(
      {"openssl", "genpkey", "-algorithm", "ed25519", "-outform", "DER", "-out", key_file});
  REQUIRE_MESSAGE(made.exit_code == 0, made.output);
  std::ifstream file(key_file, std::ios::binary);
  const std::string der{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  REQUIRE(der.size() == 48);  // RFC 8410: the seed is the last 32 bytes
  const std::string secret = "whsk_" + base::EncodeBase64(der.substr(16));
  const SignedRequest request{.body = kBodies[0]};
  const HttpHeaders headers = Sign(Standard(), {secret}, request);
  const std::string signature = ValueOf(headers, "webhook-signature");
  REQUIRE(signature.starts_with("v1a,"));
  Write(directory.File("signature"), base::DecodeBase64(signature.substr(4)).value());
  const std::string content = ValueOf(headers, "webhook-id") + "." +
                              ValueOf(headers, "webhook-timestamp") + "." + request.body;
  const auto verify = [&](const std::string& text) {
    Write(directory.File("content"), text);
    return fakes::RunProgram({"openssl", "pkeyutl", "-verify", "-keyform", "DER", "-inkey",
                              key_file, "-rawin", "-in", directory.File("content"), "-sigfile",
                              directory.File("signature")});
  };
  const auto verified = verify(content);
  CHECK_MESSAGE(verified.exit_code == 0, verified.output);
  CHECK(verified.output.find("Verified Successfully") != std::string::npos);
  CHECK(verify(content + " ").exit_code != 0);
}

}  // namespace webhook::delivery
