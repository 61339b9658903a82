// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/inbound/compiled_inbound.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "lib/base/http_header.h"
#include "lib/base/text.h"
#include "lib/delivery/endpoint_findings.h"
#include "lib/delivery/endpoint_secrets.h"
#include "lib/inbound/inbound_checks.h"

namespace webhook::inbound {
namespace {

using delivery::EndpointFindings;
using delivery::EndpointSecrets;
using delivery::FindingPlace;
using model::InboundAuthMode;
using model::SecretPurpose;
using model::VerificationMode;

constexpr std::string_view kEndpointModel = "bwt.webhook.inbound.endpoint";
constexpr std::size_t kShownBytesMax = 80;

std::optional<rules::Path> CompilePath(const std::string& text, const FindingPlace& place,
                                       EndpointFindings& findings) {
  auto path = rules::ParsePath(text);
  if (path.ok()) return std::move(path).value();
  findings.Problem(place, path.error());
  return std::nullopt;
}

void CompileSources(EndpointFindings& findings, CompiledInbound& compiled) {
  for (const model::ValueSource& source : compiled.endpoint.sources) {
    CompiledSource line{source, std::nullopt};
    if (source.kind == model::ValueSourceKind::kPayloadPath) {
      line.path = CompilePath(source.expression, PlaceOf(source, "payload_path"), findings);
    }
    compiled.sources.push_back(std::move(line));
  }
  std::stable_sort(compiled.sources.begin(), compiled.sources.end(),
                   [](const CompiledSource& left, const CompiledSource& right) {
                     return std::tie(left.source.key, left.source.tier) <
                            std::tie(right.source.key, right.source.tier);
                   });
}

void CompileParts(EndpointFindings& findings, CompiledInbound& compiled) {
  for (const model::VerifiedPart& part : compiled.endpoint.verification.parts) {
    CompiledPart line{part, std::nullopt};
    if (part.kind == model::VerifiedPartKind::kPayloadPath) {
      line.path = CompilePath(part.expression, PlaceOf(part, "payload_path"), findings);
    }
    compiled.parts.push_back(std::move(line));
  }
}

void CompileBindings(CompiledInbound& compiled) {
  for (const model::SemanticBinding& binding : compiled.endpoint.bindings) {
    compiled.bindings[binding.semantic] = binding.key;
  }
}

void CompileNetworks(EndpointFindings& findings, CompiledInbound& compiled) {
  for (const std::string& text : compiled.endpoint.allowed_networks) {
    if (auto network = Network::Parse(text)) {
      compiled.allowed_networks.push_back(*network);
    } else {
      findings.Problem("allowed_networks",
                       fmt::format("{} is no network; write 192.0.2.0/24, 2001:db8::/32 or an "
                                   "address, without bits behind the length",
                                   base::PrintableText(text, kShownBytesMax)));
    }
  }
}

SecretPurpose PurposeOf(InboundAuthMode mode) {
  switch (mode) {
    case InboundAuthMode::kBearer:
      return SecretPurpose::kBearerToken;
    case InboundAuthMode::kApiKey:
      return SecretPurpose::kApiKey;
    case InboundAuthMode::kNone:
    case InboundAuthMode::kBasic:
      break;
  }
  return SecretPurpose::kBasicPassword;
}

void CheckAuth(const model::InboundAuth& auth, EndpointFindings& findings) {
  if (auth.mode == InboundAuthMode::kApiKey && !base::IsHeaderName(auth.header_name)) {
    findings.Problem("authentication_header_name",
                     "it is no name of a header; write one of letters, digits and dashes");
  }
  if (auth.mode == InboundAuthMode::kBasic &&
      (auth.username.empty() || auth.username.find(':') != std::string::npos)) {
    findings.Problem("authentication_username", "it is missing, or holds a colon, which none can");
  }
}

void CompileAuth(EndpointSecrets& secrets, EndpointFindings& findings, CompiledInbound& compiled) {
  const model::InboundAuth& auth = compiled.endpoint.auth;
  if (auth.mode == InboundAuthMode::kNone) return;
  CheckAuth(auth, findings);
  auto opened = secrets.Newest(PurposeOf(auth.mode), "authentication_mode");
  if (!opened) return;
  compiled.credential = std::move(opened->secret);
  compiled.credential_expires_at = opened->expires_at;
}

// Events go on without it: the sender asks once.
void CompileChallenge(EndpointSecrets& secrets, EndpointFindings& findings,
                      CompiledInbound& compiled) {
  if (compiled.endpoint.challenge != model::Challenge::kMetaHub) return;
  if (!secrets.Has(SecretPurpose::kChallengeToken)) {
    findings.Error(findings.Field("challenge"),
                   "the challenge token is missing; add it to the endpoint's secrets");
    return;
  }
  auto opened = secrets.Newest(SecretPurpose::kChallengeToken, "challenge");
  if (opened) compiled.challenge_token = std::move(opened->secret);
}

void AddSecret(const delivery::OpenedSecret& opened, std::size_t number, EndpointFindings& findings,
               CompiledInbound& compiled) {
  VerifyingSecret secret{opened.secret, std::nullopt, opened.expires_at};
  if (opened.secret.empty()) {
    findings.Problem("secret_ids",
                     fmt::format("signing secret {} is empty; enter it again", number));
  } else if (compiled.endpoint.verification.mode == VerificationMode::kStandardWebhooks) {
    secret.verifying_key = signing::ParseVerifyingKey(opened.secret);
    if (!secret.verifying_key) {
      findings.Problem("secret_ids",
                       fmt::format("signing secret {} is neither whsec_ with base64 nor whpk_ with "
                                   "the base64 of an Ed25519 public key",
                                   number));
    }
  }
  compiled.signing_secrets.push_back(std::move(secret));
}

void CompileSigning(EndpointSecrets& secrets, EndpointFindings& findings,
                    CompiledInbound& compiled) {
  if (compiled.endpoint.verification.mode == VerificationMode::kNone) return;
  if (!secrets.Has(SecretPurpose::kSigning)) {
    findings.Problem("signature_verification_mode",
                     "the signing secret is missing; add it to the endpoint's secrets");
    return;
  }
  const auto opened = secrets.Signing();
  if (!opened) return;
  std::size_t number = 0;
  for (const delivery::OpenedSecret& secret : *opened) {
    AddSecret(secret, ++number, findings, compiled);
  }
}

}  // namespace

CompiledInbound CompileInbound(const model::InboundEndpoint& endpoint,
                               delivery::SecretOpener& opener, base::WallTime now) {
  CompiledInbound compiled;
  compiled.endpoint = endpoint;
  EndpointFindings findings(kEndpointModel, endpoint.id);
  EndpointSecrets secrets(compiled.endpoint.secrets, opener, now, findings);
  CompileSources(findings, compiled);
  CompileBindings(compiled);
  CompileParts(findings, compiled);
  CompileNetworks(findings, compiled);
  CompileAuth(secrets, findings, compiled);
  CompileSigning(secrets, findings, compiled);
  CompileChallenge(secrets, findings, compiled);
  CheckInbound(compiled, findings);
  compiled.problem = findings.problem().empty() ? findings.not_here() : findings.problem();
  compiled.findings = findings.Take();
  return compiled;
}

const CompiledInbound* GatewayBook::Find(std::string_view path) const {
  const auto found = by_path.find(path);
  return found == by_path.end() ? nullptr : &found->second;
}

const CompiledInbound* GatewayBook::Find(model::RecordId endpoint_id) const {
  const auto found = path_of.find(endpoint_id);
  return found == path_of.end() ? nullptr : Find(std::string_view(found->second));
}

CompiledGateway CompileGateway(const model::Configuration& configuration,
                               delivery::SecretOpener& secrets, base::WallTime now) {
  auto book = std::make_shared<GatewayBook>();
  book->revision = configuration.revision;
  CompiledGateway compiled;
  for (const auto& [id, endpoint] : configuration.inbound_endpoints) {
    CompiledInbound one = CompileInbound(endpoint, secrets, now);
    compiled.findings.insert(compiled.findings.end(), one.findings.begin(), one.findings.end());
    if (!endpoint.active) continue;
    book->path_of[id] = endpoint.path;
    book->by_path.insert_or_assign(endpoint.path, std::move(one));
  }
  compiled.book = std::move(book);
  return compiled;
}

}  // namespace webhook::inbound
