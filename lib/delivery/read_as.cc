// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/read_as.h"

#include <algorithm>
#include <charconv>

#include "lib/model/value.h"

namespace webhook::delivery {
namespace {

using model::Value;

std::string TextMember(const Value& object, std::string_view key) {
  const Value* member = object.Find(key);
  return member != nullptr && member->text() != nullptr ? *member->text() : std::string();
}

// Not a whole number: 0.
std::int64_t Whole(const Value& value) {
  std::int64_t number = 0;
  if (const model::Number* source = value.number()) {
    const char* end = source->text.data() + source->text.size();
    const auto [stop, error] = std::from_chars(source->text.data(), end, number);
    if (error != std::errc() || stop != end) return 0;
  }
  return number;
}

}  // namespace

base::Result<model::ReadAs, std::string> ParseReadAs(const std::string& question_json) {
  auto parsed = model::ParseJson(question_json);
  if (!parsed.ok() || parsed.value().object() == nullptr) {
    return std::string("the question is no JSON object");
  }
  const Value& question = parsed.value();
  model::ReadAs read;
  read.model = TextMember(question, "model");
  read.operation = TextMember(question, "operation");
  read.order = TextMember(question, "order");
  if (read.model.empty() || read.operation.empty())
    return std::string("model and operation are needed");
  if (const Value* domain = question.Find("domain")) read.domain = model::DumpAsciiJson(*domain);
  if (const Value* limit = question.Find("limit"))
    read.limit = static_cast<int>(std::clamp<std::int64_t>(Whole(*limit), 0, 1000));
  if (const Value* ids = question.Find("record_ids"); ids != nullptr && ids->list() != nullptr) {
    for (const Value& id : *ids->list()) read.record_ids.push_back(Whole(id));
  }
  if (const Value* fields = question.Find("fields");
      fields != nullptr && fields->list() != nullptr) {
    for (const Value& field : *fields->list()) {
      if (field.text() != nullptr) read.fields.push_back(*field.text());
    }
  }
  return read;
}

std::string ReadAsReply(const RpcReply& reply) {
  if (!reply.ok()) return ReadAsError("Odoo did not answer: " + reply.error().detail);
  const auto answer = model::DecodeReadAs(reply.value());
  if (!answer.ok()) return ReadAsError(answer.error().message);
  if (!answer.value().ok) return ReadAsError(answer.value().message);
  auto records = model::ParseJson(answer.value().records);
  if (!records.ok()) return ReadAsError("Odoo's answer cannot be read");
  Value object = Value::ObjectOf({});
  object.Set("records", std::move(records).value());
  return model::DumpAsciiJson(object);
}

std::string ReadAsError(const std::string& message) {
  Value object = Value::ObjectOf({});
  object.Set("error", Value::Text(message));
  return model::DumpAsciiJson(object);
}

}  // namespace webhook::delivery
