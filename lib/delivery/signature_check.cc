// SPDX-License-Identifier: LGPL-3.0-or-later
#include <fmt/format.h>

#include <utility>

#include "lib/base/ascii.h"
#include "lib/delivery/request_signature.h"
#include "lib/delivery/signature_header.h"
#include "lib/signing/standard_webhooks.h"

namespace webhook::delivery {
namespace {

using model::Signature;
using model::SignatureMode;
using model::SignaturePart;
using model::SignaturePartKind;

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
    if (!IsSignatureHeaderName(name)) {
      Add(field, "it is not the name of a header: letters, digits and hyphens");
    } else if (IsTakenHeader(name)) {
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
    if (rest.find(kSignaturesPlaceholder) == std::string::npos) {
      Add(kTemplateField, "it lacks {signatures}");
    }
    ReplaceAll(rest, kSignaturesPlaceholder, "-");
    ReplaceAll(rest, kTimestampPlaceholder, "-");
    if (rest.find_first_of("{}") != std::string::npos) {
      Add(kTemplateField, "it knows {signatures} and {timestamp} only");
    }
    if (!IsSignatureText(rest)) Add(kTemplateField, "it cannot stand in a header");
    if (!IsSignatureText("-" + signature_.prefix + "-")) {
      Add(kPrefixField, "it cannot stand in a header");
    }
  }

  void CheckParts() {
    if (!HasPart(signature_, SignaturePartKind::kRawBody)) {
      Add(kPartsField, "the body must be among what is signed");
    }
    for (const SignaturePart& part : signature_.parts) {
      if (part.kind != SignaturePartKind::kHeader) continue;
      if (!IsSignatureHeaderName(part.value)) {
        Add(kPartsField, "a part names no header");
      } else if (IsHeaderOfConnection(part.value) || IsOwn(part.value)) {
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
                      signature_.header_template.find(kTimestampPlaceholder) != std::string::npos;
    if (sent || !HasPart(signature_, SignaturePartKind::kTimestamp)) return;
    Add(kTimestampHeaderField,
        "the timestamp is signed but not sent: name a header, or put {timestamp} into the "
        "signature's");
  }

  const Signature& signature_;
  const std::span<const base::Secret> secrets_;
  std::vector<SignatureProblem> problems_;
};

}  // namespace

std::vector<SignatureProblem> CheckSignature(const Signature& signature,
                                             std::span<const base::Secret> secrets) {
  return Checks(signature, secrets).Run();
}

}  // namespace webhook::delivery
