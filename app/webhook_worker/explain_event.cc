// SPDX-License-Identifier: LGPL-3.0-or-later
#include "app/webhook_worker/explain_event.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <optional>

#include "lib/rules/text_of.h"

namespace webhook::app {
namespace {

using model::Value;
using TextMap = std::map<std::string, std::string>;

constexpr std::array<std::string_view, 9> kMembers = {
    "body",         "headers",        "query",   "resolved_values", "semantics",
    "field_values", "context_values", "request", "response"};

bool IsEvent(const Value& value) {
  const Value::Object* members = value.object();
  return members != nullptr && value.Find("body") != nullptr &&
         std::all_of(members->begin(), members->end(), [](const model::Member& member) {
           return std::find(kMembers.begin(), kMembers.end(), member.key) != kMembers.end();
         });
}

// Takes the members of an event; the first that is wrong is remembered.
class EventReader {
 public:
  explicit EventReader(const Value& event) : event_(event) {}

  std::string Body(const Value& holder) const {
    const Value* body = holder.Find("body");
    if (body == nullptr) return {};
    return body->text() != nullptr ? *body->text() : model::DumpJson(*body);
  }

  TextMap Texts(const Value& holder, const std::string& key) {
    TextMap texts;
    const Value* object = ObjectIn(holder, key);
    for (const auto& [name, value] : object == nullptr ? Value::Object{} : *object->object()) {
      texts[name] = rules::TextOf(value);
    }
    return texts;
  }

  // A JSON object as a text, as the contract carries it.
  std::string JsonObject(const std::string& key) {
    const Value* object = ObjectIn(event_, key);
    return object == nullptr ? "{}" : model::DumpJson(*object);
  }

  // The object at the key; null when there is none.
  const Value* ObjectIn(const Value& holder, const std::string& key) {
    const Value* value = holder.Find(key);
    if (value != nullptr && value->object() == nullptr) {
      Complain("\"" + key + "\" must be an object");
      return nullptr;
    }
    return value;
  }

  std::optional<int> Status(const Value& response) {
    const Value* status = response.Find("status");
    if (status == nullptr) return 200;
    const std::string text = rules::TextOf(*status);
    int code = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), code);
    if (read.ptr == text.data() + text.size() && code >= 100 && code <= 999) return code;
    Complain("the response's \"status\" must be a number from 100 to 999");
    return std::nullopt;
  }

  const std::string& problem() const { return problem_; }

 private:
  void Complain(std::string problem) {
    if (problem_.empty()) problem_ = std::move(problem);
  }

  const Value& event_;
  std::string problem_;
};

void ReadResponse(const Value& response, EventReader& reader, model::ProbeSample& sample) {
  sample.response_status_code = reader.Status(response);
  sample.response_headers = reader.Texts(response, "headers");
  sample.response_body = reader.Body(response);
}

base::Result<ExplainedEvent, std::string> ReadEvent(const Value& event) {
  EventReader reader(event);
  ExplainedEvent explained;
  model::ProbeSample& sample = explained.sample;
  sample.body = reader.Body(event);
  sample.headers = reader.Texts(event, "headers");
  sample.query = reader.Texts(event, "query");
  sample.resolved_values = reader.JsonObject("resolved_values");
  sample.semantics = reader.Texts(event, "semantics");
  sample.field_values = reader.JsonObject("field_values");
  sample.context_values = reader.JsonObject("context_values");
  if (const Value* request = reader.ObjectIn(event, "request")) explained.request = *request;
  if (const Value* response = reader.ObjectIn(event, "response")) {
    ReadResponse(*response, reader, sample);
  }
  if (!reader.problem().empty()) return reader.problem();
  return explained;
}

std::string TextIn(const Value& object, const char* key, const char* otherwise) {
  const Value* value = object.Find(key);
  return value != nullptr && value->text() != nullptr ? *value->text() : otherwise;
}

}  // namespace

rules::RequestDraft ExplainedEvent::Draft() const {
  rules::RequestDraft draft{TextIn(request, "http_method", "post"),
                            TextIn(request, "target_path", "/"), sample.headers, sample.body};
  if (const Value* headers = request.Find("headers"); headers != nullptr && headers->object()) {
    for (const auto& [name, value] : *headers->object()) draft.headers[name] = rules::TextOf(value);
  }
  return draft;
}

base::Result<ExplainedEvent, std::string> ReadEventFile(std::string_view text, model::Phase phase) {
  auto parsed = model::ParseJson(text);
  if (!parsed.ok()) {
    return "not JSON at byte " + std::to_string(parsed.error().byte) + ": " +
           parsed.error().message;
  }
  ExplainedEvent payload;
  payload.sample.body = text;
  auto explained = IsEvent(parsed.value()) ? ReadEvent(parsed.value())
                                           : base::Result<ExplainedEvent, std::string>(payload);
  if (explained.ok()) explained.value().sample.phase = phase;
  return explained;
}

}  // namespace webhook::app
