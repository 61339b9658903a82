// SPDX-License-Identifier: LGPL-3.0-or-later
// What a callback is given: one event, or one delivery before it is sent for the first time. For
// one call; the callback's own threads may read it as long as none changes the request.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/base/time.h"
#include "lib/callback/context_data.h"
#include "lib/callback/odoo_reader.h"
#include "lib/model/value.h"

namespace webhook::callback {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

// What the context needs of the process that runs it.
struct ContextHost {
  std::function<void(LogLevel, std::string_view)> log;
  OdooReader::Ask ask;
  std::function<std::chrono::milliseconds()> remaining;
};

class Context {
 public:
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  const std::string& callback() const { return callback_; }  // the name it is registered under
  const std::string& uid() const { return facts_.uid; }      // of the event or delivery: a UUID
  model::RecordId record_id() const { return facts_.record_id; }   // in Odoo
  const std::string& endpoint() const { return facts_.endpoint; }  // its path or code
  const std::string& handler() const { return facts_.handler; }    // its code
  int attempt() const { return facts_.attempt; }                   // 1: the first one
  base::WallTime created_at() const { return facts_.created_at; }  // received or queued

  // The body byte for byte, and as JSON: missing when it is none.
  const std::string& body() const { return facts_.body; }
  const Value& payload() const { return facts_.payload; }

  // What is at a path of the payload: "order.lines[-1].sku", "lines[*].id" (lib/rules/path.h).
  // Missing, null, false, 0 and "" are five different values. Throws std::invalid_argument when the
  // path is none.
  Value At(std::string_view path) const;

  // A text or number there as text. RequireText throws std::runtime_error when there is none.
  std::optional<std::string> Text(std::string_view path) const;
  std::string RequireText(std::string_view path) const;

  // Of fields that the handler's rules name: "event_field:topic", "record_field:partner_id.name".
  // Missing when there is no such one.
  const Value& field(std::string_view expression) const;

  const OdooReader& odoo() const { return odoo_; }

  // A line in the worker's log, with the callback's name.
  void Log(LogLevel level, std::string_view text) const { host_.log(level, text); }

  // Until the callback is ended, whatever it does.
  std::chrono::milliseconds Remaining() const { return host_.remaining(); }

 protected:
  Context(std::string callback, CommonFacts facts, ContextHost host);
  ~Context() = default;

  static const Value& Member(const Value& object, std::string_view key);

 private:
  const std::string callback_;
  const CommonFacts facts_;
  const ContextHost host_;
  const OdooReader odoo_;
};

class EventContext final : public Context {
 public:
  EventContext(std::string callback, EventFacts facts, ContextHost host);

  // Of any case; nothing when there is none.
  std::optional<std::string> header(std::string_view name) const;
  std::optional<std::string> query(std::string_view name) const;
  std::optional<std::string> semantic(std::string_view name) const;  // topic, event_type, …
  const Value& resolved(std::string_view name) const;

  const Value& headers() const { return event_.headers; }  // objects
  const Value& queries() const { return event_.query; }
  const Value& semantics() const { return event_.semantics; }
  const Value& resolved_values() const { return event_.resolved_values; }

 private:
  const EventFacts event_;
};

class DeliveryContext final : public Context {
 public:
  DeliveryContext(std::string callback, DeliveryFacts facts, ContextHost host);

  // What will be sent. May be changed: Outcome::Send() sends it so, in every attempt.
  OutgoingRequest& request() { return request_; }
  const OutgoingRequest& request() const { return request_; }

  // What the code that queued the delivery handed along; missing when there is no such one.
  const Value& context_value(std::string_view key) const;
  const Value& context_values() const { return delivery_.context_values; }

  bool request_changed() const { return !(request_ == delivery_.request); }

 private:
  const DeliveryFacts delivery_;
  OutgoingRequest request_;
};

}  // namespace webhook::callback
