// SPDX-License-Identifier: LGPL-3.0-or-later
// report_findings and answer_probe. Odoo refuses a request as a whole: what would not fit its
// schema is cut or left out, so that one row does not hide all the others.
#include <algorithm>
#include <span>

#include "lib/model/contract_parts.h"

namespace webhook::model {
namespace {

// Lengths and limits of the schema (findings.schema.json).
constexpr std::size_t kFindingsMax = 1000;
constexpr std::size_t kNeedsMax = 10000;
constexpr std::size_t kExpressionsMax = 500;
constexpr std::size_t kExpressionMax = 300;
constexpr std::size_t kNameMax = 128;
constexpr std::size_t kMessageMax = 2000;
constexpr std::size_t kResultsMax = 1000;
constexpr std::size_t kActionMax = 64;
constexpr std::size_t kResultMessageMax = 10000;
constexpr std::size_t kTraceMax = 20000;

Json FindingJson(const Finding& finding) {
  Json json = {{"record", {{"model", Clip(finding.model, kNameMax)}, {"id", finding.record_id}}},
               {"severity", finding.is_error ? "error" : "warning"},
               {"message", Clip(finding.message, kMessageMax)}};
  if (!finding.field.empty()) json["field"] = Clip(finding.field, kNameMax);
  return json;
}

// An endpoint's rules know of no event: its expressions are all but the first kind.
bool IsFieldExpression(std::string_view text, bool of_endpoint) {
  constexpr std::array<std::string_view, 6> kAllStarts = {
      "event_field:",   "delivery_field:", "endpoint_field:",
      "company_field:", "partner_field:",  "record_field:"};
  const std::span<const std::string_view> starts =
      std::span(kAllStarts).subspan(of_endpoint ? 1 : 0);
  return text.size() <= kExpressionMax &&
         std::any_of(starts.begin(), starts.end(), [&](std::string_view start) {
           return text.starts_with(start) && text.size() > start.size() &&
                  text[start.size()] != '\n';
         });
}

Json ExpressionList(const std::vector<std::string>& expressions, bool of_endpoint) {
  Json list = Json::array();
  for (const std::string& expression : expressions) {
    if (list.size() == kExpressionsMax) break;
    if (IsFieldExpression(expression, of_endpoint)) list.push_back(expression);
  }
  return list;
}

Json ResultJson(const ProbeResult& result) {
  Json json = {{"name", result.name},
               {"action", Clip(result.action, kActionMax)},
               {"changed", result.changed}};
  if (result.rule_id) json["rule_id"] = *result.rule_id;
  if (!result.rule_name.empty()) json["rule_name"] = result.rule_name;
  if (!result.message.empty()) json["message"] = Clip(result.message, kResultMessageMax);
  if (!result.trace.empty()) json["trace"] = Clip(result.trace, kTraceMax);
  if (result.attempt) json["attempt"] = AttemptJson(*result.attempt);
  return json;
}

Decoded<AcceptedAnswer> DecodeAccepted(std::string_view method, std::string_view text) {
  return DecodeWith(method, text, [](const Json& json) {
    return AcceptedAnswer{ReadEnvelope(json), ReadFlag(json, "accepted")};
  });
}

}  // namespace

std::string EncodeReportFindings(const std::string& worker_uid, std::int64_t revision,
                                 const std::vector<Finding>& findings,
                                 const std::vector<HandlerNeeds>& needs,
                                 const std::vector<EndpointNeeds>& endpoint_needs) {
  Json finding_list = Json::array();
  for (const Finding& finding : findings) {
    if (finding_list.size() == kFindingsMax) break;
    if (finding.record_id > 0) finding_list.push_back(FindingJson(finding));
  }
  Json need_list = Json::array();
  for (const HandlerNeeds& handler : needs) {
    if (need_list.size() == kNeedsMax) break;
    if (handler.handler_id <= 0) continue;
    need_list.push_back({{"handler_id", handler.handler_id},
                         {"expressions", ExpressionList(handler.expressions, false)}});
  }
  Json endpoint_list = Json::array();
  for (const EndpointNeeds& endpoint : endpoint_needs) {
    if (endpoint_list.size() == kNeedsMax) break;
    if (endpoint.endpoint_id <= 0) continue;
    endpoint_list.push_back({{"endpoint_id", endpoint.endpoint_id},
                             {"expressions", ExpressionList(endpoint.expressions, true)}});
  }
  Json request = {{"worker_uid", worker_uid},
                  {"configuration_revision", revision},
                  {"findings", std::move(finding_list)},
                  {"needs", std::move(need_list)}};
  if (!endpoint_list.empty()) request["endpoint_needs"] = std::move(endpoint_list);
  return Dump(request);
}

Decoded<AcceptedAnswer> DecodeReportFindings(std::string_view text) {
  return DecodeAccepted("report_findings", text);
}

std::string EncodeAnswerProbe(const std::string& worker_uid, const std::string& probe_uid,
                              const ProbeAnswer& answer) {
  Json results = Json::array();
  for (const ProbeResult& result : answer.results) {
    if (results.size() == kResultsMax) break;
    results.push_back(ResultJson(result));
  }
  return Dump(
      {{"worker_uid", worker_uid},
       {"probe_uid", probe_uid},
       {"answer",
        {{"summary", Clip(answer.summary, kMessageMax)}, {"results", std::move(results)}}}});
}

Decoded<AcceptedAnswer> DecodeAnswerProbe(std::string_view text) {
  return DecodeAccepted("answer_probe", text);
}

}  // namespace webhook::model
