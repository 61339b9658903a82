// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/request_signature.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "lib/base/ascii.h"
#include "lib/signing/hmac.h"
#include "lib/signing/standard_webhooks.h"

namespace webhook::delivery {
namespace {

using model::Signature;
using model::SignatureMode;
using model::SignaturePart;
using model::SignaturePartKind;
using signing::SigningKey;

constexpr std::string_view kSignatures = "{signatures}";
constexpr std::string_view kTimestamp = "{timestamp}";
constexpr std::size_t kHeaderNameBytesMax = 128;

constexpr std::string_view kSecretsField = "secret_ids";
constexpr std::string_view kHeaderNameField = "signature_header_name";
constexpr std::string_view kTemplateField = "signature_header_template";
constexpr std::string_view kTimestampHeaderField = "signature_timestamp_header_name";
constexpr std::string_view kPrefixField = "signature_prefix";
constexpr std::string_view kPartsField = "signature_part_ids";

// A signature would replace what the message, its framing or its connection needs.
constexpr std::array<std::string_view, 20> kReservedHeaders = {"accept-encoding",
                                                               "connection",
                                                               "content-encoding",
                                                               "content-length",
                                                               "content-type",
                                                               "cookie",
                                                               "expect",
                                                               "host",
                                                               "idempotency-key",
                                                               "keep-alive",
                                                               "proxy-authorization",
                                                               "proxy-connection",
                                                               "te",
                                                               "trailer",
                                                               "transfer-encoding",
                                                               "upgrade",
                                                               "user-agent",
                                                               "webhook-id",
                                                               "webhook-signature",
                                                               "webhook-timestamp"};

// Written by the connection, later than the signature.
constexpr std::array<std::string_view, 5> kHeadersOfConnection = {
    "connection", "content-length", "host", "keep-alive", "transfer-encoding"};

template <std::size_t Size>
bool IsAmong(const std::array<std::string_view, Size>& names, std::string_view name) {
  return std::any_of(names.begin(), names.end(), [name](std::string_view known) {
    return base::EqualsIgnoringCase(known, name);
  });
}

bool IsTokenCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool IsHeaderName(std::string_view name) {
  return !name.empty() && name.size() <= kHeaderNameBytesMax &&
         std::all_of(name.begin(), name.end(), IsTokenCharacter);
}

bool IsHeaderValue(std::string_view value) {
  return std::all_of(value.begin(), value.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
}

void ReplaceAll(std::string& text, std::string_view what, std::string_view with) {
  for (std::size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
}

bool Signs(const Signature& signature, SignaturePartKind kind) {
  return std::any_of(signature.parts.begin(), signature.parts.end(),
                     [kind](const SignaturePart& part) { return part.kind == kind; });
}

class Checks {
 public:
  Checks(const Signature& signature, std::span<const base::Secret> secrets)
      : signature_(signature), secrets_(secrets) {}

  std::vector<SignatureProblem> Run() {
    if (signature_.mode == SignatureMode::kNone) return {};
    CheckSecrets();
    if (signature_.mode == SignatureMode::kHmac) {
      CheckHeaderName(kHeaderNameField, signature_.header_name);
      CheckTimestampHeader();
      CheckTemplate();
      CheckParts();
      CheckTimestampIsSent();
    }
    return std::move(problems_);
  }

 private:
  void Add(std::string_view field, std::string message) {
    problems_.push_back({std::string(field), std::move(message)});
  }

  void CheckSecrets() {
    if (secrets_.empty()) Add(kSecretsField, "there is no signing secret that is valid now");
    std::size_t number = 0;
    for (const base::Secret& secret : secrets_) CheckSecret(secret, ++number);
  }

  void CheckSecret(const base::Secret& secret, std::size_t number) {
    if (secret.empty()) {
      Add(kSecretsField, fmt::format("signing secret {} is empty", number));
    } else if (signature_.mode == SignatureMode::kStandardWebhooks &&
               !signing::ParseSigningKey(secret)) {
      Add(kSecretsField,
          fmt::format("signing secret {} is neither whsec_ with base64 (HMAC) nor whsk_ with the "
                      "base64 of an Ed25519 key of 32 or 64 bytes",
                      number));
    }
  }

  void CheckHeaderName(std::string_view field, const std::string& name) {
    if (!IsHeaderName(name)) {
      Add(field, "it is not the name of a header: letters, digits and hyphens");
    } else if (IsAmong(kReservedHeaders, name)) {
      Add(field, fmt::format("the header {} has a meaning of its own", name));
    }
  }

  void CheckTimestampHeader() {
    if (signature_.timestamp_header_name.empty()) return;
    CheckHeaderName(kTimestampHeaderField, signature_.timestamp_header_name);
    if (base::EqualsIgnoringCase(signature_.timestamp_header_name, signature_.header_name)) {
      Add(kTimestampHeaderField, "it is the header of the signature");
    }
  }

  void CheckTemplate() {
    std::string rest = signature_.header_template;
    if (rest.find(kSignatures) == std::string::npos) {
      Add(kTemplateField, "it lacks {signatures}");
    }
    ReplaceAll(rest, kSignatures, "");
    ReplaceAll(rest, kTimestamp, "");
    if (rest.find_first_of("{}") != std::string::npos) {
      Add(kTemplateField, "it knows {signatures} and {timestamp} only");
    }
    if (!IsHeaderValue(rest)) Add(kTemplateField, "it holds characters that no header can");
    if (!IsHeaderValue(signature_.prefix)) {
      Add(kPrefixField, "it holds characters that no header can");
    }
  }

  void CheckParts() {
    if (!Signs(signature_, SignaturePartKind::kRawBody)) {
      Add(kPartsField, "the body must be among what is signed");
    }
    for (const SignaturePart& part : signature_.parts) {
      if (part.kind != SignaturePartKind::kHeader) continue;
      if (!IsHeaderName(part.value)) {
        Add(kPartsField, "a part names no header");
      } else if (IsAmong(kHeadersOfConnection, part.value) || IsOwn(part.value)) {
        Add(kPartsField, fmt::format("the header {} is written after the signature", part.value));
      }
    }
  }

  bool IsOwn(std::string_view name) const {
    return base::EqualsIgnoringCase(name, signature_.header_name);
  }

  // In Unix seconds it is in webhook-timestamp anyway.
  void CheckTimestampIsSent() {
    const bool sent = signature_.timestamp_format == model::TimestampFormat::kUnix ||
                      !signature_.timestamp_header_name.empty() ||
                      signature_.header_template.find(kTimestamp) != std::string::npos;
    if (sent || !Signs(signature_, SignaturePartKind::kTimestamp)) return;
    Add(kTimestampHeaderField,
        "the timestamp is signed but not sent: name a header, or put {timestamp} into the "
        "signature's");
  }

  const Signature& signature_;
  const std::span<const base::Secret> secrets_;
  std::vector<SignatureProblem> problems_;
};

using Headers = base::Result<HttpHeaders, std::string>;
using Text = base::Result<std::string, std::string>;

std::string Problem(std::string_view field, std::string_view message) {
  return fmt::format("{}: {}", field, message);
}

const std::string* FindHeader(const HttpHeaders& headers, std::string_view name) {
  for (const auto& [known, value] : headers) {
    if (base::EqualsIgnoringCase(known, name)) return &value;
  }
  return nullptr;
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

signing::Digest DigestOf(model::SignatureDigest digest) {
  switch (digest) {
    case model::SignatureDigest::kSha1:
      return signing::Digest::kSha1;
    case model::SignatureDigest::kSha256:
      return signing::Digest::kSha256;
    case model::SignatureDigest::kSha512:
      return signing::Digest::kSha512;
  }
  return signing::Digest::kSha256;
}

signing::Encoding EncodingOf(model::SignatureEncoding encoding) {
  return encoding == model::SignatureEncoding::kBase64 ? signing::Encoding::kBase64
                                                       : signing::Encoding::kHex;
}

// 2026-11-24T10:00:00Z
std::string Iso8601(base::WallTime now) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now);
  const auto day = std::chrono::floor<std::chrono::days>(seconds);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(seconds - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     time.hours().count(), time.minutes().count(), time.seconds().count());
}

std::string TimestampText(model::TimestampFormat format, base::WallTime now) {
  switch (format) {
    case model::TimestampFormat::kUnix:
      return std::to_string(UnixSeconds(now));
    case model::TimestampFormat::kUnixMs:
      return std::to_string(base::ToUnixMs(now));
    case model::TimestampFormat::kIso8601:
      return Iso8601(now);
  }
  return {};
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
    if (!message.ok()) return message.error();
    std::string value = signature_.header_template;
    ReplaceAll(value, kTimestamp, timestamp_);  // first: a prefix may look like a placeholder
    ReplaceAll(value, kSignatures, Signatures(secrets, message.value()));
    if (!IsHeaderValue(value)) {
      return Problem(kTemplateField, "the header holds characters that no header can");
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
      if (!optional && (!IsHeaderName(*name) || IsAmong(kReservedHeaders, *name))) {
        return Problem(field, "it is not the name of a header that can be set");
      }
      if (FindHeader(request_.headers, *name) != nullptr) {
        return Problem(field, fmt::format("the request has a header {} already", *name));
      }
    }
    return std::nullopt;
  }

  Text Message() const {
    if (!Signs(signature_, SignaturePartKind::kRawBody)) {
      return Problem(kPartsField, "the body must be among what is signed");
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
      return Problem(kPartsField,
                     IsHeaderName(name)
                         ? fmt::format("the request has no header {} to be signed", name)
                         : std::string("a part names no header"));
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

std::vector<SignatureProblem> CheckSignature(const Signature& signature,
                                             std::span<const base::Secret> secrets) {
  return Checks(signature, secrets).Run();
}

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
