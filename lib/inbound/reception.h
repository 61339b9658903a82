// SPDX-License-Identifier: LGPL-3.0-or-later
// The inbound half of a worker on the strand: what a configuration says about inbound endpoints
// reaches the gateway and, for the next start, the inbox; what the inbox holds reaches Odoo; what
// Odoo's own controller took is verified. Lives on the strand.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "lib/delivery/engine_ports.h"
#include "lib/delivery/ports/inbound_side.h"
#include "lib/delivery/ports/inbox.h"
#include "lib/inbound/gateway.h"
#include "lib/inbound/ingest_queue.h"
#include "lib/inbound/ingester.h"
#include "lib/inbound/intake_worker.h"

namespace webhook::inbound {

struct ReceptionOptions {
  std::string gateway_url;  // what hello tells; empty: unknown
  IngestOptions ingest;
  IntakeOptions intake;
};

class Reception final : public delivery::InboundSide {
 public:
  // `inbox` and `gateway`: both, or neither where this worker has no gateway; then it still judges
  // the intake and reports findings. All of it outlives the reception; so does what runs the
  // gateway's and the inbox's threads, or it has stopped.
  Reception(ReceptionOptions options, const delivery::EnginePorts& ports, delivery::Inbox* inbox,
            Gateway* gateway);
  ~Reception() override;

  // Publishes the last configuration of an earlier life, so that the gateway accepts before Odoo
  // was seen.
  void Start(delivery::Link& link, std::function<void()> on_ingested) override;
  std::vector<model::Finding> OnConfiguration(
      std::shared_ptr<const model::Configuration> configuration,
      const std::string& configuration_answer) override;
  void OnLinkReady() override;
  void OnIntakeWaiting() override { intake_.OnWaiting(); }
  std::optional<model::InboxState> State() const override;
  std::string gateway_url() const override { return options_.gateway_url; }
  void Stop() override;
  bool busy() const override { return queue_.busy() || intake_.busy(); }

 private:
  struct News;

  void PublishSnapshot();
  std::vector<model::Finding> Publish(std::shared_ptr<const model::Configuration> configuration);
  void ListenToGateway();
  void OnNews();
  void OnCounts();
  bool IsOrdered(model::RecordId endpoint_id) const;

  const ReceptionOptions options_;
  base::Strand& strand_;
  base::Clock& clock_;
  base::EventLog& log_;
  delivery::SecretOpener& secrets_;
  delivery::Inbox* const inbox_;
  Gateway* const gateway_;
  IngestQueue queue_;
  std::unique_ptr<Ingester> ingester_;  // null without an inbox
  IntakeWorker intake_;
  std::function<void()> on_ingested_;
  std::shared_ptr<const model::Configuration> configuration_;
  std::shared_ptr<News> news_;  // shared with the threads that tell
};

}  // namespace webhook::inbound
