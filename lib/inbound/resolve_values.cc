// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/inbound/resolve_values.h"

#include <algorithm>
#include <optional>
#include <span>

#include "lib/delivery/hmac_scheme.h"
#include "lib/inbound/credential_headers.h"
#include "lib/inbound/stored_text.h"
#include "lib/inbound/value_text.h"
#include "lib/rules/blanks.h"
#include "lib/rules/letter_case.h"
#include "lib/signing/hmac.h"

namespace webhook::inbound {
namespace {

using model::ValueSource;
using model::ValueSourceKind;
using Lines = std::span<const CompiledSource>;

// As it is in the request.
std::optional<std::string> RawValue(const CompiledSource& line, const Request& request) {
  const ValueSource& source = line.source;
  switch (source.kind) {
    case ValueSourceKind::kHeader:
      return HeaderText(request, source.expression);
    case ValueSourceKind::kHeaderParam:
      return HeaderParameterText(request, source.expression, source.parameter);
    case ValueSourceKind::kPayloadPath:
      return PayloadText(line.path, request);
    case ValueSourceKind::kQueryParameter:
      return QueryText(request, source.expression);
    case ValueSourceKind::kLiteral:
      return NotEmpty(source.expression);
    case ValueSourceKind::kBodySha256:
      return request.body_sha256();
  }
  return std::nullopt;
}

std::string Normalized(model::Normalize normalize, std::string text) {
  switch (normalize) {
    case model::Normalize::kNone:
      break;
    case model::Normalize::kStrip:
      return std::string(rules::TrimBlanks(text));
    case model::Normalize::kLower:
      return rules::LowerCase(text);
    case model::Normalize::kUpper:
      return rules::UpperCase(text);
  }
  return text;
}

// Of a text of blanks alone nothing may be left.
std::optional<std::string> Transformed(const ValueSource& source, std::string text) {
  text = Normalized(source.normalize, std::move(text));
  if (text.empty()) return std::nullopt;
  if (!source.hash) return text;
  return signing::EncodeHex(signing::HashBytes(delivery::DigestOf(*source.hash), text));
}

std::optional<std::string> ValueOf(const CompiledSource& line, const Request& request) {
  auto raw = RawValue(line, request);
  return raw ? Transformed(line.source, *std::move(raw)) : std::nullopt;
}

// The pieces of "a, b c"; signatures have neither commas nor blanks.
std::vector<std::string> Listed(std::string_view text) {
  std::vector<std::string> pieces;
  while (!text.empty() && pieces.size() < signing::kCandidatesMax) {
    const std::size_t end = std::min(text.find_first_of(", "), text.size());
    if (end > 0) pieces.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return pieces;
}

// What a line gives besides its one value when several are asked for.
std::vector<std::string> SeveralRaw(const CompiledSource& line, const Request& request) {
  const ValueSource& source = line.source;
  if (source.kind == ValueSourceKind::kHeaderParam) {
    return request.HeaderParameters(source.expression, source.parameter);
  }
  if (source.kind != ValueSourceKind::kHeader) return {};
  const std::string_view value = request.Header(source.expression).value_or("");
  std::vector<std::string> pieces = Listed(value);
  if (pieces.size() < 2) return {};
  pieces.emplace(pieces.begin(), value);
  return pieces;
}

std::vector<std::string> SeveralValues(const CompiledSource& line, const Request& request) {
  std::vector<std::string> values;
  for (std::string& raw : SeveralRaw(line, request)) {
    if (values.size() == signing::kCandidatesMax) break;
    if (raw.empty()) continue;
    if (auto value = Transformed(line.source, std::move(raw))) values.push_back(*std::move(value));
  }
  return values;
}

std::string_view JoinerOf(Lines tier) {
  for (const CompiledSource& line : tier) {
    if (!line.source.joiner.empty()) return line.source.joiner;
  }
  return {};
}

// Nothing when a required line has none, or no line has one.
std::optional<std::string> Joined(Lines tier, const Request& request) {
  const std::string_view joiner = JoinerOf(tier);
  std::optional<std::string> joined;
  for (const CompiledSource& line : tier) {
    const auto value = ValueOf(line, request);
    if (!value && line.source.required) return std::nullopt;
    if (!value) continue;
    if (joined) {
      joined->append(joiner).append(*value);
    } else {
      joined = value;
    }
    if (joined->size() > kCandidateBytesMax) return std::nullopt;
  }
  return joined;
}

// The last line with several values gives them all, instead of the joined one.
void AddTier(Lines tier, const Request& request, bool several,
             std::vector<std::string>& candidates) {
  auto joined = Joined(tier, request);
  if (!joined) return;
  std::vector<std::string> list;
  for (const CompiledSource& line : tier) {
    const bool counts = line.source.kind == ValueSourceKind::kHeaderParam || tier.size() == 1;
    if (!several || !counts) continue;
    if (auto values = SeveralValues(line, request); !values.empty()) list = std::move(values);
  }
  if (list.empty()) list.push_back(*std::move(joined));
  std::move(list.begin(), list.end(), std::back_inserter(candidates));
}

Lines LinesOf(const CompiledInbound& endpoint, std::string_view key) {
  const auto [first, last] = std::equal_range(
      endpoint.sources.begin(), endpoint.sources.end(), key,
      base::Overloaded{
          [](const CompiledSource& line, std::string_view k) { return line.source.key < k; },
          [](std::string_view k, const CompiledSource& line) { return k < line.source.key; }});
  return {first, last};
}

Lines TakeTier(Lines& lines) {
  const int tier = lines.front().source.tier;
  const auto end = std::find_if(lines.begin(), lines.end(), [&](const CompiledSource& line) {
    return line.source.tier != tier;
  });
  const auto count = static_cast<std::size_t>(end - lines.begin());
  const Lines taken = lines.first(count);
  lines = lines.subspan(count);
  return taken;
}

bool ShowsCredential(const CompiledInbound& endpoint, const CompiledSource& line) {
  const ValueSource& source = line.source;
  const bool reads_header =
      source.kind == ValueSourceKind::kHeader || source.kind == ValueSourceKind::kHeaderParam;
  return reads_header && !source.hash && IsCredentialHeader(endpoint.endpoint, source.expression);
}

}  // namespace

std::vector<std::string> Candidates(const CompiledInbound& endpoint, const Request& request,
                                    std::string_view key, bool several) {
  std::vector<std::string> candidates;
  Lines lines = LinesOf(endpoint, key);
  while (!lines.empty() && candidates.size() < signing::kCandidatesMax) {
    AddTier(TakeTier(lines), request, several, candidates);
  }
  return candidates;
}

std::optional<std::string> FirstCandidate(const CompiledInbound& endpoint, const Request& request,
                                          std::string_view key) {
  Lines lines = LinesOf(endpoint, key);
  while (!lines.empty()) {
    if (auto joined = Joined(TakeTier(lines), request)) return joined;
  }
  return std::nullopt;
}

bool ShowsCredential(const CompiledInbound& endpoint, std::string_view key) {
  const Lines lines = LinesOf(endpoint, key);
  return std::any_of(lines.begin(), lines.end(),
                     [&](const CompiledSource& line) { return ShowsCredential(endpoint, line); });
}

std::map<std::string, std::string> ResolveValues(const CompiledInbound& endpoint,
                                                 const Request& request) {
  std::map<std::string, std::string> values;
  const std::string* last = nullptr;
  for (const CompiledSource& line : endpoint.sources) {
    const std::string& key = line.source.key;
    // Also of a key without a value: its sources are looked at once, not once for each of them.
    if (last != nullptr && *last == key) continue;
    last = &key;
    const auto value = FirstCandidate(endpoint, request, key);
    if (!value) continue;
    values[key] = ShowsCredential(endpoint, key) ? std::string(kDroppedCredential)
                                                 : StoredText(*value, kValueBytesMax);
  }
  return values;
}

std::map<std::string, std::string> Semantics(const CompiledInbound& endpoint,
                                             const std::map<std::string, std::string>& values) {
  std::map<std::string, std::string> semantics;
  for (const auto& [semantic, key] : endpoint.bindings) {
    if (const auto found = values.find(key); found != values.end()) {
      semantics[semantic] = found->second;
    }
  }
  return semantics;
}

}  // namespace webhook::inbound
