// SPDX-License-Identifier: LGPL-3.0-or-later
#include <fmt/format.h>

#include <algorithm>

#include "lib/inbound/value_text.h"
#include "lib/inbound/verify_signature.h"

namespace webhook::inbound {
namespace {

using model::VerifiedPartKind;

// The names and values of the form; nothing of a body that is not all in them: what they do not
// hold would be accepted unsigned.
std::optional<std::string> SortedFields(const Request& request) {
  const rules::BodyValue& body = request.payload();
  const bool is_form =
      body.format == rules::BodyFormat::kForm || body.format == rules::BodyFormat::kMultipart;
  if (!is_form || !body.problem.empty() || !body.files.empty()) return std::nullopt;
  auto fields = body.fields;
  std::sort(fields.begin(), fields.end());
  fields.erase(std::unique(fields.begin(), fields.end()), fields.end());
  std::string text;
  for (const auto& [name, value] : fields) text.append(name).append(value);
  return text;
}

std::optional<std::string> PartText(const CompiledPart& compiled, const Request& request) {
  const model::VerifiedPart& part = compiled.part;
  switch (part.kind) {
    case VerifiedPartKind::kRawBody:
      return std::string(request.body());
    case VerifiedPartKind::kHeader:
      return HeaderText(request, part.expression);
    case VerifiedPartKind::kHeaderParam:
      return HeaderParameterText(request, part.expression, part.parameter);
    case VerifiedPartKind::kPayloadPath:
      return PayloadText(compiled.path, request);
    case VerifiedPartKind::kLiteral:
      return NotEmpty(part.expression);
    case VerifiedPartKind::kRequestUrl:
      return NotEmpty(request.parts().url);
    case VerifiedPartKind::kSortedFormFields:
      return SortedFields(request);
    case VerifiedPartKind::kHttpMethod:
      return NotEmpty(request.parts().method);
  }
  return std::nullopt;
}

std::string NameOf(const model::VerifiedPart& part) {
  switch (part.kind) {
    case VerifiedPartKind::kRawBody:
      return "the body";
    case VerifiedPartKind::kHeader:
      return fmt::format("the header {}", part.expression);
    case VerifiedPartKind::kHeaderParam:
      return fmt::format("{} in the header {}", part.parameter, part.expression);
    case VerifiedPartKind::kPayloadPath:
      return fmt::format("{} in the payload", part.expression);
    case VerifiedPartKind::kLiteral:
      return "the literal";
    case VerifiedPartKind::kRequestUrl:
      return "the URL";
    case VerifiedPartKind::kSortedFormFields:
      return "a form without files";
    case VerifiedPartKind::kHttpMethod:
      return "the method";
  }
  return "a part";
}

// A body that is no form must not pass as a form without fields.
bool MustBeThere(const model::VerifiedPart& part, const Request& request) {
  const bool hides_body =
      part.kind == VerifiedPartKind::kSortedFormFields && !request.body().empty();
  return part.required || hides_body;
}

}  // namespace

base::Result<std::string, MissingPart> SignedMessage(const CompiledInbound& endpoint,
                                                     const Request& request) {
  if (endpoint.parts.empty()) return std::string(request.body());
  const std::string& joiner = endpoint.endpoint.verification.joiner;
  std::string message;
  bool is_first = true;
  for (const CompiledPart& part : endpoint.parts) {
    const std::optional<std::string> text = PartText(part, request);
    if (!text && MustBeThere(part.part, request)) return MissingPart{NameOf(part.part)};
    if (!text) continue;
    if (!is_first) message += joiner;
    message += *text;
    is_first = false;
  }
  return message;
}

}  // namespace webhook::inbound
