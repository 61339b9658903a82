// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/rules/credential_source.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "lib/base/ascii.h"
#include "lib/rules/template_readings.h"

namespace webhook::rules {
namespace {

constexpr std::array<std::string_view, 9> kWords{"authorization", "cookie",  "signature",
                                                 "token",         "api-key", "api_key",
                                                 "apikey",        "secret",  "password"};

bool HasWord(std::string_view lower) {
  return std::ranges::any_of(
      kWords, [&](std::string_view word) { return lower.find(word) != std::string_view::npos; });
}

// The name stands there and nothing of it is picked: all of it is read.
bool ReadsWhole(std::string_view lower, std::string_view name) {
  for (std::size_t at = lower.find(name); at != std::string_view::npos;
       at = lower.find(name, at + 1)) {
    const std::size_t end = at + name.size();
    if (end == lower.size() || (lower[end] != '.' && lower[end] != '[')) return true;
    if (lower.substr(end).starts_with("[*]")) return true;
  }
  return false;
}

}  // namespace

bool CarriesCredential(const model::Source& source) {
  const std::string lower = base::AsciiLower(source.expression);
  switch (source.kind) {
    case model::SourceKind::kHeader:
    case model::SourceKind::kQueryParameter:
    case model::SourceKind::kResponseHeader:
      return HasWord(lower);
    case model::SourceKind::kRequestField:
      return HasWord(lower) || lower.empty() || lower == "$" || ReadsWhole(lower, "headers");
    case model::SourceKind::kTemplate:
      return std::ranges::any_of(ReadingsOf(source), [](const Reading& reading) {
        return CarriesCredential({reading.kind, reading.expression, "", false});
      });
    case model::SourceKind::kPayloadPath:
    case model::SourceKind::kResolvedValue:
    case model::SourceKind::kSemanticField:
    case model::SourceKind::kEventField:
    case model::SourceKind::kDeliveryField:
    case model::SourceKind::kEndpointField:
    case model::SourceKind::kCompanyField:
    case model::SourceKind::kPartnerField:
    case model::SourceKind::kRecordField:
    case model::SourceKind::kContextKey:
    case model::SourceKind::kResponseStatus:
    case model::SourceKind::kResponseBody:
    case model::SourceKind::kItemPath:
    case model::SourceKind::kLiteral:
      return false;
  }
  return false;
}

std::string ShownReadError(const model::Source& source, const std::string& error) {
  if (!CarriesCredential(source)) return error;
  return "it could not be read; why is not shown, as its value may be a credential";
}

}  // namespace webhook::rules
