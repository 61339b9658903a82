// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/fact_values.h"

#include <algorithm>

#include "lib/base/ascii.h"
#include "lib/rules/body_value.h"

namespace webhook::delivery {
namespace {

using model::Value;

Value ParseOrMissing(const std::string& text) {
  if (text.empty()) return Value();
  auto parsed = model::ParseJson(text);
  return parsed.ok() ? std::move(parsed).value() : Value();
}

// A received body, as its Content-Type says.
template <typename Pairs>
Value Payload(const Pairs& headers, const std::string& body) {
  std::string_view content_type;
  for (const auto& [name, value] : headers) {
    if (base::EqualsIgnoringCase(name, "Content-Type")) content_type = value;
  }
  return rules::ReadBody(content_type, body).value;
}

// An object that Odoo wrote; anything else is as good as none.
Value ObjectOrEmpty(const std::string& text) {
  Value value = ParseOrMissing(text);
  return value.object() != nullptr ? value : Value::ObjectOf({});
}

template <typename Pairs>
Value TextObject(const Pairs& pairs, bool lower_names) {
  Value object = Value::ObjectOf({});
  for (const auto& [name, value] : pairs) {
    object.Set(lower_names ? base::AsciiLower(name) : name, Value::Text(value));
  }
  return object;
}

const Value* Present(const Value& value) { return value.is_missing() ? nullptr : &value; }

// The reply's JSON when it is, else its text.
Value Body(const std::string& body) {
  Value parsed = ParseOrMissing(body);
  return parsed.is_missing() ? Value::Text(body) : parsed;
}

}  // namespace

rules::Facts FactValues::View() const {
  return {.payload = Present(payload),
          .headers = Present(headers),
          .query = Present(query),
          .resolved_values = Present(resolved_values),
          .semantics = Present(semantics),
          .fields = Present(fields),
          .context = Present(context),
          .request = Present(request),
          .response_status = Present(response_status),
          .response_headers = Present(response_headers),
          .response_body = Present(response_body),
          .item = nullptr};
}

FactValues FactsOf(const model::Event& event) {
  FactValues facts;
  facts.payload = Payload(event.headers, event.body);
  facts.headers = TextObject(event.headers, true);
  facts.query = TextObject(event.query, false);
  facts.resolved_values = ObjectOrEmpty(event.resolved_values);
  facts.semantics = TextObject(event.semantics, false);
  facts.fields = ObjectOrEmpty(event.field_values);
  return facts;
}

FactValues FactsOf(const model::Delivery& delivery, const std::string& target_url) {
  FactValues facts;
  facts.payload = ParseOrMissing(delivery.payload);
  facts.headers = TextObject(delivery.request_headers, true);
  facts.fields = ObjectOrEmpty(delivery.field_values);
  facts.context = ObjectOrEmpty(delivery.context_values);
  facts.request = Value::ObjectOf({});
  facts.request.Set("http_method", Value::Text(delivery.http_method));
  facts.request.Set("target_url", Value::Text(target_url));
  facts.request.Set("headers", facts.headers);
  facts.request.Set("payload", facts.payload);
  return facts;
}

FactValues FactsOf(const model::ProbeSample& sample) {
  FactValues facts;
  facts.payload = Payload(sample.headers, sample.body);
  facts.headers = TextObject(sample.headers, true);
  facts.query = TextObject(sample.query, false);
  facts.resolved_values = ObjectOrEmpty(sample.resolved_values);
  facts.semantics = TextObject(sample.semantics, false);
  facts.fields = ObjectOrEmpty(sample.field_values);
  facts.context = ObjectOrEmpty(sample.context_values);
  if (sample.response_status_code) {
    facts.response_status = Value::Integer(*sample.response_status_code);
    facts.response_headers = TextObject(sample.response_headers, true);
    facts.response_body = Body(sample.response_body);
  }
  return facts;
}

void AddReply(const HttpResult& result, FactValues& facts) {
  if (!result.ok()) return;
  facts.response_status = Value::Integer(result.value().status_code);
  facts.response_headers = TextObject(result.value().headers, true);
  facts.response_body = Body(result.value().body);
}

bool HasFields(const FactValues& facts, const std::vector<std::string>& needs) {
  return std::all_of(needs.begin(), needs.end(), [&](const std::string& need) {
    return facts.fields.Find(need) != nullptr || facts.fields.Find(need + '!') != nullptr;
  });
}

}  // namespace webhook::delivery
