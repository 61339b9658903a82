// SPDX-License-Identifier: LGPL-3.0-or-later
// A sender over a settler that keeps what it is given, and a transport that answers when it is told
// to.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "lib/delivery/sender.h"
#include "tests/unit/delivery/settler_world.h"

namespace webhook::delivery {

using Ids = std::vector<RecordId>;

struct SenderWorld : SettlerWorld {
  explicit SenderWorld(fakes::JournalFault fault = {0})
      : SettlerWorld({}, fault),
        caller(kWorkerUid, Milliseconds(150000), ports, link),
        calls(ports),
        sender({"webhook-worker/0.1.0", 65536}, ports, calls, settler, caller) {
    sender.Start({.on_finished =
                      [this](const model::Delivery& d, const delivery::Finish& finish) {
                        finished.push_back(d.id);
                        finishes.push_back(finish);
                      },
                  .on_unsent = [this](const model::Delivery& d) { unsent.push_back(d.id); },
                  .on_journal_failed = [this] { ++sender_journal_failures; },
                  .may_send = [this](const model::Delivery&) { return may_send; }});
    StartReady();
  }

  model::Delivery Delivery(int n) const {
    model::Delivery delivery;
    delivery.id = n;
    delivery.delivery_uid = Uid(n);
    delivery.endpoint_id = 1;
    delivery.lease_token = Uid(800000);
    delivery.lease_count = 1;
    delivery.queued_at = clock.Now();
    delivery.http_method = "post";
    delivery.payload = "{\"n\":" + std::to_string(n) + "}";
    return delivery;
  }
  // Under the link's configuration, with these handlers besides.
  void Send(std::vector<model::Delivery> deliveries,
            const std::vector<model::Handler>& handlers = {}) {
    auto configuration = std::make_shared<model::Configuration>(*link.configuration());
    for (const model::Handler& handler : handlers) configuration->handlers[handler.id] = handler;
    if (edit) edit(configuration->endpoints.at(1));
    sender.Send(std::move(deliveries),
                MakeHandlerBook(std::move(configuration), caller.Names(), secrets, clock.Now()));
  }
  void SendNow(std::vector<model::Delivery> deliveries,
               const std::vector<model::Handler>& handlers = {}) {
    Send(std::move(deliveries), handlers);
    strand.RunReady();
  }
  void Finish(const HttpResult& result) {
    REQUIRE_FALSE(transport.under_way.empty());
    auto sent = std::move(transport.under_way.front());
    transport.under_way.pop_front();
    sent.done(result);
    strand.RunReady();
  }
  // The only settlement, as the journal has it.
  Json Recorded() {
    const auto contents = Journaled();
    REQUIRE(contents.settlements.size() == 1);
    CHECK(contents.intents.empty());
    const std::string& text = contents.settlements[0].settlement_json;
    CHECK(model::SchemaErrors("settlement", text) == "");
    return Json::parse(text);
  }

  CallbackCaller caller;
  OutboundCalls calls;
  Sender sender;
  Ids finished;
  std::vector<delivery::Finish> finishes;
  Ids unsent;
  int sender_journal_failures = 0;
  bool may_send = true;
  std::function<void(model::Endpoint&)> edit;  // of endpoint 1, before each Send
};

inline HttpResult Reply(int status, HttpHeaders headers = {}, std::string body = "reply") {
  return HttpReply{status, std::move(headers), std::move(body), false};
}

}  // namespace webhook::delivery
