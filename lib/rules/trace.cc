// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/rules/trace.h"

#include <algorithm>

#include "lib/base/assert.h"
#include "lib/model/spelling.h"
#include "lib/rules/compiled_rules.h"
#include "lib/rules/short_json.h"

namespace webhook::rules {
namespace {

constexpr std::string_view kTruncated = "\"…truncated\"";
constexpr std::string_view kRedacted = "(redacted)";
constexpr std::size_t kErrorBytesMax = 1000;
constexpr std::size_t kLastRuleBytesMax = 8000;
constexpr std::size_t kClosingBytes = 64;  // what follows the last step that fits

void AppendKey(std::string& json, std::string_view key) {
  json += ",\"";
  json += key;
  json += "\":";
}

void AppendMember(std::string& json, std::string_view key, std::string_view text) {
  AppendKey(json, key);
  AppendJsonText(json, text);
}

bool HasExpectation(model::Operator op) {
  return op != model::Operator::kIsSet && op != model::Operator::kNotSet;
}

std::string Quoted(std::string_view text) {
  return "\"" + Shortened(text, kTracedTextBytesMax) + "\"";
}

std::string DescribedCondition(const CompiledCondition& compiled) {
  const model::Condition& condition = compiled.condition;
  std::string line(Spelling(condition.source.kind));
  if (!condition.source.expression.empty()) {
    line += " " + Shortened(condition.source.expression, kTracedTextBytesMax);
  }
  line += " ";
  line += Spelling(condition.op);
  if (HasExpectation(condition.op)) {
    line += " " + (compiled.is_redacted ? std::string(kRedacted) : Quoted(condition.expected));
  }
  if (condition.ignore_case) line += " in any case";
  return line;
}

}  // namespace

void Trace::AddRule(const CompiledRule& rule) { rules_.push_back({&rule, steps_.size()}); }

void Trace::AddCondition(const CompiledCondition& condition, const model::Value& found,
                         const Verdict& verdict) {
  const std::size_t begin = texts_.size();
  if (condition.is_redacted && !found.is_missing()) {
    texts_ += kRedacted;
  } else {
    AppendShortJson(texts_, found, kTracedTextBytesMax);
  }
  steps_.push_back({&condition, begin, texts_.size(), verdict.reason, verdict.holds, true});
}

void Trace::AddUnreadable(const CompiledCondition& condition, std::string_view error) {
  const std::size_t begin = texts_.size();
  texts_ += Shortened(error, kErrorBytesMax);
  steps_.push_back({&condition, begin, texts_.size(), {}, false, false});
}

void Trace::EndMatched() {
  WEBHOOK_ASSERT(!rules_.empty());
  matched_ = true;
  outcome_ = "rule " + Quoted(rules_.back().rule->rule.name) + " matched";
}

void Trace::EndNoMatch() { outcome_ = "no rule matched"; }

void Trace::EndError(std::string_view error) {
  outcome_ = "error: " + Shortened(error, kErrorBytesMax);
}

std::string_view Trace::TextOf(const Step& step) const {
  return std::string_view(texts_).substr(step.found_begin, step.found_end - step.found_begin);
}

std::size_t Trace::StepsEnd(std::size_t rule_index) const {
  return rule_index + 1 < rules_.size() ? rules_[rule_index + 1].first_step : steps_.size();
}

void Trace::AppendStep(std::string& json, const Step& step) const {
  json += step.condition->trace_prefix;
  AppendMember(json, step.readable ? "found" : "error", TextOf(step));
  AppendKey(json, "holds");
  json += step.holds ? "true" : "false";
  if (!step.reason.empty()) AppendMember(json, "reason", step.reason);
  json += '}';
}

void Trace::AppendRule(std::string& json, std::size_t index, std::size_t bytes_max) const {
  const std::size_t begin = json.size();
  const model::Rule& rule = rules_[index].rule->rule;
  const bool matched = matched_ && index + 1 == rules_.size();
  json += "{\"id\":" + std::to_string(rule.id);
  AppendMember(json, "name", Shortened(rule.name, kTracedTextBytesMax));
  AppendKey(json, "matched");
  json += matched ? "true" : "false";
  AppendKey(json, "conditions");
  json += '[';
  for (std::size_t i = rules_[index].first_step; i < StepsEnd(index); ++i) {
    const std::size_t before = json.size();
    if (i > rules_[index].first_step) json += ',';
    const std::size_t comma_end = json.size();
    AppendStep(json, steps_[i]);
    if (json.size() - begin + kClosingBytes <= bytes_max) continue;
    json.resize(before < comma_end ? comma_end : before);
    json += kTruncated;
    break;
  }
  json += "]}";
}

std::string Trace::ToJson() const {
  std::string json;
  json.reserve(std::min(kTraceBytesMax, 256 + rules_.size() * 64 + steps_.size() * 192));
  json += "{\"phase\":\"";
  json += Spelling(phase_);
  json += '"';
  AppendMember(json, "outcome", outcome_);
  if (matched_) json += ",\"rule_id\":" + std::to_string(rules_.back().rule->rule.id);
  json += ",\"rules\":[";
  if (rules_.empty()) return json + "]}";

  // The last rule says most: it has its place before the earlier ones.
  std::string last;
  AppendRule(last, rules_.size() - 1, kLastRuleBytesMax);
  const std::size_t room = kTraceBytesMax - last.size() - kClosingBytes;
  for (std::size_t i = 0; i + 1 < rules_.size(); ++i) {
    const std::size_t before = json.size();
    AppendRule(json, i, kTraceBytesMax);
    json += ',';
    if (json.size() <= room) continue;
    json.resize(before);
    json += kTruncated;
    json += ',';
    break;
  }
  return json + last + "]}";
}

std::vector<std::string> Trace::ToLines() const {
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < rules_.size(); ++i) {
    const CompiledRule& compiled = *rules_[i].rule;
    const bool is_last = i + 1 == rules_.size();
    lines.push_back("rule " + Quoted(compiled.rule.name) + " (sequence " +
                    std::to_string(compiled.rule.sequence) + ", id " +
                    std::to_string(compiled.rule.id) + ")" +
                    (is_last && matched_ ? ": matches" : ""));
    for (std::size_t step = rules_[i].first_step; step < StepsEnd(i); ++step) {
      const Step& taken = steps_[step];
      std::string line = "  condition " + std::to_string(step - rules_[i].first_step + 1) + ": " +
                         DescribedCondition(*taken.condition);
      line += taken.readable ? "; found " : "; error: ";
      line += TextOf(taken);
      if (taken.readable) line += taken.holds ? ": yes" : ": no";
      if (!taken.reason.empty()) line += " (" + std::string(taken.reason) + ")";
      lines.push_back(std::move(line));
    }
  }
  lines.push_back(outcome_);
  return lines;
}

std::string TracePrefix(const model::Condition& condition, bool is_redacted) {
  std::string json = "{\"source\":\"";
  json += Spelling(condition.source.kind);
  json += '"';
  if (!condition.source.expression.empty()) {
    AppendMember(json, "expression", Shortened(condition.source.expression, kTracedTextBytesMax));
  }
  AppendKey(json, "operator");
  AppendJsonText(json, Spelling(condition.op));
  if (HasExpectation(condition.op)) {
    AppendMember(
        json, "expected",
        is_redacted ? std::string(kRedacted) : Shortened(condition.expected, kTracedTextBytesMax));
  }
  if (condition.ignore_case) json += ",\"ignore_case\":true";
  return json;
}

}  // namespace webhook::rules
