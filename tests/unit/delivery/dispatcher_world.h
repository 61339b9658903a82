// SPDX-License-Identifier: LGPL-3.0-or-later
// A dispatcher over a settler, a sender and a link, wired as Engine does it, and answers to its
// calls.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "lib/delivery/dispatcher.h"
#include "tests/unit/delivery/settler_world.h"

namespace webhook::delivery {

inline DispatcherOptions TestOptions() {
  DispatcherOptions options;
  options.worker_uid = kWorkerUid;
  options.lease = seconds(120);
  options.takeover_after = seconds(10);
  return options;
}

struct DispatcherWorld : SettlerWorld {
  explicit DispatcherWorld(DispatcherOptions options = TestOptions(),
                           fakes::JournalFault fault = {0})
      : SettlerWorld({}, fault),
        caller(kWorkerUid, Milliseconds(150000), ports, link),
        calls(ports),
        sender({"webhook-worker/0.1.0", 65536}, ports, calls, settler, caller),
        dispatcher(std::move(options), ports, link, settler, sender) {}

  void StartAll(const JournalContents& contents = {}) {
    const auto failed = [this] { dispatcher.OnJournalFailed(); };
    settler.Start({.on_settled = [this](const model::Lease& lease) { dispatcher.OnSettled(lease); },
                   .on_journal_failed = failed},
                  contents.settlements);
    sender.Start(
        {.on_finished = [this](const model::Delivery& d,
                               const Finish& finish) { dispatcher.OnSendFinished(d, finish); },
         .on_unsent = [this](const model::Delivery& d) { dispatcher.OnUnsent(d); },
         .on_journal_failed = failed,
         .may_send = [this](const model::Delivery& d) { return dispatcher.MayStillSend(d); }});
    dispatcher.Start(contents.claim_tokens);
    link.Start({.on_ready =
                    [this] {
                      settler.OnLinkReady();
                      dispatcher.OnLinkReady();
                    },
                .on_configuration =
                    [this] {
                      dispatcher.OnConfiguration(
                          MakeHandlerBook(link.configuration(), {}, secrets, clock.Now()));
                    },
                .on_wake_secret = [](const std::string&) {}},
               contents.meta);
  }
  // Ready, with the first claim under way.
  void StartClaiming(const JournalContents& contents = {}) {
    StartAll(contents);
    AnswerLink();
    REQUIRE(link.ready());
  }

  Json Row(int id, const std::string& token, RecordId endpoint_id = 1, int lease_s = 120) const {
    const auto server_now = base::ToUnixMs(clock.Now()) + kServerAheadMs;
    return {{"id", id},
            {"delivery_uid", Uid(id)},
            {"endpoint_id", endpoint_id},
            {"lease_token", token},
            {"lease_expires_at_ms", server_now + lease_s * 1000},
            {"lease_count", 1},
            {"attempt_count", 0},
            {"queued_at_ms", server_now},
            {"http_method", "post"},
            {"request_body_mode", "json"},
            {"request_headers", Json::object()},
            {"payload", "{}"}};
  }
  Json ClaimRequest() const { return odoo.Pending(Method::kClaim).request; }
  std::string Token() const { return ClaimRequest().at("claim_token").get<std::string>(); }
  Json ClaimAnswer(const std::vector<int>& ids, const std::string& token, RecordId endpoint_id = 1,
                   int lease_s = 120) const {
    Json rows = Json::array();
    for (const int id : ids) rows.push_back(Row(id, token, endpoint_id, lease_s));
    return Envelope({{"deliveries", rows}, {"interrupted", 0}, {"poisoned", 0}});
  }
  void AnswerClaim(const std::vector<int>& ids = {}, RecordId endpoint_id = 1, int lease_s = 120) {
    odoo.Answer(Method::kClaim, ClaimAnswer(ids, Token(), endpoint_id, lease_s));
  }
  void AnswerClaimDueIn(Milliseconds due_in) {
    Json answer = ClaimAnswer({}, Token());
    answer["next_due_at_ms"] = base::ToUnixMs(clock.Now()) + kServerAheadMs + due_in.count();
    odoo.Answer(Method::kClaim, answer);
  }
  // Time until the next claim leaves; up to a minute. Hellos in between are answered.
  Milliseconds UntilClaim() {
    const auto from = clock.SteadyNow();
    while (!odoo.IsPending(Method::kClaim) && clock.SteadyNow() - from < seconds(60)) {
      REQUIRE(strand.NextDue().has_value());
      strand.AdvanceTo(std::min(*strand.NextDue(), from + seconds(60)));
      if (odoo.IsPending(Method::kHello)) odoo.Answer(Method::kHello, Hello());
    }
    return odoo.IsPending(Method::kClaim) ? odoo.Pending(Method::kClaim).at - from : seconds(60);
  }
  void FinishSend(const HttpResult& result = HttpReply{200, {}, "", false}) {
    REQUIRE_FALSE(transport.under_way.empty());
    auto sent = std::move(transport.under_way.front());
    transport.under_way.pop_front();
    sent.done(result);
    strand.RunReady();
  }
  void Later(Milliseconds by) {  // with hellos answered
    const auto end = clock.SteadyNow() + by;
    while (clock.SteadyNow() < end) {
      strand.AdvanceTo(std::min(end, clock.SteadyNow() + seconds(1)));
      if (odoo.IsPending(Method::kHello)) odoo.Answer(Method::kHello, Hello());
    }
  }
  std::vector<int> Leases(Method method) const {
    std::vector<int> ids;
    for (const Json& lease : odoo.Pending(method).request.at("leases")) {
      ids.push_back(lease.at("id").get<int>());
    }
    return ids;
  }
  Json Renewed(const Json& lost = Json::array()) const { return Envelope({{"lost", lost}}); }

  CallbackCaller caller;
  OutboundCalls calls;
  Sender sender;
  Dispatcher dispatcher;
};

}  // namespace webhook::delivery
