// SPDX-License-Identifier: LGPL-3.0-or-later
// Answers GET /metrics (Prometheus, text) and GET /healthz (JSON); everything else is not found.
// Called on the threads of its server.
#pragma once

#include <functional>
#include <optional>

#include "lib/delivery/ports/request_receiver.h"
#include "lib/observe/metrics.h"

namespace webhook::app {

class MetricsPage final : public delivery::RequestReceiver {
 public:
  using Collected = std::function<void(const observe::WorkerNumbers&)>;

  // `collect` has the numbers of now told, on any thread; called on several.
  explicit MetricsPage(std::function<void(Collected)> collect) : collect_(std::move(collect)) {}

  std::optional<delivery::ReceiverAnswer> OnHead(const delivery::ReceivedHead& head) override;
  void OnRequest(delivery::ReceivedRequest request,
                 std::function<void(delivery::ReceiverAnswer)> done) override;

 private:
  const std::function<void(Collected)> collect_;
};

// What /healthz says: 200 while the stores can be written, else 503.
delivery::ReceiverAnswer HealthAnswer(const observe::WorkerNumbers& numbers);

}  // namespace webhook::app
