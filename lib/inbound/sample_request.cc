// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/inbound/sample_request.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "lib/base/ascii.h"
#include "lib/base/base64.h"
#include "lib/delivery/body_form.h"
#include "lib/delivery/hmac_scheme.h"
#include "lib/delivery/signature_header.h"
#include "lib/delivery/timestamp_text.h"
#include "lib/inbound/verify_signature.h"
#include "lib/rules/body_value.h"
#include "lib/signing/hmac.h"
#include "lib/signing/standard_webhooks.h"

namespace webhook::inbound {
namespace {

using model::Value;

constexpr std::string_view kSignature = "{signature}";

struct Why {
  std::string why;
};
using Text = base::Result<std::string, Why>;

// What the placeholders stand for, but {signature}.
struct Filling {
  std::string id;
  std::string timestamp;
  std::string event;

  std::string Filled(std::string text) const {
    delivery::ReplaceAll(text, "{id}", id);
    delivery::ReplaceAll(text, "{timestamp}", timestamp);
    delivery::ReplaceAll(text, "{event}", event);
    return text;
  }

  // {timestamp} alone is the number, where it is one.
  Value FilledText(const std::string& text) const {
    const bool is_number =
        timestamp.find_first_not_of("0123456789") == std::string::npos && text == "{timestamp}";
    return is_number ? Value::Decimal(timestamp) : Value::Text(Filled(text));
  }
};

// Bounded by the depth that ParseJson allows.
Value FilledValue(const Filling& filling, const Value& value) {
  if (const auto* text = value.text()) return filling.FilledText(*text);
  if (const auto* list = value.list()) {
    Value::List items;
    for (const Value& item : *list) items.push_back(FilledValue(filling, item));
    return Value::ListOf(std::move(items));
  }
  if (const auto* object = value.object()) {
    Value::Object members;
    for (const auto& member : *object) {
      members.push_back({member.key, FilledValue(filling, member.value)});
    }
    return Value::ObjectOf(std::move(members));
  }
  return value;
}

Text BodyOf(const Preset& preset, const Value& payload) {
  const std::string json = model::DumpJson(payload);
  if (rules::FormatOf(preset.content_type) != rules::BodyFormat::kForm) return json;
  auto fields = delivery::FormFieldsOf(json);
  if (!fields.ok()) return Why{"the sample is no form: " + fields.error()};
  return delivery::FormUrlencoded(fields.value());
}

void AddCredential(const CompiledInbound& endpoint, RequestParts& parts) {
  const std::string& secret = endpoint.credential.Reveal();
  switch (endpoint.endpoint.auth.mode) {
    case model::InboundAuthMode::kNone:
      return;
    case model::InboundAuthMode::kBasic:
      parts.headers.emplace_back(
          "Authorization",
          "Basic " + base::EncodeBase64(endpoint.endpoint.auth.username + ":" + secret));
      return;
    case model::InboundAuthMode::kBearer:
      parts.headers.emplace_back("Authorization", "Bearer " + secret);
      return;
    case model::InboundAuthMode::kApiKey:
      parts.headers.emplace_back(endpoint.endpoint.auth.header_name, secret);
      return;
  }
}

// The prefix stands in the header's template.
Text SignHmac(const CompiledInbound& endpoint, const Request& request) {
  const model::Verification& verification = endpoint.endpoint.verification;
  auto message = SignedMessage(endpoint, request);
  if (!message.ok()) return Why{"what is signed cannot be put together: " + message.error().name};
  return signing::SignHmac(
      {delivery::DigestOf(verification.digest), delivery::EncodingOf(verification.encoding)},
      endpoint.signing_secrets.front().secret, message.value());
}

Text SignStandard(const CompiledInbound& endpoint, const Request& request) {
  const auto& key = endpoint.signing_secrets.front().verifying_key;
  const auto* symmetric = key ? std::get_if<signing::SymmetricKey>(&*key) : nullptr;
  if (symmetric == nullptr) {
    return Why{
        "the endpoint's newest secret is a public key (whpk_…), and only the sender has the "
        "private one; try with an endpoint that has a whsec_… secret"};
  }
  const std::string_view id = request.Header("webhook-id").value_or("");
  const std::string_view timestamp = request.Header("webhook-timestamp").value_or("");
  std::int64_t seconds = 0;
  const char* const end = timestamp.data() + timestamp.size();
  const auto [stop, error] = std::from_chars(timestamp.data(), end, seconds);
  const bool fits = error == std::errc() && stop == end && !id.empty() && id.find('.') == id.npos;
  if (!fits) return Why{"the sample has no webhook-id, or no webhook-timestamp of whole seconds"};
  return signing::SignStandardWebhook({*symmetric}, {id, seconds, request.body()});
}

// Nothing: requests of this endpoint are not signed.
base::Result<std::optional<std::string>, Why> Sign(const CompiledInbound& endpoint,
                                                   const RequestParts& parts) {
  const model::VerificationMode mode = endpoint.endpoint.verification.mode;
  if (mode == model::VerificationMode::kNone) return std::optional<std::string>();
  if (endpoint.signing_secrets.empty()) return Why{"the endpoint has no signing secret"};
  const Request request(parts);
  auto made = mode == model::VerificationMode::kHmac ? SignHmac(endpoint, request)
                                                     : SignStandard(endpoint, request);
  if (!made.ok()) return made.error();
  return std::optional<std::string>(std::move(made).value());
}

bool IsSigned(const std::pair<std::string, std::string>& header) {
  return header.second.find(kSignature) != std::string::npos;
}

// Where {signature} stands. Without a signature such headers are left out.
void FillSignature(const std::optional<std::string>& signature, RequestParts& parts) {
  if (!signature) {
    std::erase_if(parts.headers, IsSigned);
    return;
  }
  for (auto& [name, value] : parts.headers) delivery::ReplaceAll(value, kSignature, *signature);
}

}  // namespace

base::Result<RequestParts, std::string> MakeSampleRequest(const CompiledInbound& endpoint,
                                                          const FoundSample& found,
                                                          const SampleOptions& options) {
  if (!endpoint.problem.empty()) return endpoint.problem;
  const Filling filling{
      options.id,
      delivery::TimestampText(endpoint.endpoint.verification.timestamp_format, options.now),
      found.sample->name};
  auto body = BodyOf(*found.preset, FilledValue(filling, found.sample->payload));
  if (!body.ok()) return body.error().why;
  RequestParts parts;
  parts.method = "POST";
  parts.url = options.url;
  parts.body = std::move(body).value();
  parts.received_at = options.now;
  parts.headers.emplace_back("Content-Type", found.preset->content_type);
  for (const auto& [name, value] : found.preset->headers) {
    parts.headers.emplace_back(name, filling.Filled(value));
  }
  AddCredential(endpoint, parts);
  auto signature = Sign(endpoint, parts);
  if (!signature.ok()) return signature.error().why;
  FillSignature(signature.value(), parts);
  return parts;
}

}  // namespace webhook::inbound
