// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/compiled_endpoint.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <utility>

#include "lib/base/ascii.h"
#include "lib/base/http_header.h"
#include "lib/delivery/endpoint_credential.h"
#include "lib/delivery/endpoint_findings.h"
#include "lib/delivery/endpoint_secrets.h"
#include "lib/delivery/request_signature.h"
#include "lib/delivery/shape_rules.h"
#include "lib/delivery/url_template.h"
#include "lib/signing/certificate.h"
#include "lib/signing/hash.h"

namespace webhook::delivery {
namespace {

constexpr std::string_view kEndpointModel = "bwt.webhook.outbound.endpoint";

// What is no URL stops its deliveries. A refused address is told here, too, but each delivery is
// judged where it is dialled: what is allowed differs from worker to worker.
void CheckUrl(const std::string& url, const char* field, const HttpTransport* transport,
              EndpointFindings& findings) {
  if (transport == nullptr) return;
  const auto refused = transport->WhyRefused(url);
  if (!refused) return;
  if (refused->kind == TransportErrorKind::kAddressRefused) {
    findings.Error(findings.Field(field), refused->detail);
  } else {
    findings.Problem(field, refused->detail);
  }
}

void CheckTarget(const model::Endpoint& endpoint, const HttpTransport* transport,
                 EndpointFindings& findings) {
  if (auto problem = CheckOrigin(endpoint.target_hostname)) {
    findings.Problem("target_hostname", *problem);
  } else {
    CheckUrl(endpoint.target_hostname + "/", "target_hostname", transport, findings);
  }
  if (auto problem = CheckPathTemplate(endpoint.target_path)) {
    findings.Problem("target_path", *problem);
  }
}

void CheckContentType(const model::Endpoint& endpoint, EndpointFindings& findings) {
  const std::string& type = endpoint.content_type;
  if (type.empty()) return;
  const std::string_view media = std::string_view(type).substr(0, type.find(';'));
  if (base::IsHeaderValue(type) && media.find('/') != std::string_view::npos) return;
  findings.Problem("content_type", "it is no content type; write one like text/xml; charset=utf-8");
}

// What waits is sent by the statuses' own meaning meanwhile.
StatusSet Statuses(const std::string& text, std::string_view name, EndpointFindings& findings) {
  auto set = ParseStatusSet(text);
  if (set.ok()) return std::move(set).value();
  findings.Error(findings.Field("retry_policy_id"), fmt::format("{}: {}", name, set.error()));
  return {};
}

void CompilePolicy(const model::RetryPolicy* policy, EndpointFindings& findings,
                   CompiledEndpoint& compiled) {
  if (policy == nullptr) {
    findings.Error(findings.Field("retry_policy_id"), "it is missing; choose a retry policy");
    return;
  }
  compiled.retry_statuses = Statuses(policy->retry_statuses, "its retried statuses", findings);
  compiled.final_statuses = Statuses(policy->final_statuses, "its final statuses", findings);
}

void CompileSignature(const model::Endpoint& endpoint, EndpointSecrets& secrets,
                      EndpointFindings& findings, CompiledEndpoint& compiled) {
  if (endpoint.signature.mode == model::SignatureMode::kNone) return;
  auto opened = secrets.Signing();
  if (!opened) return;
  compiled.signing_secrets = *std::move(opened);
  std::vector<base::Secret> bare;
  for (const OpenedSecret& secret : compiled.signing_secrets) bare.push_back(secret.secret);
  for (const SignatureProblem& problem : CheckSignature(endpoint.signature, bare)) {
    findings.Problem(problem.field, problem.message);
  }
}

// The same certificates and key, and nothing else, give the same id. It holds no secret.
std::string IdentityId(const TlsIdentity& identity) {
  std::string all;
  for (const std::string_view text :
       {std::string_view(identity.certificate_pem), std::string_view(identity.key_pem.Reveal()),
        std::string_view(identity.ca_pem)}) {
    all += fmt::format("{},", text.size());
    all += text;
  }
  const std::string id = signing::EncodeHex(signing::HashBytes(signing::Digest::kSha256, all));
  base::Secret::Wipe(all);
  return id;
}

void CompileTls(const model::Endpoint& endpoint, EndpointSecrets& secrets, base::WallTime now,
                EndpointFindings& findings, CompiledEndpoint& compiled) {
  TlsIdentity identity;
  if (!endpoint.tls.ca_certificate_pem.empty()) {
    identity.ca_pem = endpoint.tls.ca_certificate_pem;
    if (auto problem = signing::CheckAuthorities(identity.ca_pem, now)) {
      findings.Problem("ca_certificate_pem", *problem);
    }
  }
  if (!endpoint.tls.client_certificate_pem.empty()) {
    identity.certificate_pem = endpoint.tls.client_certificate_pem;
    auto key = secrets.Newest(model::SecretPurpose::kClientKey, "client_certificate_pem");
    if (!key) return;
    identity.key_pem = std::move(key->secret);
    if (auto problem =
            signing::CheckClientCertificate(identity.certificate_pem, identity.key_pem, now)) {
      findings.Problem("client_certificate_pem", *problem);
    }
  }
  if (identity.certificate_pem.empty() && identity.ca_pem.empty()) return;
  identity.id = IdentityId(identity);
  compiled.tls = std::make_shared<const TlsIdentity>(std::move(identity));
}

// What the endpoint's own settings replace.
void WarnOfIdleHeaderRules(const model::Endpoint& endpoint, EndpointFindings& findings) {
  const std::string credential = CredentialHeader(endpoint.auth);
  if (credential.empty()) return;
  for (const model::ShapeRule& rule : endpoint.header_rules) {
    if (!base::EqualsIgnoringCase(rule.target, credential)) continue;
    findings.Warning(findings.Field("header_rule_ids"),
                     fmt::format("the rule for the header {} has no effect: the endpoint's "
                                 "authentication sets it; remove the rule",
                                 credential));
  }
}

// Both would be written, and the credential would win.
void CheckHeadersDiffer(const model::Endpoint& endpoint, EndpointFindings& findings) {
  if (endpoint.signature.mode != model::SignatureMode::kHmac) return;
  const std::string credential = CredentialHeader(endpoint.auth);
  if (credential.empty()) return;
  for (const std::string& name :
       {endpoint.signature.header_name, endpoint.signature.timestamp_header_name}) {
    if (!base::EqualsIgnoringCase(name, credential)) continue;
    findings.Problem("auth_header_name",
                     fmt::format("the signature uses the header {} too; name another one", name));
  }
}

Redactor MakeRedactor(const model::Endpoint& endpoint, const CompiledEndpoint& compiled) {
  std::vector<base::Secret> secrets = CredentialTexts(endpoint.auth, compiled.credential);
  for (const OpenedSecret& secret : compiled.signing_secrets) secrets.push_back(secret.secret);
  if (compiled.tls && !compiled.tls->key_pem.empty()) secrets.push_back(compiled.tls->key_pem);
  std::vector<std::string> headers;
  const std::string credential = CredentialHeader(endpoint.auth);
  if (!credential.empty()) headers.push_back(credential);
  return Redactor(std::move(secrets), std::move(headers));
}

}  // namespace

CompiledEndpoint CompileEndpoint(const model::Endpoint& endpoint, const model::RetryPolicy* policy,
                                 SecretOpener& opener, base::WallTime now,
                                 const HttpTransport* transport) {
  CompiledEndpoint compiled;
  compiled.endpoint_id = endpoint.id;
  EndpointFindings findings(kEndpointModel, endpoint.id);
  EndpointSecrets secrets(endpoint.secrets, opener, now, findings);
  CheckTarget(endpoint, transport, findings);
  const bool asks_for_tokens = endpoint.auth.mode == model::AuthMode::kOauth2ClientCredentials;
  if (asks_for_tokens && findings.problem().empty()) {
    CheckUrl(endpoint.auth.token_url, "oauth2_token_url", transport, findings);
  }
  CheckContentType(endpoint, findings);
  CompilePolicy(policy, findings, compiled);
  compiled.credential = OpenCredential(endpoint, secrets, findings);
  CompileSignature(endpoint, secrets, findings, compiled);
  CompileTls(endpoint, secrets, now, findings, compiled);
  CompileShapeRules(endpoint, findings, compiled);
  WarnOfIdleHeaderRules(endpoint, findings);
  CheckHeadersDiffer(endpoint, findings);
  compiled.redactor = MakeRedactor(endpoint, compiled);
  compiled.problem = findings.problem();
  compiled.not_here = findings.not_here();
  compiled.findings = findings.Take();
  return compiled;
}

}  // namespace webhook::delivery
