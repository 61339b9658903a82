// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/rules/reading.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "lib/base/ascii.h"
#include "lib/base/assert.h"
#include "lib/base/http_header.h"
#include "lib/model/spelling.h"
#include "lib/rules/blanks.h"

namespace webhook::rules {
namespace {

using model::SourceKind;
using model::Value;
using Compiled = base::Result<Reading, std::string>;
using Found = base::Result<Value, std::string>;

constexpr std::size_t kNeedBytesMax = 300;  // as schema/contract/findings.schema.json

bool IsLetter(char c) {
  const char lower = base::AsciiLower(c);
  return (lower >= 'a' && lower <= 'z') || c == '_';
}
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Fields of Odoo, with dots between: partner_id.country_id.code.
bool IsFieldPath(std::string_view path) {
  bool is_start = true;
  for (const char c : path) {
    const bool is_dot = c == '.';
    if (is_start ? !IsLetter(c) : !(is_dot || IsLetter(c) || IsDigit(c))) return false;
    is_start = is_dot;
  }
  return !is_start;
}

bool IsHeader(SourceKind kind) {
  return kind == SourceKind::kHeader || kind == SourceKind::kResponseHeader;
}

bool IsKey(SourceKind kind) {
  return kind == SourceKind::kQueryParameter || kind == SourceKind::kResolvedValue ||
         kind == SourceKind::kSemanticField;
}

Compiled CompilePath(SourceKind kind, const std::string& expression) {
  auto path = ParsePath(expression);
  if (!path.ok()) return path.error();
  return Reading{kind, expression, std::move(path).value(), {}};
}

// What is no path is a key all the same.
Compiled CompileKey(SourceKind kind, const std::string& expression) {
  if (expression.empty()) return std::string("a name is missing");
  auto path = ParsePath(expression);
  if (!path.ok()) return Reading{kind, expression, std::nullopt, {}};
  return Reading{kind, expression, std::move(path).value(), {}};
}

Compiled CompileHeader(SourceKind kind, const std::string& expression) {
  std::string name = expression;
  if (name.starts_with('"') || name.starts_with('[')) {
    const auto path = ParsePath(name);
    if (!path.ok()) return path.error();
    if (path.value().segments.size() == 1) name = path.value().segments.front().key;
  }
  if (!base::IsHeaderName(name)) return fmt::format("\"{}\" is no name of a header", name);
  return Reading{kind, base::AsciiLower(name), std::nullopt, {}};
}

Compiled CompileField(SourceKind kind, const std::string& expression) {
  if (!IsFieldPath(expression)) {
    return fmt::format("\"{}\" is no field; expected names with dots between, partner_id.email",
                       expression);
  }
  std::string need = fmt::format("{}:{}", model::Spelling(kind), expression);
  if (need.size() > kNeedBytesMax) return std::string("the names are too long");
  return Reading{kind, expression, std::nullopt, std::move(need)};
}

// What this kind of source looks into; null when the phase has no such thing.
const Value* RootOf(SourceKind kind, const Facts& facts) {
  switch (kind) {
    case SourceKind::kPayloadPath:
      return facts.payload;
    case SourceKind::kHeader:
      return facts.headers;
    case SourceKind::kQueryParameter:
      return facts.query;
    case SourceKind::kResolvedValue:
      return facts.resolved_values;
    case SourceKind::kSemanticField:
      return facts.semantics;
    case SourceKind::kEventField:
    case SourceKind::kDeliveryField:
    case SourceKind::kEndpointField:
    case SourceKind::kCompanyField:
    case SourceKind::kPartnerField:
    case SourceKind::kRecordField:
      return facts.fields;
    case SourceKind::kContextKey:
      return facts.context;
    case SourceKind::kRequestField:
      return facts.request;
    case SourceKind::kResponseStatus:
      return facts.response_status;
    case SourceKind::kResponseHeader:
      return facts.response_headers;
    case SourceKind::kResponseBody:
      return facts.response_body;
    case SourceKind::kItemPath:
      return facts.item;
    case SourceKind::kLiteral:
    case SourceKind::kTemplate:
      break;
  }
  return nullptr;
}

Value CopyOf(const Value* found) { return found == nullptr ? Value() : *found; }

Found ReadPath(const Path& path, const Value& root) {
  Value found = Find(path, root);
  const bool is_too_long =
      path.collects() && found.list() != nullptr && found.list()->size() > kCollectedMax;
  if (is_too_long) return fmt::format("[*] found more than {} values", kCollectedMax);
  return found;
}

Found ReadKey(const Reading& reading, const Value& root) {
  if (const Value* whole = root.Find(reading.expression)) return *whole;
  return reading.path ? ReadPath(*reading.path, root) : Value();
}

const Value* FindOfAnyCase(const Value& headers, std::string_view name) {
  if (const Value* found = headers.Find(name)) return found;
  if (headers.object() == nullptr) return nullptr;
  for (const model::Member& member : *headers.object()) {
    if (base::EqualsIgnoringCase(member.key, name)) return &member.value;
  }
  return nullptr;
}

Found ReadRequest(const Path& path, const Value& request) {
  const std::vector<Segment>& segments = path.segments;
  const bool is_header = segments.size() == 2 && segments[0].key == "headers";
  const Value* headers = is_header ? request.Find("headers") : nullptr;
  if (headers == nullptr || segments[1].collect) return ReadPath(path, request);
  return CopyOf(FindOfAnyCase(*headers, segments[1].key));
}

Found ReadField(const Reading& reading, const Value* fields) {
  const std::string& need = reading.need;
  const Value* found = fields == nullptr ? nullptr : fields->Find(need);
  if (found != nullptr) return *found;
  const Value* reason = fields == nullptr ? nullptr : fields->Find(need + "!");
  if (reason != nullptr && reason->text() != nullptr) {
    return fmt::format("{} could not be read: {}", need, *reason->text());
  }
  return fmt::format("{} was not provided by Odoo", need);
}

}  // namespace

Compiled CompileReading(SourceKind kind, const std::string& given) {
  const std::string expression(TrimBlanks(given));
  switch (kind) {
    case SourceKind::kPayloadPath:
    case SourceKind::kItemPath:
    case SourceKind::kContextKey:
    case SourceKind::kRequestField:
    case SourceKind::kResponseBody:
      return CompilePath(kind, expression);
    case SourceKind::kQueryParameter:
    case SourceKind::kResolvedValue:
    case SourceKind::kSemanticField:
      return CompileKey(kind, expression);
    case SourceKind::kHeader:
    case SourceKind::kResponseHeader:
      return CompileHeader(kind, expression);
    case SourceKind::kEventField:
    case SourceKind::kDeliveryField:
    case SourceKind::kEndpointField:
    case SourceKind::kCompanyField:
    case SourceKind::kPartnerField:
    case SourceKind::kRecordField:
      return CompileField(kind, expression);
    case SourceKind::kResponseStatus:
      return Reading{kind, {}, std::nullopt, {}};
    case SourceKind::kLiteral:
    case SourceKind::kTemplate:
      break;
  }
  WEBHOOK_ASSERT(false);
  return Reading{};
}

Found Read(const Reading& reading, const Facts& facts) {
  const Value* root = RootOf(reading.kind, facts);
  if (!reading.need.empty()) return ReadField(reading, root);
  if (root == nullptr) return Value();
  if (IsHeader(reading.kind)) return CopyOf(FindOfAnyCase(*root, reading.expression));
  if (IsKey(reading.kind)) return ReadKey(reading, *root);
  if (reading.kind == SourceKind::kRequestField) return ReadRequest(*reading.path, *root);
  return reading.path ? ReadPath(*reading.path, *root) : *root;
}

}  // namespace webhook::rules
