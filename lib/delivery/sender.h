// SPDX-License-Identifier: LGPL-3.0-or-later
// One attempt, hop by hop: build, note the intent, send, classify, decide, settle. Lives on the
// strand.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "lib/base/clock.h"
#include "lib/base/event_log.h"
#include "lib/base/random.h"
#include "lib/delivery/ports/http_transport.h"
#include "lib/delivery/ports/journal.h"
#include "lib/delivery/request_builder.h"
#include "lib/delivery/settler.h"
#include "lib/model/configuration.h"
#include "lib/model/delivery.h"

namespace webhook::delivery {

class Sender {
 public:
  // Told on the strand, once per delivery given to Send.
  struct Listener {
    std::function<void(const model::Delivery&)> on_finished;  // settled, or given up
    std::function<void(const model::Delivery&)> on_unsent;    // surely not sent: may be given back
    std::function<void()> on_journal_failed;
    std::function<bool(const model::Delivery&)> may_send;  // asked just before bytes may leave
  };

  Sender(RequestOptions options, base::Clock& clock, base::Random& random, base::EventLog& log,
         HttpTransport& transport, Journal& journal, Settler& settler);

  void Start(Listener listener) { listener_ = std::move(listener); }

  // One journal entry for all of them, then each is sent. The endpoints are in the configuration.
  void Send(std::vector<model::Delivery> deliveries,
            const std::shared_ptr<const model::Configuration>& configuration);

  // An attempt of an earlier life of this worker that was perhaps sent and never settled.
  void SettleInterrupted(const SendIntent& intent);

 private:
  struct Job {
    model::Delivery delivery;
    std::shared_ptr<const model::Configuration> configuration;
    const model::Endpoint* endpoint;   // inside configuration
    const model::RetryPolicy* policy;  // inside configuration
    HttpRequest request;
    model::Attempt attempt;
    std::string settlement_uid;
    base::SteadyTime started;
  };
  using JobPtr = std::shared_ptr<Job>;

  JobPtr Prepare(model::Delivery delivery,
                 const std::shared_ptr<const model::Configuration>& configuration);
  void StartAll(const std::vector<JobPtr>& jobs, bool committed);
  void OnResult(const JobPtr& job, const HttpResult& result);
  void GiveBack(const Job& job);
  void Settle(Job& job, const model::Outcome& outcome, bool attempted);
  void LogAttempt(const Job& job, const model::Settlement& settlement) const;

  const RequestOptions options_;
  base::Clock& clock_;
  base::Random& random_;
  base::EventLog& log_;
  HttpTransport& transport_;
  Journal& journal_;
  Settler& settler_;
  Listener listener_;
};

}  // namespace webhook::delivery
