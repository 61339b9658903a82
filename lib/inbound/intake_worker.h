// SPDX-License-Identifier: LGPL-3.0-or-later
// Verifies the requests that Odoo's own controller took: claims them, judges them as the gateway
// would have when they came, and ingests what they came to. What only our own configuration keeps
// from being judged is left to its lease, to come again, until it is kIntakeAgeMax old. Lives on
// the strand.
#pragma once

#include <chrono>
#include <set>
#include <string>

#include "lib/delivery/engine_ports.h"
#include "lib/delivery/link.h"
#include "lib/inbound/compiled_inbound.h"
#include "lib/inbound/ingest_queue.h"
#include "lib/model/contract.h"

namespace webhook::inbound {

inline constexpr std::chrono::hours kIntakeAgeMax{7 * 24};

struct IntakeOptions {
  std::string worker_uid;
  int claim_batch_max = 100;
  std::chrono::seconds lease{120};
  base::Milliseconds call_timeout{150000};
};

class IntakeWorker {
 public:
  // All of it outlives the worker.
  IntakeWorker(IntakeOptions options, const delivery::EnginePorts& ports, IngestQueue& queue);

  void Start(delivery::Link& link) { link_ = &link; }
  void OnBook(GatewayBookPtr book);

  // Rows wait: claims them, unless it does already.
  void OnWaiting();
  void OnLinkReady() { MaybeClaim(); }
  // Claims what waits, if it may.
  void MaybeClaim();
  void Stop() { stopping_ = true; }
  bool busy() const { return claim_under_way_; }

 private:
  void OnClaim(delivery::RpcReply reply);
  void OnFault(const delivery::RpcFault& fault);
  void Take(const model::ClaimAnswer& answer);
  void Verify(const model::IntakeRow& row);
  void Ingest(const model::IntakeRow& row, model::IngestedEvent event);
  void OnConfigurationTrouble(const model::IntakeRow& row, model::IngestedEvent event,
                              const std::string& why);

  const IntakeOptions options_;
  base::Clock& clock_;
  base::Random& random_;
  base::EventLog& log_;
  delivery::OdooClient& odoo_;
  IngestQueue& queue_;
  delivery::Link* link_ = nullptr;  // null before Start
  GatewayBookPtr book_;             // null until the first configuration
  std::string claim_token_;         // not empty: asked for again until it is answered
  std::set<model::RecordId> held_;  // rows that are on their way into Odoo
  bool is_due_ = false;
  int failures_ = 0;  // claims in a row
  base::SteadyTime pause_until_{};
  bool claim_under_way_ = false;
  bool stopping_ = false;
};

}  // namespace webhook::inbound
