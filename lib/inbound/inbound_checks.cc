// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/inbound/inbound_checks.h"

#include <fmt/format.h>

#include <algorithm>

#include "lib/base/http_header.h"
#include "lib/base/text.h"
#include "lib/inbound/credential_headers.h"
#include "lib/inbound/signed_timestamp.h"

namespace webhook::inbound {
namespace {

using delivery::FindingPlace;
using model::ValueSourceKind;
using model::VerificationMode;
using model::VerifiedPartKind;

constexpr std::size_t kShownBytesMax = 80;

FindingPlace BindingPlace(const model::SemanticBinding& binding) {
  return {"bwt.webhook.inbound.endpoint.semantic.binding", binding.id, "value_key",
          fmt::format("binding of {}", binding.semantic)};
}

class Checks {
 public:
  Checks(const CompiledInbound& compiled, delivery::EndpointFindings& findings)
      : compiled_(compiled), endpoint_(compiled.endpoint), findings_(findings) {}

  void Run() {
    for (const model::ValueSource& source : endpoint_.sources) CheckSource(source);
    for (const model::SemanticBinding& binding : endpoint_.bindings) CheckBinding(binding);
    CheckPolicies();
    if (endpoint_.verification.mode == VerificationMode::kHmac) CheckHmac();
    if (endpoint_.verification.mode == VerificationMode::kNone &&
        endpoint_.auth.mode == model::InboundAuthMode::kNone) {
      findings_.Warning(findings_.Field("signature_verification_mode"),
                        "requests are neither signed nor authenticated: whoever knows the address "
                        "can send events");
    }
  }

 private:
  void CheckSource(const model::ValueSource& source) {
    const bool reads_parameter = source.kind == ValueSourceKind::kHeaderParam;
    if (source.kind == ValueSourceKind::kHeader || reads_parameter) {
      CheckHeaderName(source.expression, PlaceOf(source, "header_name"));
      if (IsCredentialHeader(endpoint_, source.expression) && !source.hash) {
        findings_.Warning(PlaceOf(source, "header_name"),
                          "this header holds a credential: its value is kept as ***");
      }
    }
    if (reads_parameter && source.parameter.empty()) {
      findings_.Error(PlaceOf(source, "header_param_name"),
                      "it is missing; write the parameter's name, like t");
    }
    if (source.kind == ValueSourceKind::kQueryParameter && source.expression.empty()) {
      findings_.Error(PlaceOf(source, "query_parameter_name"),
                      "it is missing; write the parameter's name");
    }
  }

  void CheckHeaderName(const std::string& name, const FindingPlace& place) {
    if (base::IsHeaderName(name)) return;
    findings_.Error(place, "it is no name of a header; write one of letters, digits and dashes");
  }

  bool HasSource(std::string_view key) const {
    return std::any_of(endpoint_.sources.begin(), endpoint_.sources.end(),
                       [&](const model::ValueSource& source) { return source.key == key; });
  }

  void CheckBinding(const model::SemanticBinding& binding) {
    if (HasSource(binding.key)) return;
    findings_.Error(BindingPlace(binding),
                    fmt::format("no source gives the key {}; add one, or bind another key",
                                base::PrintableText(binding.key, kShownBytesMax)));
  }

  // Bound to a key that a source gives.
  bool IsResolvable(std::string_view semantic) const {
    const auto bound = compiled_.bindings.find(semantic);
    return bound != compiled_.bindings.end() && HasSource(bound->second);
  }

  void Require(std::string_view field, std::string_view semantic) {
    if (IsResolvable(semantic)) return;
    findings_.Problem(field, fmt::format("nothing gives {}: add a source, and bind {} to its key",
                                         semantic, semantic));
  }

  void CheckPolicies() {
    constexpr std::string_view kDelivery = "delivery_identity_policy";
    constexpr std::string_view kReplay = "replay_identity_policy";
    if (endpoint_.delivery_identity == model::DeliveryIdentity::kDeliveryId) {
      Require(kDelivery, "delivery_id");
    }
    if (endpoint_.delivery_identity == model::DeliveryIdentity::kIdempotencyKey) {
      Require(kDelivery, "idempotency_key");
    }
    if (endpoint_.replay_identity == model::ReplayIdentity::kEventId) Require(kReplay, "event_id");
    if (endpoint_.replay_identity == model::ReplayIdentity::kIdempotencyKey) {
      Require(kReplay, "idempotency_key");
    }
  }

  void CheckHmac() {
    Require("signature_verification_mode", "signature");
    for (const model::VerifiedPart& part : endpoint_.verification.parts) CheckPart(part);
    CheckBodyIsSigned();
    CheckTimestamp();
  }

  void CheckPart(const model::VerifiedPart& part) {
    const bool reads_parameter = part.kind == VerifiedPartKind::kHeaderParam;
    if (part.kind == VerifiedPartKind::kHeader || reads_parameter) {
      CheckHeaderName(part.expression, PlaceOf(part, "header_name"));
    }
    if (reads_parameter && part.parameter.empty()) {
      findings_.Error(PlaceOf(part, "header_param_name"),
                      "it is missing; write the parameter's name, like t");
    }
    const bool can_be_missing = part.kind == VerifiedPartKind::kHeader || reads_parameter ||
                                part.kind == VerifiedPartKind::kPayloadPath;
    if (can_be_missing && !part.required) {
      findings_.Warning(PlaceOf(part, "required"),
                        "the part is not required: without it its text may stand elsewhere, and "
                        "the signature is the same; mark it as required");
    }
  }

  void CheckBodyIsSigned() {
    const auto& parts = endpoint_.verification.parts;
    const bool is_signed =
        parts.empty() || std::any_of(parts.begin(), parts.end(), [](const auto& part) {
          return part.kind == VerifiedPartKind::kRawBody ||
                 part.kind == VerifiedPartKind::kSortedFormFields;
        });
    if (is_signed) return;
    findings_.Warning(findings_.Field("signature_part_ids"),
                      "the body is not among what is signed: it can be altered on its way");
  }

  void CheckTimestamp() {
    const model::Verification& verification = endpoint_.verification;
    const bool has_limit =
        verification.age_max.count() > 0 || verification.future_skew_max.count() > 0;
    if (!has_limit) return;
    if (!IsResolvable("signature_timestamp")) {
      findings_.Error(findings_.Field("signature_max_age_seconds"),
                      "no age can be checked: bind signature_timestamp to the key of a source, or "
                      "set both limits to 0");
    } else if (!IsTimestampSigned(compiled_)) {
      findings_.Error(findings_.Field("signature_part_ids"),
                      "the timestamp is not signed: anybody can make an old request new; add the "
                      "part that the timestamp comes from");
    }
  }

  const CompiledInbound& compiled_;
  const model::InboundEndpoint& endpoint_;
  delivery::EndpointFindings& findings_;
};

}  // namespace

FindingPlace PlaceOf(const model::ValueSource& source, std::string_view field) {
  return {
      "bwt.webhook.inbound.endpoint.source", source.id, std::string(field),
      fmt::format("source {} ({})", source.id, base::PrintableText(source.key, kShownBytesMax))};
}

FindingPlace PlaceOf(const model::VerifiedPart& part, std::string_view field) {
  return {"bwt.webhook.inbound.endpoint.signature.part", part.id, std::string(field),
          fmt::format("signature part {}", part.id)};
}

void CheckInbound(const CompiledInbound& endpoint, delivery::EndpointFindings& findings) {
  Checks(endpoint, findings).Run();
}

}  // namespace webhook::inbound
