// SPDX-License-Identifier: LGPL-3.0-or-later
// ingest.
#include <nlohmann/json.hpp>

#include "rpc/embedded/methods.h"

namespace webhook::embedded {
namespace {

using nlohmann::json;

// The named handler, else the endpoint's; 0: none.
std::int64_t HandlerOf(const Database& db, const json& from, const InboundEndpoint& endpoint) {
  for (const auto& [id, handler] : db.handlers)
    if (from.value("handler_selector", "") == handler.code) return id;
  return endpoint.handler_id;
}

Event EventOf(const Database& db, const json& from) {
  Event event;
  event.id = std::ssize(db.events) + 1;
  event.event_uid = from["event_uid"];
  event.endpoint_id = from["endpoint_id"];
  event.handler_id = HandlerOf(db, from, db.inbound_endpoints.at(event.endpoint_id));
  event.state = from["state"];
  event.received_at_ms = event.next_attempt_at_ms = from["received_at_ms"];
  event.body_base64 = from["request_body_base64"];
  event.headers = from["request_headers"].get<Headers>();
  event.query = from.value("query", Headers{});
  event.semantics = from.value("semantics", Headers{});
  event.resolved_values = from.value("resolved_values", json::object()).dump();
  return event;
}

json IngestOne(Database& db, const json& from) {
  const std::int64_t endpoint_id = from["endpoint_id"];
  if (const auto known = db.event_ids.find(from["event_uid"]); known != db.event_ids.end())
    return {{"status", "already_ingested"}, {"id", known->second}};
  if (!db.inbound_endpoints.contains(endpoint_id))
    return {{"status", "failed"}, {"message", "There is no such endpoint."}};
  const std::int64_t id = std::ssize(db.events) + 1;
  if (from.contains("identity_key") && from["state"] == "received") {
    const auto [first, is_new] = db.event_keys.try_emplace({endpoint_id, from["identity_key"]}, id);
    if (!is_new) return {{"status", "duplicate"}, {"id", first->second}};
  }
  db.event_ids[from["event_uid"]] = id;
  db.events.push_back(EventOf(db, from));
  return {{"status", "ingested"}, {"id", id}};
}

}  // namespace

json Ingest(Database& db, const json& request, std::int64_t now_ms) {
  json answer = {{"results", json::array()}};
  const std::string token = request.value("claim_token", "");
  const std::int64_t lease_ms = request.value("lease_seconds", std::int64_t{60}) * 1000;
  for (const json& from : request["events"]) {
    json result = IngestOne(db, from);
    result["event_uid"] = from["event_uid"];
    Event* event = result["status"] == "failed" ? nullptr : db.FindEvent(result["id"]);
    if (event != nullptr && !token.empty()) {
      const bool is_new = result["status"] == "ingested";
      if (is_new && IsWaiting(*event) && db.IsOpen(JobKind::kEvent, event->endpoint_id)) {
        Lease(*event, token, now_ms + lease_ms);
      }
      // Also of a repeated call: what it leased the first time.
      if (IsLeased(*event) && event->lease_token == token) {
        answer["events"].push_back(ClaimedEvent(*event));
      }
    }
    answer["results"].push_back(std::move(result));
  }
  return answer;
}

}  // namespace webhook::embedded
