// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/rules/request_changes.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "lib/base/ascii.h"
#include "lib/base/http_header.h"
#include "lib/rules/credential_source.h"
#include "lib/rules/path.h"
#include "lib/rules/payload_assignment.h"
#include "lib/rules/percent_encoding.h"
#include "lib/rules/text_of.h"

namespace webhook::rules {
namespace {

using model::Value;

// What fits, when a value does not. Empty: it was taken.
using Expectation = std::string;

bool IsControl(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

bool IsStructure(const Value& value) {
  return value.list() != nullptr || value.object() != nullptr;
}

// ---- the request's own

Expectation SetMethod(const Value& value, RequestDraft& draft) {
  constexpr std::array<std::string_view, 5> kMethods = {"get", "post", "put", "patch", "delete"};
  const std::string method = value.text() == nullptr ? "" : base::AsciiLower(*value.text());
  if (std::find(kMethods.begin(), kMethods.end(), method) == kMethods.end()) {
    return "get, post, put, patch or delete";
  }
  draft.http_method = method;
  return {};
}

// Behind the endpoint's host, and nowhere else: no authority ("//"), also not as browsers and some
// servers read it ("/\"), and no climbing out of a folder ("/..").
bool IsTargetPath(std::string_view path) {
  const bool leaves_host = path.starts_with("//") || path.starts_with("/\\");
  return path.starts_with('/') && !leaves_host && !HasDotSegment(path) &&
         path.size() <= kTargetPathBytesMax && std::none_of(path.begin(), path.end(), [](char c) {
           return IsControl(c) || c == '#' || c == ' ';
         });
}

Expectation SetTargetPath(const Value& value, RequestDraft& draft) {
  if (value.text() == nullptr || !IsTargetPath(*value.text())) {
    return "a path on the endpoint's host: it starts with one /, without . and .. as segments, "
           "without #, spaces and controls, of at most 4096 characters";
  }
  draft.target_path = *value.text();
  return {};
}

Rendering RenderingFor(const model::Assignment& assignment) {
  const bool is_path =
      assignment.scope == model::Scope::kRequest && assignment.target == "target_path";
  return is_path ? Rendering::kUrl : Rendering::kText;
}

// ---- headers

Expectation SetHeader(const std::string& name, const Value& value, RequestDraft& draft) {
  const std::string text = TextOf(value);
  const bool fits =
      !IsStructure(value) && text.size() <= kHeaderValueBytesMax &&
      std::none_of(text.begin(), text.end(), [](char c) { return IsControl(c) && c != '\t'; });
  if (!fits) {
    return "a text in one line, of at most 8192 characters, for the header " + name;
  }
  std::erase_if(draft.headers,
                [&](const auto& header) { return base::EqualsIgnoringCase(header.first, name); });
  if (value.is_null()) return {};
  draft.headers[name] = text;
  return draft.headers.size() > kHeadersMax ? "at most 100 headers" : "";
}

std::string HeaderNameProblem(std::string_view name) {
  return base::IsHeaderName(name) ? "" : "the target is no name of a header";
}

// ---- all rows

// The draft, and its payload as a value from the first row on that needs it.
class Changes {
 public:
  explicit Changes(const RequestDraft& draft) : draft_(draft) {}

  std::optional<PlanError> Apply(const model::Assignment& assignment, PlanPlace place,
                                 const Value& value) {
    switch (assignment.scope) {
      case model::Scope::kRequest:
        return Fit(place, value, SetRequest(assignment.target, value));
      case model::Scope::kHeader: {
        std::string problem = HeaderNameProblem(assignment.target);
        if (!problem.empty()) return PlaceError(std::move(place), std::move(problem));
        return Fit(place, value, SetHeader(assignment.target, value, draft_));
      }
      case model::Scope::kPayload: {
        std::string problem = SetInPayload(assignment.target, value);
        if (!problem.empty()) return PlaceError(std::move(place), std::move(problem));
        return std::nullopt;
      }
      case model::Scope::kField:
        break;
    }
    return PlaceError(std::move(place), "a rule before sending writes no fields");
  }

  // The draft with its payload written; empty: the payload is too large.
  std::optional<RequestDraft> Finish() {
    WritePayload();
    if (draft_.payload.size() > kPayloadBytesMax) return std::nullopt;
    return std::move(draft_);
  }

 private:
  static std::optional<PlanError> Fit(const PlanPlace& place, const Value& value,
                                      Expectation expectation) {
    if (expectation.empty()) return std::nullopt;
    return MisfitError(place, value, std::move(expectation));
  }

  Expectation SetRequest(const std::string& target, const Value& value) {
    if (target == "http_method") return SetMethod(value, draft_);
    if (target == "target_path") return SetTargetPath(value, draft_);
    if (target != "payload") return "one of the targets http_method, target_path and payload";
    parsed_.reset();
    draft_.payload = value.text() != nullptr ? *value.text() : model::DumpJson(value);
    return {};
  }

  // One sentence, or empty.
  std::string SetInPayload(const std::string& target, const Value& value) {
    auto path = ParsePath(target);
    if (!path.ok()) return "the target is no path: " + path.error();
    if (!parsed_ && !ParsePayload()) return "the payload is not JSON: nothing in it can be set";
    size_ += TextOf(value).size();
    if (size_ > kPayloadBytesMax) return "the payload becomes larger than 10 MiB";
    return AssignAt(path.value(), value, *parsed_).value_or("");
  }

  bool ParsePayload() {
    original_ = Value();
    if (!draft_.payload.empty()) {
      auto parsed = model::ParseJson(draft_.payload);
      if (!parsed.ok()) return false;
      original_ = std::move(parsed).value();
    }
    parsed_ = original_;
    return true;
  }

  // Only what was changed is written anew: the rest keeps its bytes.
  void WritePayload() {
    if (parsed_ && *parsed_ != original_) draft_.payload = model::DumpJson(*parsed_);
    parsed_.reset();
  }

  RequestDraft draft_;
  Value original_;
  std::optional<Value> parsed_;
  std::size_t size_ = 0;  // of what was put into the payload
};

bool SameDraft(const RequestDraft& left, const RequestDraft& right) {
  return left.http_method == right.http_method && left.target_path == right.target_path &&
         left.headers == right.headers && left.payload == right.payload;
}

}  // namespace

base::Result<bool, PlanError> ApplyAssignments(const CompiledRule& compiled, const Facts& facts,
                                               RequestDraft& draft) {
  const model::Rule& rule = compiled.rule;
  const PlanPlace whole{rule.name, {}, {}};
  if (!compiled.problem.empty()) return PlaceError(whole, compiled.problem);
  if (compiled.assignment_sources.size() != rule.assignments.size()) {
    return PlaceError(whole, "the rule is not compiled");
  }
  Changes changes(draft);
  for (std::size_t i = 0; i < rule.assignments.size(); ++i) {
    PlanPlace place{rule.name, "assignment " + std::to_string(i + 1), rule.assignments[i].target};
    auto value = compiled.assignment_sources[i].Read(facts, RenderingFor(rule.assignments[i]));
    const model::Source& source = rule.assignments[i].source;
    if (!value.ok()) return PlaceError(std::move(place), ShownReadError(source, value.error()));
    if (value.value().is_missing()) continue;
    auto error = changes.Apply(rule.assignments[i], std::move(place), value.value());
    if (error) return CarriesCredential(source) ? WithoutValue(*error) : *error;
  }
  auto changed = changes.Finish();
  if (!changed) return PlaceError(whole, "the payload becomes larger than 10 MiB");
  const bool is_changed = !SameDraft(*changed, draft);
  draft = std::move(*changed);
  return is_changed;
}

}  // namespace webhook::rules
