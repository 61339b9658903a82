// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/inbound/signed_timestamp.h"

#include <algorithm>

#include "lib/base/ascii.h"

namespace webhook::inbound {
namespace {

using model::ValueSource;
using model::ValueSourceKind;
using model::VerifiedPart;
using model::VerifiedPartKind;

bool HoldsHeader(const VerifiedPart& part, const ValueSource& source) {
  return part.kind == VerifiedPartKind::kHeader &&
         base::EqualsIgnoringCase(part.expression, source.expression);
}

bool HoldsParameter(const VerifiedPart& part, const ValueSource& source) {
  return part.kind == VerifiedPartKind::kHeaderParam &&
         base::EqualsIgnoringCase(part.expression, source.expression) &&
         base::EqualsIgnoringCase(part.parameter, source.parameter);
}

bool HoldsPayload(const CompiledPart& part, const CompiledSource& source) {
  return part.part.kind == VerifiedPartKind::kRawBody ||
         part.part.kind == VerifiedPartKind::kSortedFormFields ||
         (part.part.kind == VerifiedPartKind::kPayloadPath && part.path == source.path);
}

bool Holds(const CompiledPart& compiled, const CompiledSource& line) {
  const VerifiedPart& part = compiled.part;
  const ValueSource& source = line.source;
  switch (source.kind) {
    case ValueSourceKind::kHeader:
      return HoldsHeader(part, source);
    case ValueSourceKind::kHeaderParam:
      return HoldsHeader(part, source) || HoldsParameter(part, source);
    case ValueSourceKind::kPayloadPath:
      return HoldsPayload(compiled, line);
    case ValueSourceKind::kQueryParameter:
      return part.kind == VerifiedPartKind::kRequestUrl;
    case ValueSourceKind::kLiteral:
    case ValueSourceKind::kBodySha256:
      return true;  // of no use, but nobody's to choose
  }
  return false;
}

bool IsSigned(const CompiledInbound& endpoint, const CompiledSource& source) {
  if (endpoint.parts.empty()) {
    return Holds({{.kind = VerifiedPartKind::kRawBody}, std::nullopt}, source);
  }
  return std::any_of(endpoint.parts.begin(), endpoint.parts.end(),
                     [&](const CompiledPart& part) { return Holds(part, source); });
}

}  // namespace

bool IsTimestampSigned(const CompiledInbound& endpoint) {
  const auto bound = endpoint.bindings.find("signature_timestamp");
  if (bound == endpoint.bindings.end()) return false;
  return std::all_of(endpoint.sources.begin(), endpoint.sources.end(),
                     [&](const CompiledSource& line) {
                       return line.source.key != bound->second || IsSigned(endpoint, line);
                     });
}

}  // namespace webhook::inbound
