// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/shape_rules.h"

#include <fmt/format.h>

#include <optional>
#include <set>

#include "lib/base/http_header.h"
#include "lib/base/text.h"
#include "lib/delivery/reserved_headers.h"
#include "lib/rules/path.h"
#include "lib/rules/phase_checks.h"

namespace webhook::delivery {
namespace {

constexpr std::size_t kTargetBytesMax = 255;
constexpr std::size_t kShownBytesMax = 80;

// What the three kinds of rows have in common, and how their model calls what they set.
struct Kind {
  std::string_view model;
  std::string_view target_field;
  std::string_view label;
  std::string (*target_problem)(const std::string& target);
};

std::string ContextKeyProblem(const std::string& key) {
  if (key.empty()) return "the key is missing; write the name of the context value";
  return key.size() > kTargetBytesMax ? "the key is too long; shorten it" : "";
}

std::string HeaderNameProblem(const std::string& name) {
  if (!base::IsHeaderName(name) || name.size() > kTargetBytesMax) {
    return "this is no name of a header; write one of letters, digits and dashes";
  }
  return MaySetHeader(name) ? ""
                            : "this header is the worker's own, or one that no rule may set; "
                              "remove the rule";
}

// Empty means the whole payload.
std::string PayloadPath(const std::string& target) { return target.empty() ? "$" : target; }

std::string PayloadPathProblem(const std::string& target) {
  const auto path = rules::ParsePath(PayloadPath(target));
  if (!path.ok()) return "the target is no path: " + path.error();
  return path.value().collects() ? "the target names several places; write it without [*]" : "";
}

constexpr Kind kContextLine{"bwt.webhook.outbound.endpoint.context.line", "key_name",
                            "context line", ContextKeyProblem};
constexpr Kind kHeaderRule{"bwt.webhook.outbound.endpoint.header.rule", "header_name",
                           "header rule", HeaderNameProblem};
constexpr Kind kPayloadRule{"bwt.webhook.outbound.endpoint.payload.rule", "target_path",
                            "payload rule", PayloadPathProblem};

class Compiler {
 public:
  explicit Compiler(EndpointFindings& findings) : findings_(findings) {}

  // Nothing when the row is wrong.
  std::optional<rules::CompiledSource> Compile(const Kind& kind, std::size_t index,
                                               const model::ShapeRule& rule) {
    FindingPlace place{std::string(kind.model), rule.id, std::string(kind.target_field),
                       fmt::format("{} {} ({})", kind.label, index + 1,
                                   base::PrintableText(rule.target, kShownBytesMax))};
    const std::string problem = kind.target_problem(rule.target);
    if (!problem.empty()) findings_.Problem(place, problem);
    place.field = "source_kind";
    // They see what rules before sending see.
    const std::string where = rules::SourceProblem(rule.source, model::Phase::kBeforeSend, false);
    if (!where.empty()) findings_.Problem(place, where);
    place.field =
        rule.source.kind == model::SourceKind::kLiteral ? "literal_value" : "source_expression";
    auto source = rules::CompileSource(rule.source);
    if (!source.ok()) findings_.Problem(place, source.error());
    if (!problem.empty() || !where.empty() || !source.ok()) return std::nullopt;
    for (const std::string& need : source.value().needs()) AddNeed(place, need);
    return std::move(source).value();
  }

  std::vector<std::string> Needs() {
    if (needs_.size() > rules::kNeedsMax) {
      findings_.Problem("", fmt::format("Its rules read {} fields of records, more than {}; remove "
                                        "some",
                                        needs_.size(), rules::kNeedsMax));
      return {};
    }
    return {needs_.begin(), needs_.end()};
  }

 private:
  void AddNeed(const FindingPlace& place, const std::string& need) {
    if (need.size() <= rules::kNeedBytesMax) {
      needs_.insert(need);
    } else {
      findings_.Problem(place, fmt::format("the path of fields is longer than {} bytes; shorten it",
                                           rules::kNeedBytesMax));
    }
  }

  EndpointFindings& findings_;
  std::set<std::string> needs_;
};

// Rows as the assignments of one rule, so that there is one engine for assignments.
rules::CompiledRule AsRule(Compiler& compiler, const Kind& kind, model::Scope scope,
                           const std::vector<model::ShapeRule>& rows) {
  rules::CompiledRule compiled;
  compiled.rule.phase = model::Phase::kBeforeSend;
  compiled.rule.action = model::Action::kSend;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    auto source = compiler.Compile(kind, i, rows[i]);
    if (!source) continue;
    const bool is_path = scope == model::Scope::kPayload;
    compiled.rule.assignments.push_back({rows[i].id, scope,
                                         is_path ? PayloadPath(rows[i].target) : rows[i].target,
                                         rows[i].source, model::ListMode::kReplace});
    compiled.assignment_sources.push_back(*std::move(source));
  }
  return compiled;
}

}  // namespace

void CompileShapeRules(const model::Endpoint& endpoint, EndpointFindings& findings,
                       CompiledEndpoint& compiled) {
  Compiler compiler(findings);
  for (std::size_t i = 0; i < endpoint.context_lines.size(); ++i) {
    const model::ShapeRule& line = endpoint.context_lines[i];
    auto source = compiler.Compile(kContextLine, i, line);
    if (source) compiled.context_lines.push_back({line, *std::move(source)});
  }
  compiled.header_rules =
      AsRule(compiler, kHeaderRule, model::Scope::kHeader, endpoint.header_rules);
  compiled.payload_rules =
      AsRule(compiler, kPayloadRule, model::Scope::kPayload, endpoint.payload_rules);
  compiled.needs = compiler.Needs();
}

}  // namespace webhook::delivery
