// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/callback/context.h"

#include <stdexcept>

#include "lib/base/ascii.h"
#include "lib/rules/path.h"

namespace webhook::callback {
namespace {

std::optional<std::string> AsText(const Value& value) {
  if (value.text() != nullptr) return *value.text();
  if (value.number() != nullptr) return value.number()->text;
  return std::nullopt;
}

}  // namespace

void OutgoingRequest::SetHeader(std::string name, std::string value) {
  for (auto& [known, current] : headers) {
    if (!base::EqualsIgnoringCase(known, name)) continue;
    current = std::move(value);
    return;
  }
  headers.emplace_back(std::move(name), std::move(value));
}

Context::Context(std::string callback, CommonFacts facts, ContextHost host)
    : callback_(std::move(callback)),
      facts_(std::move(facts)),
      host_(std::move(host)),
      odoo_(host_.ask) {}

const Value& Context::Member(const Value& object, std::string_view key) {
  static const Value kMissing;
  const Value* found = object.Find(key);
  return found == nullptr ? kMissing : *found;
}

Value Context::At(std::string_view path) const {
  const auto parsed = rules::ParsePath(path);
  if (!parsed.ok()) {
    throw std::invalid_argument("the path " + std::string(path) + ": " + parsed.error());
  }
  return rules::Find(parsed.value(), payload());
}

std::optional<std::string> Context::Text(std::string_view path) const { return AsText(At(path)); }

std::string Context::RequireText(std::string_view path) const {
  std::optional<std::string> text = Text(path);
  if (!text) throw std::runtime_error("the payload has no text or number at " + std::string(path));
  return *std::move(text);
}

const Value& Context::field(std::string_view expression) const {
  return Member(facts_.field_values, expression);
}

EventContext::EventContext(std::string callback, EventFacts facts, ContextHost host)
    : Context(std::move(callback), facts.common, std::move(host)), event_(std::move(facts)) {}

std::optional<std::string> EventContext::header(std::string_view name) const {
  return AsText(Member(event_.headers, base::AsciiLower(name)));
}

std::optional<std::string> EventContext::query(std::string_view name) const {
  return AsText(Member(event_.query, name));
}

std::optional<std::string> EventContext::semantic(std::string_view name) const {
  return AsText(Member(event_.semantics, name));
}

const Value& EventContext::resolved(std::string_view name) const {
  return Member(event_.resolved_values, name);
}

DeliveryContext::DeliveryContext(std::string callback, DeliveryFacts facts, ContextHost host)
    : Context(std::move(callback), facts.common, std::move(host)),
      delivery_(std::move(facts)),
      request_(delivery_.request) {}

const Value& DeliveryContext::context_value(std::string_view key) const {
  return Member(delivery_.context_values, key);
}

}  // namespace webhook::callback
