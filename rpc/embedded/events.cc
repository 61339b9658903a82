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
  event.remote_address = from.value("remote_address", "");
  event.payload = from.value("payload", "");
  event.rejection_category = from.value("rejection_category", "");
  event.rejection_reason = from.value("rejection_reason", "");
  for (const json& file : from.value("files", json::array()))
    event.files.push_back(
        {file["name"], file["filename"], file["content_type"], file["content_base64"]});
  return event;
}

// The first event of the endpoint that this one is the same as; 0: there is none.
std::int64_t FirstOf(const Database& db, const json& from) {
  const auto find = [&](const auto& keys, const char* member) {
    const auto first = keys.find({from["endpoint_id"], from.value(member, "")});
    return first == keys.end() ? 0 : first->second;
  };
  if (from["state"] != "received") return 0;
  if (const auto first = find(db.event_keys, "identity_key"); first != 0) return first;
  return from.value("replay_blocks", false) ? find(db.replay_keys, "replay_identity_key") : 0;
}

void KeepKeys(Database& db, const json& from, std::int64_t id) {
  const std::int64_t endpoint_id = from["endpoint_id"];
  db.event_ids[from["event_uid"]] = id;
  if (from["state"] != "received") return;
  if (from.contains("identity_key"))
    db.event_keys.try_emplace({endpoint_id, from["identity_key"]}, id);
  if (from.contains("replay_identity_key"))
    db.replay_keys.try_emplace({endpoint_id, from["replay_identity_key"]}, id);
}

json IngestOne(Database& db, const json& from) {
  if (const auto known = db.event_ids.find(from["event_uid"]); known != db.event_ids.end())
    return {{"status", "already_ingested"}, {"id", known->second}};
  if (!db.inbound_endpoints.contains(from["endpoint_id"]))
    return {{"status", "failed"}, {"message", "There is no such endpoint."}};
  if (const auto first = FirstOf(db, from); first != 0) {
    Event* const event = db.FindEvent(first);
    ++event->duplicate_count;
    return {{"status", "duplicate"}, {"id", first}, {"first_event_uid", event->event_uid}};
  }
  const std::int64_t id = std::ssize(db.events) + 1;
  KeepKeys(db, from, id);
  db.events.push_back(EventOf(db, from));
  return {{"status", "ingested"}, {"id", id}};
}

void AddCounts(Database& db, const json& request) {
  for (const json& item : request.value("duplicates", json::array()))
    if (const auto known = db.event_ids.find(item["event_uid"]); known != db.event_ids.end())
      db.FindEvent(known->second)->duplicate_count += item["count"].get<std::int64_t>();
  for (const json& item : request.value("rejected_counts", json::array()))
    if (db.inbound_endpoints.contains(item["endpoint_id"]))
      db.rejected_counts[{item["endpoint_id"], item["category"]}] +=
          item["count"].get<std::int64_t>();
}

}  // namespace

json Ingest(Database& db, const json& request, std::int64_t now_ms) {
  json answer = {{"results", json::array()}};
  const std::string token = request.value("claim_token", "");
  const std::int64_t lease_ms = request.value("lease_seconds", std::int64_t{60}) * 1000;
  for (const json& from : request["events"]) {
    json result = IngestOne(db, from);
    if (from.contains("intake_id") && result["status"] != "failed")
      db.intake.erase(from["intake_id"]);
    result["event_uid"] = from["event_uid"];
    Event* event = result["status"] == "failed" ? nullptr : db.FindEvent(result["id"]);
    if (event != nullptr && !token.empty()) {
      const bool is_new = result["status"] == "ingested";
      const bool is_ordered = db.inbound_endpoints.at(event->endpoint_id).ordered;
      if (is_new && !is_ordered && IsWaiting(*event) &&
          db.IsOpen(JobKind::kEvent, event->endpoint_id)) {
        Lease(*event, token, now_ms + lease_ms);
      }
      // Also of a repeated call: what it leased the first time.
      if (IsLeased(*event) && event->lease_token == token) {
        answer["events"].push_back(ClaimedEvent(*event));
      }
    }
    answer["results"].push_back(std::move(result));
  }
  AddCounts(db, request);
  return answer;
}

}  // namespace webhook::embedded
