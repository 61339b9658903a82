// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/rules/reference.h"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <span>

#include "lib/base/suggestion.h"

namespace webhook::rules {
namespace {

using model::SourceKind;
using Parsed = base::Result<Reading, std::string>;

struct Name {
  std::string_view name;
  SourceKind kind;
  bool has_whole = false;  // the name alone is a value
};

constexpr auto kNames = std::to_array<Name>({
    {"payload", SourceKind::kPayloadPath, true},
    {"header", SourceKind::kHeader},
    {"query", SourceKind::kQueryParameter},
    {"value", SourceKind::kResolvedValue},
    {"semantic", SourceKind::kSemanticField},
    {"event", SourceKind::kEventField},
    {"delivery", SourceKind::kDeliveryField},
    {"endpoint", SourceKind::kEndpointField},
    {"company", SourceKind::kCompanyField},
    {"partner", SourceKind::kPartnerField},
    {"record", SourceKind::kRecordField},
    {"context", SourceKind::kContextKey, true},
    {"request", SourceKind::kRequestField, true},
    {"item", SourceKind::kItemPath, true},
});
constexpr auto kResponseNames = std::to_array<Name>({
    {"status", SourceKind::kResponseStatus, true},
    {"headers", SourceKind::kResponseHeader},
    {"body", SourceKind::kResponseBody, true},
});
constexpr std::string_view kResponse = "response";

struct Split {
  std::string_view name;
  std::string_view rest;  // without the dot, with the bracket
  bool has_rest = false;
};

// `payload.a.b`: payload and a.b; `payload[0]`: payload and [0].
Split SplitName(std::string_view text) {
  const std::size_t end = text.find_first_of(".[");
  if (end == std::string_view::npos) return {text, {}, false};
  return {text.substr(0, end), text.substr(text[end] == '.' ? end + 1 : end), true};
}

std::string Unknown(std::string_view what, std::string_view name, std::span<const Name> names,
                    bool with_response) {
  std::vector<std::string_view> known;
  for (const Name& one : names) known.push_back(one.name);
  if (with_response) known.push_back(kResponse);
  const std::string_view nearest = base::Nearest(name, known);
  std::string message = fmt::format("unknown {} \"{}\"", what, name);
  if (!nearest.empty()) message += fmt::format("; did you mean \"{}\"?", nearest);
  message += " (known are: ";
  for (std::size_t i = 0; i < known.size(); ++i) {
    if (i > 0) message += ", ";
    message += known[i];
  }
  return message + ")";
}

const Name* FindName(std::string_view name, std::span<const Name> names) {
  for (const Name& one : names) {
    if (one.name == name) return &one;
  }
  return nullptr;
}

Parsed Compile(const Name& name, const Split& split) {
  if (name.kind == SourceKind::kResponseStatus && split.has_rest) {
    return std::string("response.status is a number; nothing can follow it");
  }
  if (split.has_rest) return CompileReading(name.kind, std::string(split.rest));
  if (!name.has_whole) {
    return fmt::format("\"{0}\" alone is no value; write {0}.NAME", split.name);
  }
  return CompileReading(name.kind, "$");
}

}  // namespace

Parsed ParseReference(std::string_view text) {
  const Split split = SplitName(text);
  if (split.name == kResponse) {
    const Split inner = SplitName(split.rest);
    if (const Name* name = FindName(inner.name, kResponseNames)) return Compile(*name, inner);
    return Unknown("part of the response", inner.name, kResponseNames, false);
  }
  if (const Name* name = FindName(split.name, kNames)) return Compile(*name, split);
  return Unknown("source", split.name, kNames, true);
}

}  // namespace webhook::rules
