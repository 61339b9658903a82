// SPDX-License-Identifier: LGPL-3.0-or-later
// A dispatcher of events over a settler, and answers to its claims.
#pragma once

#include <string>
#include <vector>

#include "lib/base/base64.h"
#include "lib/delivery/event_dispatcher.h"
#include "tests/unit/delivery/settler_world.h"

namespace webhook::delivery {

// Handler 7 has rules, handler 8 is a native callback, handler 9 a Python one. The inbound endpoint
// 1 is of handler 7.
struct EventWorld : SettlerWorld {
  explicit EventWorld(fakes::JournalFault fault = {0})
      : SettlerWorld({}, fault),
        caller(kWorkerUid, Milliseconds(150000), ports, link),
        calls(ports),
        responder(kWorkerUid, Milliseconds(150000), {"webhook-worker/0.1.0", 65536}, ports, calls),
        events(Options(), ports, link, settler, caller, responder) {
    callbacks.names = {"acme.paid"};
    settler.Start({.on_settled = [this](const model::Lease& lease) { events.OnSettled(lease); },
                   .on_journal_failed = [this] { events.OnJournalFailed(); }},
                  {});
  }
  static EventOptions Options() {
    EventOptions options;
    options.worker_uid = kWorkerUid;
    options.endpoint_window_max = 10;
    return options;
  }

  void StartReady(const std::vector<std::string>& tokens = {}) {
    StartReadyWith(WithInbound(), tokens);
  }
  void StartReadyWith(const Json& configuration, const std::vector<std::string>& tokens = {}) {
    events.Start(tokens, [this] { ++journal_failures; });
    link.Start({.on_ready =
                    [this] {
                      caller.OnLinkReady();
                      settler.OnLinkReady();
                      events.OnLinkReady();
                    },
                .on_configuration =
                    [this] {
                      events.OnConfiguration(MakeHandlerBook(link.configuration(), caller.Names(),
                                                             secrets, clock.Now()));
                    },
                .on_wake_secret = [](const std::string&) {}},
               {});
    strand.RunReady();
    odoo.Answer(Method::kHello, Hello());
    odoo.Answer(Method::kConfiguration, configuration);
    REQUIRE(link.ready());
  }
  Json WithInbound() const {
    Json answer = Configuration();
    Json& document = answer.at("configuration");
    const Json rule = {
        {"id", 3},
        {"sequence", 10},
        {"name", "New partner"},
        {"phase", "event"},
        {"action", "create_record"},
        {"target_model", "res.partner"},
        {"conditions", Json::array()},
        {"lookups", Json::array()},
        {"assignments",
         Json::array({{{"id", 4},
                       {"scope", "field"},
                       {"target", "name"},
                       {"source", {{"kind", "payload_path"}, {"expression", "name"}}}}})}};
    document["handlers"] = Json::array(
        {Handler(7, "model_driven",
                 {{"rules", Json::array({rule})}, {"field_metadata", Metadata()}}),
         Handler(8, "native",
                 {{"native_callback", "acme.paid"},
                  {"allowed_models", Json::array({"res.partner"})},
                  {"field_metadata", Metadata()}}),
         Handler(9, "python", {{"python_model_name", "x"}, {"python_method_name", "y"}})});
    document["inbound_endpoints"] = Json::array({{{"id", 1},
                                                  {"path", "orders"},
                                                  {"name", "Orders"},
                                                  {"company_id", 1},
                                                  {"state", "active"},
                                                  {"handler_id", 7},
                                                  {"retry_policy_id", 1}}});
    return answer;
  }
  static Json WithTwoEndpoints(Json answer) {
    Json& endpoints = answer.at("configuration").at("inbound_endpoints");
    endpoints.push_back(endpoints.at(0));
    endpoints.at(1)["id"] = 2;
    endpoints.at(1)["path"] = "invoices";
    return answer;
  }
  static Json Metadata() {
    return {{"res.partner", {{"name", {{"type", "char"}, {"label", "Name"}}}}}};
  }
  static Json Handler(int id, const std::string& mode, const Json& members) {
    Json handler = {{"id", id},
                    {"code", "h"},
                    {"name", "H"},
                    {"company_id", 1},
                    {"direction", "inbound"},
                    {"execution_mode", mode},
                    {"active", true}};
    handler.update(members);
    return handler;
  }

  Json Event(int id, int handler_id, const std::string& body = R"({"name": "Acme"})") const {
    const auto server_now = base::ToUnixMs(clock.Now()) + kServerAheadMs;
    return {{"id", id},
            {"event_uid", Uid(id)},
            {"endpoint_id", 1},
            {"handler_id", handler_id},
            {"lease_token", Token()},
            {"lease_expires_at_ms", server_now + 300000},
            {"lease_count", 1},
            {"attempt_count", 0},
            {"received_at_ms", base::ToUnixMs(clock.Now())},
            {"request_body_base64", base::EncodeBase64(body)},
            {"request_headers", Json::object()},
            {"query", Json::object()},
            {"resolved_values", "{}"},
            {"semantics", Json::object()},
            {"field_values", "{}"}};
  }
  Json Events(int from, int to, int handler_id) const {
    Json list = Json::array();
    for (int id = from; id <= to; ++id) list.push_back(Event(id, handler_id));
    return list;
  }
  static model::Settlement SettledEvent(int id, const std::string& token) {
    model::Settlement settlement;
    settlement.kind = model::JobKind::kEvent;
    settlement.settlement_uid = Uid(1000 + id);
    settlement.job_id = id;
    settlement.lease_token = token;
    settlement.outcome = "done";
    settlement.transition.state = model::DeliveryState::kDone;
    return settlement;
  }
  std::string Token() const { return odoo.PendingEventClaim().request.at("claim_token"); }
  void AnswerEvents(const Json& list, const Json& probes = Json::array()) {
    odoo.ReplyEventClaim(EventAnswer(list, probes).dump());
  }
  // The settlements in the call under way.
  Json Settled() {
    Linger();
    return odoo.Pending(Method::kSettle).request.at("settlements");
  }

  CallbackCaller caller;
  OutboundCalls calls;
  ProbeResponder responder;
  EventDispatcher events;
};

}  // namespace webhook::delivery
