// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/inbound/authenticate.h"

#include <algorithm>
#include <optional>

#include "lib/base/ascii.h"
#include "lib/base/base64.h"
#include "lib/signing/hash.h"

namespace webhook::inbound {
namespace {

// What follows the scheme and its blanks in `Authorization`.
std::optional<std::string_view> Credentials(const Request& request, std::string_view scheme) {
  const std::string_view header = request.Header("authorization").value_or("");
  const std::size_t end = std::min(header.find(' '), header.size());
  if (!base::EqualsIgnoringCase(header.substr(0, end), scheme)) return std::nullopt;
  const std::size_t start = header.find_first_not_of(' ', end);
  if (start == std::string_view::npos) return std::nullopt;
  return header.substr(start);
}

bool IsBasic(const CompiledInbound& endpoint, const Request& request) {
  const auto given = Credentials(request, "Basic");
  auto decoded = given ? base::DecodeBase64(*given) : std::nullopt;
  if (!decoded || endpoint.credential.empty()) return false;
  const base::Secret expected(endpoint.endpoint.auth.username + ":" + endpoint.credential.Reveal());
  const bool is_right = IsSecret(*decoded, expected);
  base::Secret::Wipe(*decoded);
  return is_right;
}

}  // namespace

bool IsSecret(std::string_view given, const base::Secret& secret) {
  if (secret.empty()) return false;
  return signing::EqualInConstantTime(
      signing::HashBytes(signing::Digest::kSha256, given),
      signing::HashBytes(signing::Digest::kSha256, secret.Reveal()));
}

bool IsAuthentic(const CompiledInbound& endpoint, const Request& request) {
  switch (endpoint.endpoint.auth.mode) {
    case model::InboundAuthMode::kNone:
      return true;
    case model::InboundAuthMode::kBasic:
      return IsBasic(endpoint, request);
    case model::InboundAuthMode::kBearer:
      return IsSecret(Credentials(request, "Bearer").value_or(""), endpoint.credential);
    case model::InboundAuthMode::kApiKey:
      return IsSecret(request.Header(endpoint.endpoint.auth.header_name).value_or(""),
                      endpoint.credential);
  }
  return false;
}

}  // namespace webhook::inbound
