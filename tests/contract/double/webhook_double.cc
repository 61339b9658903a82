// SPDX-License-Identifier: LGPL-3.0-or-later
// The Odoo double as a program of its own, for the contract suite: prints its URL and accounts as
// one line of JSON, then answers one line of JSON per line on standard input, and ends with the
// input.
#include <fmt/core.h>

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "lib/base/clock.h"
#include "rpc/embedded/embedded_odoo.h"
#include "rpc/embedded/http_face.h"

namespace {

using nlohmann::json;
using webhook::embedded::Attempt;
using webhook::embedded::EmbeddedOdoo;
using webhook::embedded::Endpoint;
using webhook::embedded::Event;
using webhook::embedded::Execution;
using webhook::embedded::File;
using webhook::embedded::Handler;
using webhook::embedded::InboundEndpoint;
using webhook::embedded::IntakeRow;
using webhook::embedded::Job;
using webhook::embedded::JobKind;
using webhook::embedded::QueueOptions;

json Describe(const Job& row) {
  return {{"id", row.id},
          {"state", row.state},
          {"lease_token", row.lease_token},
          {"lease_count", row.lease_count},
          {"lease_expires_at_ms", row.lease_expires_at_ms},
          {"next_attempt_at_ms", row.next_attempt_at_ms},
          {"attempt_count", row.attempt_count},
          {"last_settlement_uid", row.last_settlement_uid},
          {"failure_reason", row.failure_reason},
          {"failure_message", row.failure_message},
          {"failure_key", row.failure_key}};
}

json Describe(const Attempt& row) {
  return {{"attempt_uid", row.attempt_uid},
          {"attempt_number", row.attempt_number},
          {"lease_token", row.lease_token},
          {"outcome", row.outcome},
          {"superseded", row.superseded},
          {"maybe_delivered", row.maybe_delivered},
          {"started_at_ms", row.started_at_ms},
          {"duration_ms", row.duration_ms},
          {"http_method", row.http_method},
          {"target_url", row.target_url},
          {"response_status_code", row.response_status_code.value_or(0)},
          {"response_body", row.response_body},
          {"error_kind", row.error_kind},
          {"error_message", row.error_message}};
}

json PutEndpoint(EmbeddedOdoo& odoo, const json& command) {
  Endpoint endpoint;
  endpoint.id = command.value("id", 0);
  endpoint.code = command.at("code");
  endpoint.state = command.value("state", "active");
  endpoint.target_hostname = command.value("target_hostname", "http://127.0.0.1:9");
  endpoint.handler_id = command.value("handler_id", 0);
  endpoint.held_reason = command.value("held_reason", "");
  return {{"id", odoo.AddEndpoint(endpoint)}};
}

// What the double keeps apart of an endpoint, and the rest as it is told.
json PutInboundEndpoint(EmbeddedOdoo& odoo, const json& command) {
  InboundEndpoint endpoint;
  endpoint.id = command.value("id", 0);
  endpoint.path = command.at("path");
  endpoint.state = command.value("state", "active");
  endpoint.handler_id = command.value("handler_id", 0);
  json members = command.value("members", json::object());
  endpoint.ordered = members.value("ordered", false);
  members.erase("ordered");
  endpoint.details_json = members.dump();
  return {{"id", odoo.AddInboundEndpoint(endpoint)}};
}

json PutHandler(EmbeddedOdoo& odoo, const json& command) {
  Handler handler;
  handler.id = command.value("id", 0);
  handler.code = command.at("code");
  handler.active = command.value("active", true);
  handler.paused = command.value("paused", false);
  handler.details_json = json{{"direction", command.value("direction", "outbound")}}.dump();
  return {{"id", odoo.AddHandler(handler)}};
}

json PutSecret(EmbeddedOdoo& odoo, const json& command) {
  webhook::embedded::Secret secret;
  (command.at("inbound") ? secret.inbound_endpoint_id : secret.endpoint_id) =
      command.at("endpoint_id").get<std::int64_t>();
  secret.purpose = command.at("purpose");
  secret.value = command.at("value");
  return {{"id", odoo.AddSecret(secret)}};
}

json Queue(EmbeddedOdoo& odoo, const json& command) {
  QueueOptions options;
  options.identity_key = command.value("identity_key", "");
  options.lane = command.value("lane", "");
  options.priority = command.value("priority", options.priority);
  options.headers = command.value("headers", options.headers);
  options.body_mode = command.value("body_mode", options.body_mode);
  options.expires_at_ms = command.value("expires_at_ms", options.expires_at_ms);
  for (const json& file : command.value("files", json::array()))
    options.files.push_back(File{file.at("name"), file.at("filename"), file.at("content_type"),
                                 file.at("content_base64")});
  return {{"id", odoo.QueueDelivery(command.at("endpoint_id"), command.at("payload"), options)}};
}

Job& Row(EmbeddedOdoo& odoo, const json& command) {
  const std::int64_t id = command.at("id");
  if (command.value("kind", "delivery") == "event") return odoo.EditEvent(id);
  return odoo.EditDelivery(id);
}

json Edit(EmbeddedOdoo& odoo, const json& command) {
  Job& row = Row(odoo, command);
  row.state = command.value("state", row.state);
  row.next_attempt_at_ms = command.value("next_attempt_at_ms", row.next_attempt_at_ms);
  row.lease_expires_at_ms = command.value("lease_expires_at_ms", row.lease_expires_at_ms);
  if (command.contains("expires_at_ms"))
    odoo.EditDelivery(row.id).expires_at_ms = command["expires_at_ms"];
  if (command.contains("priority"))
    odoo.EditDelivery(row.id).priority = std::stoi(command["priority"].get<std::string>());
  row.lease_token = command.value("lease_token", row.lease_token);
  return json::object();
}

json Read(EmbeddedOdoo& odoo, const json& command) {
  json row = Describe(odoo.EditDelivery(command.at("id")));
  row["delivery_uid"] = odoo.EditDelivery(command.at("id")).delivery_uid;
  json answer = {{"delivery", row}, {"attempts", json::array()}};
  for (const Attempt& attempt : odoo.attempts())
    if (attempt.delivery_id == command.at("id")) answer["attempts"].push_back(Describe(attempt));
  return answer;
}

json Describe(const File& file) {
  return {
      {"name", file.name}, {"filename", file.filename}, {"content_base64", file.content_base64}};
}

json ReadEvent(EmbeddedOdoo& odoo, const json& command) {
  const Event& event = odoo.EditEvent(command.at("id"));
  json row = Describe(static_cast<const Job&>(event));
  row.update({{"event_uid", event.event_uid},
              {"duplicate_count", event.duplicate_count},
              {"remote_address", event.remote_address},
              {"payload_text", event.payload},
              {"rejection_category", event.rejection_category},
              {"rejection_reason", event.rejection_reason}});
  json answer = {{"event", row}, {"executions", json::array()}, {"files", json::array()}};
  for (const File& file : event.files) answer["files"].push_back(Describe(file));
  for (const Execution& execution : odoo.executions())
    if (execution.kind == JobKind::kEvent && execution.job_id == command.at("id"))
      answer["executions"].push_back(json::parse(execution.json));
  return answer;
}

json AddIntake(EmbeddedOdoo& odoo, const json& command) {
  IntakeRow row;
  row.endpoint_id = command.at("endpoint_id");
  row.request_url = command.at("request_url");
  row.remote_address = "127.0.0.1";
  row.headers = command.at("headers").get<decltype(row.headers)>();
  row.body_base64 = command.at("body_base64");
  return {{"uid", odoo.EditIntake(odoo.AddIntake(row)).event_uid}};
}

// The event_uids of an endpoint's rows. With `expire` their leases end.
json Intake(EmbeddedOdoo& odoo, const json& command) {
  json uids = json::array();
  for (const auto& entry : odoo.intake()) {
    if (entry.second.endpoint_id != command.at("endpoint_id")) continue;
    uids.push_back(entry.second.event_uid);
    if (command.value("expire", false)) odoo.EditIntake(entry.first).lease_expires_at_ms = 0;
  }
  return {{"uids", uids}};
}

json RejectedCounts(EmbeddedOdoo& odoo, const json& command) {
  json counts = json::object();
  for (const auto& [key, count] : odoo.rejected_counts())
    if (key.first == command.at("endpoint_id")) counts[key.second] = count;
  return {{"counts", counts}};
}

json ReadWorker(EmbeddedOdoo& odoo, const json& command) {
  const auto& worker = odoo.workers().at(command.at("uid").get<std::string>());
  return {{"gateway_url", worker.gateway_url}, {"inbox", worker.inbox_json}};
}

// The applied operations that name a text.
json Written(EmbeddedOdoo& odoo, const json& command) {
  const auto count =
      std::count_if(odoo.operations().begin(), odoo.operations().end(), [&](const auto& operation) {
        return operation.json.find(command.at("text").get<std::string>()) != std::string::npos;
      });
  return {{"count", count}};
}

json AskProbe(EmbeddedOdoo& odoo, const json& command) {
  if (command.contains("endpoint_id"))
    return {{"uid", odoo.AddSendProbe(command["endpoint_id"], command.at("delivery").dump())}};
  return {{"uid", odoo.AddProbe(command.at("handler").dump(), command.at("samples").dump())}};
}

json Obey(EmbeddedOdoo& odoo, const json& command) {
  const std::string what = command.at("do");
  if (what == "endpoint") return PutEndpoint(odoo, command);
  if (what == "handler") return PutHandler(odoo, command);
  if (what == "queue") return Queue(odoo, command);
  if (what == "edit") return Edit(odoo, command);
  if (what == "read") return Read(odoo, command);
  if (what == "inbound_endpoint") return PutInboundEndpoint(odoo, command);
  if (what == "read_event") return ReadEvent(odoo, command);
  if (what == "written") return Written(odoo, command);
  if (what == "ask_probe") return AskProbe(odoo, command);
  if (what == "read_probe")
    return {{"answer", odoo.probes().at(command.at("uid").get<std::string>()).answer_json}};
  if (what == "findings") return {{"report", odoo.findings_json()}};
  if (what == "secret") return PutSecret(odoo, command);
  if (what == "add_intake") return AddIntake(odoo, command);
  if (what == "intake") return Intake(odoo, command);
  if (what == "rejected_counts") return RejectedCounts(odoo, command);
  if (what == "read_worker") return ReadWorker(odoo, command);
  if (what == "neutralized") {
    odoo.SetNeutralized(command.at("value"));
  } else if (what == "copy") {
    odoo.ChangeFingerprint();
  } else if (what == "confirm_key") {
    odoo.ConfirmKey(command.at("public_key"));
  } else if (what == "company_paused") {
    odoo.SetCompanyPaused(command.at("value"));
  } else if (what == "forget_workers") {
    odoo.ForgetWorkers();
  } else if (what == "refuse") {
    odoo.Refuse(command.at("model"), command.at("category"));
  } else {
    return {{"error", "unknown command " + what}};
  }
  return json::object();
}

}  // namespace

int main() {
  const webhook::base::SystemClock clock;
  EmbeddedOdoo odoo(clock);
  webhook::embedded::HttpFaceOptions options;
  const auto accounts = options.accounts;
  webhook::embedded::HttpFace face(odoo, options);
  fmt::print("{}\n", json{{"url", face.url()},
                          {"database", options.database},
                          {"worker_key", accounts[0].key},
                          {"outsider_key", accounts[1].key}}
                         .dump());
  std::fflush(stdout);
  for (std::string line; std::getline(std::cin, line);) {
    json answer;
    face.Locked([&](EmbeddedOdoo& locked) { answer = Obey(locked, json::parse(line)); });
    fmt::print("{}\n", answer.dump());
    std::fflush(stdout);
  }
}
