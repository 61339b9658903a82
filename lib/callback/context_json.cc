// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/callback/context_json.h"

#include <limits>
#include <map>

#include "lib/callback/json_members.h"

namespace webhook::callback {
namespace {

using model::Value;

constexpr std::int64_t kWholeMax = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kUnixMsMax = 253'402'300'799'999;  // the year 9999

Value ParsedObject(const std::string& json) {
  auto parsed = model::ParseJson(json);
  if (!parsed.ok() || parsed.value().object() == nullptr) return Value::ObjectOf({});
  return std::move(parsed).value();
}

Value ParsedPayload(const std::string& body) {
  auto parsed = model::ParseJson(body);
  return parsed.ok() ? std::move(parsed).value() : Value();
}

Value TextObject(const std::map<std::string, std::string>& texts) {
  Value::Object members;
  for (const auto& [key, text] : texts) members.push_back({key, Value::Text(text)});
  return Value::ObjectOf(std::move(members));
}

Value EncodeCommon(std::string_view kind, const CommonFacts& facts) {
  return Value::ObjectOf({{"kind", Value::Text(std::string(kind))},
                          {"uid", Value::Text(facts.uid)},
                          {"record_id", Value::Integer(facts.record_id)},
                          {"endpoint", Value::Text(facts.endpoint)},
                          {"handler", Value::Text(facts.handler)},
                          {"attempt", Value::Integer(facts.attempt)},
                          {"created_at_ms", Value::Integer(base::ToUnixMs(facts.created_at))},
                          {"field_values", facts.field_values}});
}

bool DecodeCommon(const Value& json, CommonFacts& facts) {
  std::int64_t attempt = 0;
  std::int64_t created_at_ms = 0;
  const bool ok = ReadText(json, "uid", facts.uid) &&
                  ReadWhole(json, "record_id", 0, kWholeMax, facts.record_id) &&
                  ReadText(json, "endpoint", facts.endpoint) &&
                  ReadText(json, "handler", facts.handler) &&
                  ReadWhole(json, "attempt", 1, std::numeric_limits<int>::max(), attempt) &&
                  ReadWhole(json, "created_at_ms", 0, kUnixMsMax, created_at_ms) &&
                  ReadObject(json, "field_values", facts.field_values);
  facts.attempt = static_cast<int>(attempt);
  facts.created_at = base::FromUnixMs(created_at_ms);
  return ok;
}

bool DecodeEvent(const Value& json, EventFacts& facts) {
  return DecodeCommon(json, facts.common) && ReadBytes(json, "body_base64", facts.common.body) &&
         ReadObject(json, "headers", facts.headers) && ReadObject(json, "query", facts.query) &&
         ReadObject(json, "resolved_values", facts.resolved_values) &&
         ReadObject(json, "semantics", facts.semantics);
}

bool DecodeHeaders(const Value& request, OutgoingRequest& to) {
  const Value* headers = request.Find("headers");
  if (headers == nullptr || headers->list() == nullptr) return false;
  for (const Value& item : *headers->list()) {
    const Value::List* pair = item.list();
    if (pair == nullptr || pair->size() != 2) return false;
    const std::string* name = (*pair)[0].text();
    const std::string* value = (*pair)[1].text();
    if (name == nullptr || value == nullptr) return false;
    to.headers.emplace_back(*name, *value);
  }
  return true;
}

base::Result<AnyFacts, std::string> DecodeEventContext(const Value& json) {
  EventFacts facts;
  if (!DecodeEvent(json, facts)) return std::string("the context of an event is incomplete");
  facts.common.payload = ParsedPayload(facts.common.body);
  return AnyFacts(std::move(facts));
}

base::Result<AnyFacts, std::string> DecodeDeliveryContext(const Value& json) {
  DeliveryFacts facts;
  const Value* request = json.Find("request");
  if (!DecodeCommon(json, facts.common) || request == nullptr ||
      !ReadObject(json, "context_values", facts.context_values)) {
    return std::string("the context of a delivery is incomplete");
  }
  auto decoded = DecodeRequest(*request);
  if (!decoded.ok()) return decoded.error();
  facts.request = std::move(decoded).value();
  facts.common.body = facts.request.payload;
  facts.common.payload = ParsedPayload(facts.common.body);
  return AnyFacts(std::move(facts));
}

}  // namespace

EventFacts FactsOf(const model::Event& event, const ContextNames& names) {
  EventFacts facts;
  facts.common = {event.event_uid,
                  event.id,
                  names.endpoint,
                  names.handler,
                  event.attempt_count + 1,
                  event.received_at,
                  event.body,
                  ParsedPayload(event.body),
                  ParsedObject(event.field_values)};
  facts.headers = TextObject(event.headers);
  facts.query = TextObject(event.query);
  facts.resolved_values = ParsedObject(event.resolved_values);
  facts.semantics = TextObject(event.semantics);
  return facts;
}

DeliveryFacts FactsOf(const model::Delivery& delivery, const std::string& target_path,
                      const ContextNames& names) {
  DeliveryFacts facts;
  facts.common = {delivery.delivery_uid,
                  delivery.id,
                  names.endpoint,
                  names.handler,
                  delivery.attempt_count + 1,
                  delivery.queued_at,
                  delivery.payload,
                  ParsedPayload(delivery.payload),
                  ParsedObject(delivery.field_values)};
  facts.request = {delivery.http_method,
                   target_path,
                   {delivery.request_headers.begin(), delivery.request_headers.end()},
                   delivery.payload};
  facts.context_values = ParsedObject(delivery.context_values);
  return facts;
}

std::string EncodeContext(const EventFacts& facts) {
  Value json = EncodeCommon("event", facts.common);
  json.Set("body_base64", Value::Text(base::EncodeBase64(facts.common.body)));
  json.Set("headers", facts.headers);
  json.Set("query", facts.query);
  json.Set("resolved_values", facts.resolved_values);
  json.Set("semantics", facts.semantics);
  return model::DumpJson(json);
}

std::string EncodeContext(const DeliveryFacts& facts) {
  Value json = EncodeCommon("delivery", facts.common);
  json.Set("request", EncodeRequest(facts.request));
  json.Set("context_values", facts.context_values);
  return model::DumpJson(json);
}

base::Result<AnyFacts, std::string> DecodeContext(std::string_view text) {
  const auto json = model::ParseJson(text);
  std::string kind;
  if (!json.ok() || !ReadText(json.value(), "kind", kind)) {
    return std::string("the context is not the JSON it should be");
  }
  if (kind == "event") return DecodeEventContext(json.value());
  if (kind == "delivery") return DecodeDeliveryContext(json.value());
  return std::string("the context is of an unknown kind");
}

Value EncodeRequest(const OutgoingRequest& request) {
  Value::List headers;
  for (const auto& [name, value] : request.headers) {
    headers.push_back(Value::ListOf({Value::Text(name), Value::Text(value)}));
  }
  return Value::ObjectOf({{"http_method", Value::Text(request.http_method)},
                          {"target_path", Value::Text(request.target_path)},
                          {"headers", Value::ListOf(std::move(headers))},
                          {"payload_base64", Value::Text(base::EncodeBase64(request.payload))}});
}

base::Result<OutgoingRequest, std::string> DecodeRequest(const Value& json) {
  OutgoingRequest request;
  if (!ReadText(json, "http_method", request.http_method) ||
      !ReadText(json, "target_path", request.target_path) || !DecodeHeaders(json, request) ||
      !ReadBytes(json, "payload_base64", request.payload)) {
    return std::string("the request is incomplete");
  }
  return request;
}

}  // namespace webhook::callback
