// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/callback/answer_json.h"

#include <doctest/doctest.h>

namespace webhook::callback {
namespace {

std::string WhyNot(std::string_view json) {
  const Reply reply = DecodeReply(json);
  if (reply.ok()) return "";
  CHECK(reply.error().kind == FailureKind::kNoAnswer);
  return reply.error().message;
}

// A good answer with one member replaced.
std::string With(const char* key, const char* json) {
  Value answer =
      model::ParseJson(R"({"outcome":"done","note":"","retry_after_seconds":0,"operations":[]})")
          .value();
  answer.Set(key, model::ParseJson(json).value());
  return model::DumpJson(answer);
}

}  // namespace

TEST_CASE("an answer comes back as it was") {
  Answer answer;
  answer.kind = OutcomeKind::kSend;
  answer.note = "é \"quoted\"";
  answer.retry_after = std::chrono::seconds(3);
  answer.request = OutgoingRequest{"put", "/x", {{"A", "1"}, {"a", "2"}}, std::string("\0\xFF", 2)};
  model::RecordOperation operation =
      Upsert("res.partner").By("ref", 7).Set("x", Value::Decimal("1.10")).operation();
  operation.on_none = LookupPolicy::kDeadLetter;
  answer.operations = {operation};
  const Reply decoded = DecodeReply(EncodeReply(answer));
  REQUIRE(decoded.ok());
  const Answer& again = decoded.value();
  CHECK(again.kind == answer.kind);
  CHECK(again.note == answer.note);
  CHECK(again.retry_after == answer.retry_after);
  CHECK(again.request == answer.request);
  REQUIRE(again.operations.size() == 1);
  CHECK(again.operations[0].kind == model::OperationKind::kUpsert);
  CHECK(again.operations[0].lookup[0].value == Value::Integer(7));
  CHECK(again.operations[0].values == operation.values);
  CHECK(again.operations[0].on_none == LookupPolicy::kDeadLetter);
}

TEST_CASE("every outcome and every failure has its name") {
  for (const auto& [kind, name] :
       {std::pair(OutcomeKind::kDone, "done"), std::pair(OutcomeKind::kSend, "send"),
        std::pair(OutcomeKind::kRetry, "retry"), std::pair(OutcomeKind::kDeadLetter, "dead_letter"),
        std::pair(OutcomeKind::kCancel, "cancel")}) {
    Answer answer;
    answer.kind = kind;
    const std::string json = EncodeReply(answer);
    CHECK(json.find(std::string("\"outcome\":\"") + name + "\"") != std::string::npos);
    CHECK(DecodeReply(json).value().kind == kind);
  }
  for (const FailureKind kind :
       {FailureKind::kUnknownCallback, FailureKind::kThrew, FailureKind::kNoAnswer}) {
    const Reply failed = DecodeReply(EncodeReply(Failure{kind, "why"}));
    REQUIRE_FALSE(failed.ok());
    CHECK(failed.error().kind == kind);
    CHECK(failed.error().message == "why");
  }
}

TEST_CASE("what makes no sense is never a success") {
  CHECK(WhyNot(With("note", "\"\"")).empty());
  for (const std::string& json :
       {std::string(), std::string("{}"), std::string("[]"), std::string("null"),
        std::string("{\"failure\":\"none\",\"message\":\"\"}"), With("outcome", "\"success\""),
        With("outcome", "null"), With("note", "1"), With("retry_after_seconds", "-1"),
        With("retry_after_seconds", "1.5"), With("retry_after_seconds", "31536001"),
        With("operations", "{}"), With("operations", "[1]"), With("request", "{}")}) {
    CAPTURE(json);
    CHECK_FALSE(WhyNot(json).empty());
  }
}

TEST_CASE("operations that cannot be meant") {
  const auto with = [](const Operation& operation) {
    Answer answer;
    answer.operations = {operation.operation()};
    return WhyNot(EncodeReply(answer));
  };
  CHECK(with(Create("a")).empty());
  CHECK(with(Create("")) == "an operation names no model");
  CHECK(with(Update("a").Set("x", 1)) == "an operation on a has no lookup key");
  CHECK(with(Upsert("a")) == "an operation on a has no lookup key");
  CHECK(with(Create("a").By("x", 1)) == "an operation that creates a a has a lookup key");
  CHECK(with(Update("a").By("", 1)) == "one of its record operations is incomplete");
}

}  // namespace webhook::callback
