// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/endpoint_credential.h"

#include <algorithm>
#include <optional>

#include "lib/base/base64.h"
#include "lib/base/http_header.h"
#include "lib/delivery/reserved_headers.h"
#include "lib/delivery/url_template.h"
#include "lib/rules/percent_encoding.h"

namespace webhook::delivery {
namespace {

using model::Auth;
using model::AuthMode;
using model::SecretPurpose;

constexpr std::size_t kHeaderNameBytesMax = 128;

bool IsOneLine(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7F;
  });
}

SecretPurpose PurposeOf(AuthMode mode) {
  switch (mode) {
    case AuthMode::kBearer:
      return SecretPurpose::kBearerToken;
    case AuthMode::kApiKey:
      return SecretPurpose::kApiKey;
    case AuthMode::kOauth2ClientCredentials:
      return SecretPurpose::kOauth2ClientSecret;
    case AuthMode::kNone:
    case AuthMode::kBasic:
      break;
  }
  return SecretPurpose::kBasicPassword;
}

// RFC 7617: a colon would end the name early.
void CheckUsername(const Auth& auth, EndpointFindings& findings) {
  if (auth.username.empty()) {
    findings.Problem("auth_username", "it is missing; enter the user's name");
  } else if (auth.username.find(':') != std::string::npos || !IsOneLine(auth.username)) {
    findings.Problem("auth_username", "it holds a colon or a control, which no user's name can");
  }
}

void CheckHeaderName(const Auth& auth, EndpointFindings& findings) {
  constexpr std::string_view kField = "auth_header_name";
  if (!base::IsHeaderName(auth.header_name) || auth.header_name.size() > kHeaderNameBytesMax) {
    findings.Problem(kField, "it is no name of a header; write one of letters, digits and dashes");
  } else if (!MaySetHeader(auth.header_name)) {
    findings.Problem(kField, "this header is the worker's own, or one that nobody may set");
  }
}

void CheckTokenUrl(const Auth& auth, EndpointFindings& findings) {
  constexpr std::string_view kField = "oauth2_token_url";
  const std::string_view url = auth.token_url;
  const std::size_t scheme = url.find("://");
  const std::size_t authority = scheme == std::string_view::npos ? 0 : scheme + 3;
  const std::size_t path = std::min(url.find_first_of("/?#", authority), url.size());
  if (auto problem = CheckOrigin(url.substr(0, path))) return findings.Problem(kField, *problem);
  const std::string_view rest = url.substr(path);
  if (rest.find_first_of("{}") != std::string_view::npos) {
    return findings.Problem(kField, "it holds a token; write the whole URL");
  }
  if (rest.empty()) return;
  if (auto problem = CheckPathTemplate(rest)) findings.Problem(kField, *problem);
}

void CheckOauth2(const Auth& auth, EndpointFindings& findings) {
  CheckTokenUrl(auth, findings);
  if (auth.client_id.empty()) {
    findings.Problem("oauth2_client_id", "it is missing; enter the id that the provider gave");
  }
}

void CheckSettings(const Auth& auth, EndpointFindings& findings) {
  switch (auth.mode) {
    case AuthMode::kBasic:
      return CheckUsername(auth, findings);
    case AuthMode::kApiKey:
      return CheckHeaderName(auth, findings);
    case AuthMode::kOauth2ClientCredentials:
      return CheckOauth2(auth, findings);
    case AuthMode::kNone:
    case AuthMode::kBearer:
      return;
  }
}

// Nothing, or what is wrong with the secret.
std::optional<std::string> CheckSecret(const Auth& auth, const base::Secret& secret) {
  const bool stands_in_header = auth.mode == AuthMode::kBearer || auth.mode == AuthMode::kApiKey;
  const bool fits =
      stands_in_header ? base::IsHeaderValue(secret.Reveal()) : IsOneLine(secret.Reveal());
  if (fits) return std::nullopt;
  return "it has a line break, a control or a blank around it; enter it again in one line";
}

}  // namespace

base::Secret OpenCredential(const model::Endpoint& endpoint, EndpointSecrets& secrets,
                            EndpointFindings& findings) {
  const Auth& auth = endpoint.auth;
  if (auth.mode == AuthMode::kNone) return {};
  CheckSettings(auth, findings);
  auto opened = secrets.Newest(PurposeOf(auth.mode), "auth_mode");
  if (!opened) return {};
  if (auto problem = CheckSecret(auth, opened->secret)) {
    findings.Problem(opened->place, *problem);
  }
  return std::move(opened->secret);
}

std::string CredentialHeader(const Auth& auth) {
  if (auth.mode == AuthMode::kNone) return {};
  return auth.mode == AuthMode::kApiKey ? auth.header_name : "Authorization";
}

base::Secret CredentialValue(const Auth& auth, const base::Secret& credential) {
  switch (auth.mode) {
    case AuthMode::kBasic:
      return base::Secret("Basic " + base::EncodeBase64(auth.username + ":" + credential.Reveal()));
    case AuthMode::kBearer:
      return base::Secret("Bearer " + credential.Reveal());
    case AuthMode::kApiKey:
      return credential;
    case AuthMode::kNone:
    case AuthMode::kOauth2ClientCredentials:
      break;
  }
  return {};
}

std::vector<base::Secret> CredentialTexts(const Auth& auth, const base::Secret& credential) {
  if (credential.empty()) return {};
  std::vector<base::Secret> texts = {credential};
  // Together with the name another base64, of which the secret's own is no part.
  if (auth.mode == AuthMode::kBasic) {
    texts.emplace_back(auth.username + ":" + credential.Reveal());
  }
  if (auth.mode == AuthMode::kOauth2ClientCredentials) {
    // RFC 6749, 2.3.1: both are encoded before they are put together.
    texts.emplace_back(rules::PercentEncoded(auth.client_id) + ":" +
                       rules::PercentEncoded(credential.Reveal()));
  }
  return texts;
}

}  // namespace webhook::delivery
