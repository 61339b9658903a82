// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/request_signature.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "lib/base/ascii.h"
#include "lib/delivery/hmac_scheme.h"
#include "lib/delivery/signature_header.h"
#include "lib/delivery/timestamp_text.h"
#include "lib/signing/hmac.h"
#include "lib/signing/standard_webhooks.h"

namespace webhook::delivery {
namespace {

using model::Signature;
using model::SignatureMode;
using model::SignaturePart;
using model::SignaturePartKind;
using signing::SigningKey;

using Headers = base::Result<HttpHeaders, std::string>;

// Why there is no signature: a sentence that begins with the field.
struct Unsigned {
  std::string why;
};
using Text = base::Result<std::string, Unsigned>;

std::string Problem(std::string_view field, std::string_view message) {
  return fmt::format("{}: {}", field, message);
}

std::int64_t UnixSeconds(base::WallTime now) {
  return std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
}

Headers SignStandard(std::span<const base::Secret> secrets, const RequestToSign& request,
                     base::WallTime now) {
  std::vector<SigningKey> keys;
  for (const base::Secret& secret : secrets) {
    auto key = signing::ParseSigningKey(secret);
    if (!key) return Problem(kSecretsField, "a signing secret is neither whsec_… nor whsk_…");
    keys.push_back(*std::move(key));
  }
  if (request.webhook_id.empty() || request.webhook_id.find('.') != std::string_view::npos) {
    return Problem("webhook-id", "an id that is signed is not empty and has no full stop");
  }
  const std::int64_t seconds = UnixSeconds(now);
  HttpHeaders headers;
  const auto add_missing = [&](const char* name, std::string value) {
    if (FindHeader(request.headers, name) == nullptr) headers.emplace_back(name, std::move(value));
  };
  add_missing("webhook-id", std::string(request.webhook_id));
  add_missing("webhook-timestamp", std::to_string(seconds));
  headers.emplace_back("webhook-signature", signing::SignStandardWebhook(
                                                keys, {request.webhook_id, seconds, request.body}));
  return headers;
}

class HmacSigner {
 public:
  HmacSigner(const Signature& signature, const RequestToSign& request, base::WallTime now)
      : signature_(signature),
        request_(request),
        timestamp_(TimestampText(signature.timestamp_format, now)) {}

  Headers Sign(std::span<const base::Secret> secrets) const {
    if (auto taken = TakenHeader()) return *std::move(taken);
    Text message = Message();
    if (!message.ok()) return message.error().why;
    std::string value = signature_.header_template;
    ReplaceAll(value, kTimestampPlaceholder,
               timestamp_);  // first: a prefix may look like a placeholder
    ReplaceAll(value, kSignaturesPlaceholder, Signatures(secrets, message.value()));
    if (!IsSignatureText(value)) {
      return Problem(kTemplateField, "the signature cannot stand in a header");
    }
    HttpHeaders headers;
    if (!signature_.timestamp_header_name.empty()) {
      headers.emplace_back(signature_.timestamp_header_name, timestamp_);
    }
    headers.emplace_back(signature_.header_name, std::move(value));
    return headers;
  }

 private:
  // A header twice: a receiver would look at one of them.
  std::optional<std::string> TakenHeader() const {
    for (const auto& [field, name] : {std::pair(kHeaderNameField, &signature_.header_name),
                                      {kTimestampHeaderField, &signature_.timestamp_header_name}}) {
      const bool optional = field == kTimestampHeaderField && name->empty();
      if (!optional && (!IsSignatureHeaderName(*name) || IsTakenHeader(*name))) {
        return Problem(field, "it is not the name of a header that can be set");
      }
      if (FindHeader(request_.headers, *name) != nullptr) {
        return Problem(field, fmt::format("the request has a header {} already", *name));
      }
    }
    return std::nullopt;
  }

  Text Message() const {
    if (!HasPart(signature_, SignaturePartKind::kRawBody)) {
      return Unsigned{Problem(kPartsField, "the body must be among what is signed")};
    }
    std::string message;
    bool first = true;
    for (const SignaturePart& part : signature_.parts) {
      const Text text = PartText(part);
      if (!text.ok()) return text.error();
      if (!first) message += signature_.joiner;
      message += text.value();
      first = false;
    }
    return message;
  }

  Text PartText(const SignaturePart& part) const {
    switch (part.kind) {
      case SignaturePartKind::kRawBody:
        return std::string(request_.body);
      case SignaturePartKind::kTimestamp:
        return timestamp_;
      case SignaturePartKind::kWebhookId:
        return std::string(request_.webhook_id);
      case SignaturePartKind::kHttpMethod:
        return std::string(request_.method);
      case SignaturePartKind::kRequestUrl:
        return std::string(request_.url);
      case SignaturePartKind::kLiteral:
        return part.value;
      case SignaturePartKind::kHeader:
        return HeaderText(part.value);
    }
    return std::string();
  }

  Text HeaderText(const std::string& name) const {
    if (base::EqualsIgnoringCase(name, signature_.timestamp_header_name)) return timestamp_;
    const std::string* const value = FindHeader(request_.headers, name);
    if (value == nullptr) {
      return Unsigned{
          Problem(kPartsField, IsSignatureHeaderName(name)
                                   ? fmt::format("the request has no header {} to be signed", name)
                                   : std::string("a part names no header"))};
    }
    return *value;
  }

  std::string Signatures(std::span<const base::Secret> secrets, std::string_view message) const {
    const signing::HmacScheme scheme{DigestOf(signature_.digest), EncodingOf(signature_.encoding),
                                     signature_.prefix};
    if (signature_.sign_with == model::SignWith::kNewest) secrets = secrets.first(1);
    std::string all;
    for (const base::Secret& secret : secrets) {
      if (!all.empty()) all += ',';
      all += signing::SignHmac(scheme, secret, message);
    }
    return all;
  }

  const Signature& signature_;
  const RequestToSign& request_;
  const std::string timestamp_;
};

}  // namespace

Headers SignRequest(const Signature& signature, std::span<const base::Secret> secrets,
                    const RequestToSign& request, base::WallTime now) {
  if (signature.mode == SignatureMode::kNone) return HttpHeaders{};
  const bool has_empty = std::any_of(secrets.begin(), secrets.end(),
                                     [](const base::Secret& secret) { return secret.empty(); });
  if (secrets.empty() || has_empty) {
    return Problem(kSecretsField, "there is no signing secret that is valid now");
  }
  if (signature.mode == SignatureMode::kStandardWebhooks) {
    return SignStandard(secrets, request, now);
  }
  return HmacSigner(signature, request, now).Sign(secrets);
}

}  // namespace webhook::delivery
