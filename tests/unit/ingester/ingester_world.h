// SPDX-License-Identifier: LGPL-3.0-or-later
// An ingester over an inbox in memory and a ready link, and answers to its calls.
#pragma once

#include <fmt/format.h>

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "lib/inbound/ingester.h"
#include "tests/fakes/memory_inbox.h"
#include "tests/unit/delivery/engine_world.h"

namespace webhook::inbound {

using base::Milliseconds;
using delivery::Json;
using delivery::Method;
using delivery::RpcFaultKind;
using delivery::Uid;
using model::RecordId;

inline std::vector<int> Numbers(int from, int to) {
  std::vector<int> numbers;
  for (int n = from; n <= to; ++n) numbers.push_back(n);
  return numbers;
}

struct IngesterWorld : delivery::EngineWorld {
  explicit IngesterWorld(std::size_t batch_max = 500, std::size_t bytes_max = 8U << 20)
      : queue(OptionsOf(batch_max, bytes_max), ports,
              {.is_ordered = [this](RecordId id) { return ordered.contains(id); },
               .on_ingested = [this] { ++ingested_calls; },
               .on_called =
                   [this](std::vector<model::DuplicateCount> duplicates) {
                     ingester.OnCalled(std::move(duplicates));
                   }}),
        ingester(OptionsOf(batch_max, bytes_max), inbox, queue, log) {}

  static IngestOptions OptionsOf(std::size_t batch_max, std::size_t bytes_max) {
    IngestOptions options;
    options.worker_uid = delivery::kWorkerUid;
    options.batch_max = batch_max;
    options.batch_bytes_max = bytes_max;
    return options;
  }

  void Start() {
    queue.Start(link);
    link.Start({.on_ready =
                    [this] {
                      ingester.OnNews();
                      queue.OnLinkReady();
                    },
                .on_configuration = [] {},
                .on_wake_secret = [](const std::string&) {}},
               {});
  }
  void StartReady() {
    Start();
    AnswerLink();
    REQUIRE(link.ready());
  }

  // Events n: uid n, of the endpoint.
  void Accept(int from, int to, RecordId endpoint_id = 1, std::size_t body_bytes = 2) {
    for (int n = from; n <= to; ++n) {
      model::IngestedEvent event;
      event.event_uid = Uid(n);
      event.endpoint_id = endpoint_id;
      event.received_at = clock.Now();
      event.body = std::string(body_bytes, 'b');
      inbox.Accept({Uid(n), endpoint_id, "body_sha256:" + Uid(n), "", clock.Now(),
                    model::EncodeIngestedEvent(event)},
                   [](const delivery::InboxAnswer&) {});
    }
  }
  void AcceptNow(int from, int to, RecordId endpoint_id = 1, std::size_t body_bytes = 2) {
    Accept(from, to, endpoint_id, body_bytes);
    Settle();
  }
  // The inbox has committed and has been asked.
  void Settle() {
    Advance(Milliseconds(1));
    ingester.OnNews();
    strand.RunReady();
  }

  static int NumberOf(const Json& item) {
    return std::stoi(item.at("event_uid").get<std::string>().substr(24));
  }
  bool Calling() const { return odoo.IsPending(Method::kIngest); }
  const Json& Request() const { return odoo.Pending(Method::kIngest).request; }
  std::vector<int> Batch() const {
    std::vector<int> numbers;
    for (const Json& item : Request().at("events")) numbers.push_back(NumberOf(item));
    return numbers;
  }
  static bool IsBare(const Json& item) { return item.value("rejection_category", "") == "poison"; }

  Json Results(const std::function<std::string(const Json&)>& judge = nullptr) const {
    Json results = Json::array();
    for (const Json& item : Request().at("events")) {
      const std::string status = judge ? judge(item) : "ingested";
      Json result = {{"event_uid", item.at("event_uid")}, {"status", status}};
      if (status == "failed") result["message"] = "Odoo's sentence";
      results.push_back(std::move(result));
    }
    return Envelope({{"results", results}});
  }
  void Answer(const std::function<std::string(const Json&)>& judge = nullptr) {
    odoo.Answer(Method::kIngest, Results(judge));
  }
  void FailAndRecover(RpcFaultKind kind) {
    odoo.Fail(Method::kIngest, kind);
    CHECK_FALSE(Calling());
    Recover();
  }

  // Answers all calls, and the hellos between them, until nothing waits. `fate` of an event:
  // a status, or "" when the whole call fails as `kind`.
  void Drive(const std::function<std::string(const Json&)>& fate, RpcFaultKind kind,
             Milliseconds at_most = std::chrono::minutes(10)) {
    const auto end = clock.SteadyNow() + at_most;
    while (clock.SteadyNow() < end && inbox.State().event_count > 0) {
      if (!Calling()) {
        Advance(Milliseconds(100));
        AnswerLink();
        continue;
      }
      bool is_deadly = false;
      for (const Json& item : Request().at("events")) {
        seen.push_back({NumberOf(item), IsBare(item)});
        is_deadly = is_deadly || fate(item).empty();
      }
      if (is_deadly) {
        odoo.Fail(Method::kIngest, kind);
      } else {
        Answer(fate);
      }
      Advance(Milliseconds(1));  // the inbox commits
    }
  }

  std::vector<std::string> SetAside() const {
    std::vector<std::string> uids;
    const fakes::InboxContents contents = inbox.contents();
    for (const auto& [sequence, why] : contents.set_aside) {
      uids.push_back(contents.rows.at(sequence).event_uid);
    }
    return uids;
  }

  fakes::MemoryInbox inbox{strand, Milliseconds(1)};
  std::set<RecordId> ordered;
  IngestQueue queue;
  Ingester ingester;
  int ingested_calls = 0;
  std::vector<std::pair<int, bool>> seen;  // what Drive saw sent: the number, whether bare
};

}  // namespace webhook::inbound
