// SPDX-License-Identifier: LGPL-3.0-or-later
// run_python_handler and read_as.
#include <algorithm>

#include "lib/model/contract_parts.h"
#include "lib/model/value.h"

namespace webhook::model {
namespace {

constexpr std::int64_t kRetrySecondsMax = 31536000;
constexpr int kReadMax = 1000;

constexpr std::array<std::pair<std::string_view, std::optional<SettlementStatus>>, 6> kStatuses = {
    {{"applied", SettlementStatus::kApplied},
     {"already_applied", SettlementStatus::kAlreadyApplied},
     {"superseded", SettlementStatus::kSuperseded},
     {"conflict", SettlementStatus::kConflict},
     {"failed", SettlementStatus::kFailed},
     {"decided", std::nullopt}}};

constexpr std::array<std::pair<std::string_view, PythonOutcome>, 4> kOutcomes = {
    {{"send", PythonOutcome::kSend},
     {"cancel", PythonOutcome::kCancel},
     {"dead_letter", PythonOutcome::kDeadLetter},
     {"retry", PythonOutcome::kRetry}}};

constexpr std::array<std::pair<std::string_view, bool>, 2> kReadStatuses = {
    {{"read", true}, {"failed", false}}};

void ReadRequest(const Json& json, PythonDecision& decision) {
  if (json.contains("http_method")) decision.http_method = ReadMethod(json, "http_method");
  if (json.contains("target_path")) decision.target_path = ReadText(json, "target_path");
  if (json.contains("headers")) decision.headers = ReadTextMap(json, "headers");
  if (json.contains("payload")) decision.payload = ReadText(json, "payload");
}

PythonDecision ReadDecision(const Json& json) {
  PythonDecision decision;
  decision.outcome = ReadOneOf(json, "outcome", kOutcomes);
  if (json.contains("seconds")) {
    decision.retry_after = std::chrono::seconds(ReadWhole(json, "seconds", 0, kRetrySecondsMax));
  }
  decision.note = ReadOptionalText(json, "note");
  if (json.contains("request")) ReadRequest(ReadObject(json, "request"), decision);
  return decision;
}

// The domain in ASCII. What is no JSON list is sent as a text, which Odoo refuses: it must not
// become a domain that finds every record.
std::string DomainJson(const std::string& domain) {
  const auto parsed = ParseJson(domain);
  if (parsed.ok() && parsed.value().list() != nullptr) return DumpAsciiJson(parsed.value());
  return Dump(domain);
}

}  // namespace

std::string EncodeRunPythonHandler(const std::string& worker_uid, const PythonCall& call) {
  Json json = {{"worker_uid", worker_uid},
               {"lease", LeaseJson(call.lease)},
               {"settlement_uid", call.settlement_uid},
               {"otherwise", OtherwiseJson(call.otherwise)}};
  if (call.next_attempt_at) json["next_attempt_at_ms"] = base::ToUnixMs(*call.next_attempt_at);
  if (call.request) json["request"] = FrozenContentJson(*call.request);
  return Dump(json);
}

Decoded<PythonAnswer> DecodeRunPythonHandler(std::string_view text) {
  return DecodeWith("run_python_handler", text, [](const Json& json) {
    PythonAnswer answer;
    answer.envelope = ReadEnvelope(json);
    answer.settled = ReadOneOf(json, "status", kStatuses);
    if (!answer.settled) answer.decision = ReadDecision(ReadObject(json, "decision"));
    answer.category = ReadOptionalText(json, "category");
    answer.message = ReadOptionalText(json, "message");
    return answer;
  });
}

std::string EncodeReadAs(const std::string& worker_uid, const Lease& lease, const ReadAs& read) {
  Json json = {{"worker_uid", worker_uid},
               {"lease", LeaseJson(lease)},
               {"model", read.model},
               {"operation", read.operation}};
  if (!read.record_ids.empty()) json["record_ids"] = read.record_ids;
  if (!read.fields.empty()) json["fields"] = read.fields;
  if (!read.order.empty()) json["order"] = read.order;
  if (read.limit > 0) json["limit"] = std::min(read.limit, kReadMax);
  std::string text = Dump(json);
  if (!read.domain.empty()) {
    text.insert(text.size() - 1, ",\"domain\":" + DomainJson(read.domain));
  }
  return text;
}

Decoded<ReadAsAnswer> DecodeReadAs(std::string_view text) {
  return DecodeWith("read_as", text, [](const Json& json) {
    ReadAsAnswer answer;
    answer.envelope = ReadEnvelope(json);
    answer.ok = ReadOneOf(json, "status", kReadStatuses);
    if (answer.ok) answer.records = ReadText(json, "records");
    answer.category = ReadOptionalText(json, "category");
    answer.message = ReadOptionalText(json, "message");
    return answer;
  });
}

}  // namespace webhook::model
