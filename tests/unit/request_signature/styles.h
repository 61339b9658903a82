// SPDX-License-Identifier: LGPL-3.0-or-later
// Settings under which well-known receivers verify what we send, and a request to sign.
#pragma once

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "lib/base/ascii.h"
#include "lib/delivery/request_signature.h"

namespace webhook::delivery {

using Kind = model::SignaturePartKind;

inline model::Signature Hmac(std::string header_name, std::string prefix,
                             std::vector<model::SignaturePart> parts = {{Kind::kRawBody}}) {
  model::Signature signature;
  signature.mode = model::SignatureMode::kHmac;
  signature.header_name = std::move(header_name);
  signature.prefix = std::move(prefix);
  signature.parts = std::move(parts);
  return signature;
}

inline model::Signature GitHub() { return Hmac("X-Hub-Signature-256", "sha256="); }

inline model::Signature Stripe() {
  model::Signature signature =
      Hmac("Stripe-Signature", "v1=", {{Kind::kTimestamp}, {Kind::kRawBody}});
  signature.header_template = "t={timestamp},{signatures}";
  return signature;
}

// Slack looks at one signature only.
inline model::Signature Slack() {
  model::Signature signature = Hmac(
      "X-Slack-Signature", "v0=", {{Kind::kLiteral, "v0"}, {Kind::kTimestamp}, {Kind::kRawBody}});
  signature.joiner = ":";
  signature.timestamp_header_name = "X-Slack-Request-Timestamp";
  signature.sign_with = model::SignWith::kNewest;
  return signature;
}

inline model::Signature Shopify() {
  model::Signature signature = Hmac("X-Shopify-Hmac-Sha256", "");
  signature.encoding = model::SignatureEncoding::kBase64;
  return signature;
}

inline model::Signature Standard() {
  model::Signature signature;
  signature.mode = model::SignatureMode::kStandardWebhooks;
  return signature;
}

inline std::vector<base::Secret> Secrets(const std::vector<std::string>& texts) {
  std::vector<base::Secret> secrets;
  for (const std::string& text : texts) secrets.emplace_back(text);
  return secrets;
}

struct SignedRequest {
  std::string id = "018f0000-0000-7000-8000-000000000001";
  std::string method = "POST";
  std::string url = "https://example.com/in?a=1";
  HttpHeaders headers = {};
  std::string body = {};
  base::WallTime now = base::FromUnixMs(1'700'000'000'123);
};

inline base::Result<HttpHeaders, std::string> TrySign(const model::Signature& signature,
                                                      const std::vector<std::string>& secrets,
                                                      const SignedRequest& request) {
  return SignRequest(signature, Secrets(secrets),
                     {request.id, request.method, request.url, request.headers, request.body},
                     request.now);
}

// The headers that signing adds.
inline HttpHeaders Sign(const model::Signature& signature, const std::vector<std::string>& secrets,
                        const SignedRequest& request) {
  auto headers = TrySign(signature, secrets, request);
  REQUIRE_MESSAGE(headers.ok(), headers.error());
  return std::move(headers).value();
}

// The value of the only header of this name.
inline std::string ValueOf(const HttpHeaders& headers, std::string_view name) {
  std::vector<std::string> found;
  for (const auto& [known, value] : headers) {
    if (base::EqualsIgnoringCase(known, name)) found.push_back(value);
  }
  REQUIRE(found.size() == 1);
  return found[0];
}

}  // namespace webhook::delivery
