// SPDX-License-Identifier: LGPL-3.0-or-later
// An engine with its inbound half, over an inbox in memory and a scripted Odoo. Inbound endpoint 1
// is /open and takes any JSON, 2 is a draft.
#pragma once

#include <memory>
#include <string>

#include "lib/delivery/engine.h"
#include "lib/inbound/reception.h"
#include "tests/fakes/memory_inbox.h"
#include "tests/unit/delivery/engine_world.h"
#include "tests/unit/gateway/gateway_world.h"

namespace webhook::inbound {

struct ReceptionWorld : delivery::EngineWorld {
  using Json = delivery::Json;
  using Method = delivery::Method;

  explicit ReceptionWorld(fakes::InboxContents contents = {})
      : inbox(strand, base::Milliseconds(1), std::move(contents)),
        gateway({}, clock, random, log, inbox),
        reception(Options(), ports, &inbox, &gateway) {
    delivery::EngineOptions options;
    options.link = LinkOptionsOf();
    options.dispatcher.worker_uid = options.settler.worker_uid = delivery::kWorkerUid;
    options.events.worker_uid = delivery::kWorkerUid;
    options.request = {"webhook-worker/0.1.0", 65536};
    delivery::EnginePorts with_inbound = ports;
    with_inbound.inbound = &reception;
    engine = std::make_unique<delivery::Engine>(options, with_inbound);
  }

  static ReceptionOptions Options() {
    ReceptionOptions options;
    options.gateway_url = "https://hooks.example.com";
    options.ingest.worker_uid = options.intake.worker_uid = delivery::kWorkerUid;
    return options;
  }

  void Start() {
    engine->Start({}, [](const std::string&) {});
    strand.RunReady();
  }
  void StartReady() {
    Start();
    AnswerLink();
    REQUIRE(engine->ready());
  }

  Json InboundConfiguration() const {
    Json answer = Configuration();
    Json& document = answer.at("configuration");
    for (const int id : {1, 2}) {
      Json endpoint = {{"id", id},
                       {"path", id == 1 ? "open" : "draft"},
                       {"name", "Endpoint"},
                       {"company_id", 1},
                       {"state", id == 1 ? "active" : "draft"},
                       {"delivery_identity_policy", "body_sha256"},
                       {"retry_policy_id", 1}};
      endpoint.update(inbound_details);
      document.at("inbound_endpoints").push_back(endpoint);
    }
    return answer;
  }
  void AnswerLink() {
    strand.RunReady();
    for (bool more = true; more;) {
      more = false;
      if (odoo.IsPending(Method::kHello)) odoo.Answer(Method::kHello, Hello()), more = true;
      if (odoo.IsPending(Method::kConfiguration)) {
        odoo.Answer(Method::kConfiguration, InboundConfiguration());
        more = true;
      }
      if (odoo.IsPending(Method::kReportFindings)) {
        odoo.Answer(Method::kReportFindings, Envelope({{"accepted", true}}));
        more = true;
      }
      if (odoo.IsEventClaimPending()) odoo.ReplyEventClaim(EventAnswer().dump()), more = true;
    }
  }

  // What a sender is answered, once it is.
  int Ask(const std::string& path, const std::string& body = "{}") {
    const delivery::ReceivedHead head = GatewayWorld::Head(path);
    if (const auto refusal = gateway.OnHead(head)) return refusal->status_code;
    int status = 0;
    gateway.OnRequest({head, body}, [&](const auto& answer) { status = answer.status_code; });
    for (int i = 0; i < 3; ++i) Advance(base::Milliseconds(1));
    return status;
  }

  void AnswerIngest(const std::string& status = "ingested") {
    Json results = Json::array();
    for (const Json& item : odoo.Pending(Method::kIngest).request.at("events")) {
      results.push_back({{"event_uid", item.at("event_uid")}, {"status", status}});
    }
    odoo.Answer(Method::kIngest, Envelope({{"results", results}}));
  }

  Json inbound_details = Json::object();  // what every inbound endpoint says besides
  fakes::MemoryInbox inbox;
  Gateway gateway;
  Reception reception;
  std::unique_ptr<delivery::Engine> engine;
};

}  // namespace webhook::inbound
