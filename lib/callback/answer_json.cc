// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/callback/answer_json.h"

#include <array>
#include <utility>

#include "lib/callback/context_json.h"
#include "lib/callback/json_members.h"
#include "lib/model/spelling.h"

namespace webhook::callback {
namespace {

template <typename T, std::size_t N>
using Names = std::array<std::pair<std::string_view, T>, N>;

constexpr Names<OutcomeKind, 5> kOutcomes = {{{"done", OutcomeKind::kDone},
                                              {"send", OutcomeKind::kSend},
                                              {"retry", OutcomeKind::kRetry},
                                              {"dead_letter", OutcomeKind::kDeadLetter},
                                              {"cancel", OutcomeKind::kCancel}}};
constexpr Names<FailureKind, 3> kFailures = {{{"unknown_callback", FailureKind::kUnknownCallback},
                                              {"threw", FailureKind::kThrew},
                                              {"no_answer", FailureKind::kNoAnswer}}};
constexpr std::array kOperationKinds = {
    model::OperationKind::kCreate, model::OperationKind::kUpdate, model::OperationKind::kUpsert};
constexpr std::array kPolicies = {LookupPolicy::kError, LookupPolicy::kFirst,
                                  LookupPolicy::kDeadLetter};

template <typename T, std::size_t N>
std::string NameOf(const Names<T, N>& names, T wanted) {
  for (const auto& [name, value] : names) {
    if (value == wanted) return std::string(name);
  }
  return {};
}

template <typename T, std::size_t N>
bool ReadNamed(const Names<T, N>& names, const Value& json, std::string_view key, T& to) {
  std::string text;
  if (!ReadText(json, key, text)) return false;
  for (const auto& [name, value] : names) {
    if (name != text) continue;
    to = value;
    return true;
  }
  return false;
}

// One of the enumeration's values, by its spelling in the contract.
template <typename T, std::size_t N>
bool ReadSpelled(const std::array<T, N>& values, const Value& json, std::string_view key, T& to) {
  std::string text;
  if (!ReadText(json, key, text)) return false;
  for (const T value : values) {
    if (model::Spelling(value) != text) continue;
    to = value;
    return true;
  }
  return false;
}

Value Spelled(auto value) { return Value::Text(std::string(model::Spelling(value))); }

Value EncodeOperation(const model::RecordOperation& operation) {
  Value::List lookup;
  for (const model::LookupKey& key : operation.lookup) {
    lookup.push_back(Value::ObjectOf({{"field", Value::Text(key.field)}, {"value", key.value}}));
  }
  return Value::ObjectOf({{"kind", Spelled(operation.kind)},
                          {"model", Value::Text(operation.model)},
                          {"lookup", Value::ListOf(std::move(lookup))},
                          {"values", operation.values},
                          {"on_none", Spelled(operation.on_none)},
                          {"on_many", Spelled(operation.on_many)},
                          {"include_archived", Value::Bool(operation.include_archived)}});
}

bool DecodeLookup(const Value& json, model::RecordOperation& operation) {
  const Value* lookup = json.Find("lookup");
  if (lookup == nullptr || lookup->list() == nullptr) return false;
  for (const Value& item : *lookup->list()) {
    model::LookupKey key;
    const Value* value = item.Find("value");
    if (!ReadText(item, "field", key.field) || key.field.empty() || value == nullptr) return false;
    key.value = *value;
    operation.lookup.push_back(std::move(key));
  }
  return true;
}

bool DecodeOperation(const Value& json, model::RecordOperation& operation) {
  return ReadSpelled(kOperationKinds, json, "kind", operation.kind) &&
         ReadText(json, "model", operation.model) && DecodeLookup(json, operation) &&
         ReadObject(json, "values", operation.values) &&
         ReadSpelled(kPolicies, json, "on_none", operation.on_none) &&
         ReadSpelled(kPolicies, json, "on_many", operation.on_many) &&
         ReadFlag(json, "include_archived", operation.include_archived);
}

// What is wrong with it, or "".
std::string ProblemOf(const model::RecordOperation& operation) {
  if (operation.model.empty()) return "an operation names no model";
  const bool is_create = operation.kind == model::OperationKind::kCreate;
  if (!is_create && operation.lookup.empty()) {
    return "an operation on " + operation.model + " has no lookup key";
  }
  if (is_create && !operation.lookup.empty()) {
    return "an operation that creates a " + operation.model + " has a lookup key";
  }
  return "";
}

Failure NoAnswer(std::string message) { return {FailureKind::kNoAnswer, std::move(message)}; }

// Empty: well.
std::string DecodeOperations(const Value& json, Answer& answer) {
  const Value* operations = json.Find("operations");
  if (operations == nullptr || operations->list() == nullptr) return "it has no operations";
  if (operations->list()->size() > kOperationsMax) {
    return "it has " + std::to_string(operations->list()->size()) + " record operations; at most " +
           std::to_string(kOperationsMax);
  }
  for (const Value& item : *operations->list()) {
    model::RecordOperation operation;
    if (!DecodeOperation(item, operation)) return "one of its record operations is incomplete";
    if (std::string problem = ProblemOf(operation); !problem.empty()) return problem;
    answer.operations.push_back(std::move(operation));
  }
  return "";
}

Reply DecodeAnswer(const Value& json) {
  Answer answer;
  std::int64_t seconds = 0;
  if (!ReadNamed(kOutcomes, json, "outcome", answer.kind) || !ReadText(json, "note", answer.note)) {
    return NoAnswer("its answer has no outcome or no note");
  }
  if (!ReadWhole(json, "retry_after_seconds", 0, kRetryAfterMax.count(), seconds)) {
    return NoAnswer("it asks for a retry after a time that cannot be");
  }
  answer.retry_after = std::chrono::seconds(seconds);
  if (const Value* request = json.Find("request")) {
    auto decoded = DecodeRequest(*request);
    if (!decoded.ok()) return NoAnswer(decoded.error());
    answer.request = std::move(decoded).value();
  }
  if (std::string problem = DecodeOperations(json, answer); !problem.empty()) {
    return NoAnswer(std::move(problem));
  }
  return answer;
}

Value EncodeAnswer(const Answer& answer) {
  Value::List operations;
  for (const auto& operation : answer.operations) operations.push_back(EncodeOperation(operation));
  Value json = Value::ObjectOf({{"outcome", Value::Text(NameOf(kOutcomes, answer.kind))},
                                {"note", Value::Text(answer.note)},
                                {"retry_after_seconds", Value::Integer(answer.retry_after.count())},
                                {"operations", Value::ListOf(std::move(operations))}});
  if (answer.request) json.Set("request", EncodeRequest(*answer.request));
  return json;
}

}  // namespace

std::string EncodeReply(const Reply& reply) {
  if (reply.ok()) return model::DumpJson(EncodeAnswer(reply.value()));
  return model::DumpJson(
      Value::ObjectOf({{"failure", Value::Text(NameOf(kFailures, reply.error().kind))},
                       {"message", Value::Text(reply.error().message)}}));
}

Reply DecodeReply(std::string_view text) {
  const auto json = model::ParseJson(text);
  if (!json.ok()) return NoAnswer("its answer is not JSON: " + json.error().message);
  return DecodeReply(json.value());
}

Reply DecodeReply(const Value& json) {
  if (json.Find("failure") == nullptr) return DecodeAnswer(json);
  Failure failure;
  if (!ReadNamed(kFailures, json, "failure", failure.kind) ||
      !ReadText(json, "message", failure.message)) {
    return NoAnswer("its answer is a failure of an unknown kind");
  }
  return failure;
}

}  // namespace webhook::callback
