// SPDX-License-Identifier: LGPL-3.0-or-later
// The inbound HTTP receiver: limits, judgement, inbox, answer. Called by the HTTP server on several
// threads; the book it reads by is replaced from the strand.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/clock.h"
#include "lib/base/event_log.h"
#include "lib/base/mutex.h"
#include "lib/base/random.h"
#include "lib/delivery/ports/inbox.h"
#include "lib/delivery/ports/request_receiver.h"
#include "lib/inbound/compiled_inbound.h"
#include "lib/inbound/rejection_budget.h"
#include "lib/inbound/source_limits.h"

namespace webhook::inbound {

struct GatewayOptions {
  std::size_t body_bytes_max = 4U << 20;
  std::string public_url = {};  // empty: as each request says
  SourceLimitOptions source_limits = {};
  RejectionBudgetOptions rejections = {};
};

// Since the start; read by metrics.
struct GatewayCounts {
  std::uint64_t accepted = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t rejected = 0;     // 4xx for one of our endpoints
  std::uint64_t unknown = 0;      // 404
  std::uint64_t limited = 0;      // 429
  std::uint64_t unavailable = 0;  // 503
};

class Gateway final : public delivery::RequestReceiver {
 public:
  // All of it outlives the gateway. `random` and `log` are called under its lock.
  Gateway(GatewayOptions options, base::Clock& clock, base::Random& random, base::EventLog& log,
          delivery::Inbox& inbox);

  // Told on any thread, many times: hand over quickly. Before the first request.
  struct Listener {
    std::function<void()> on_stored;   // the inbox holds something new
    std::function<void()> on_counted;  // duplicates or rejected requests were counted
  };
  void SetListener(Listener listener);

  // Until the first book everything is answered 503. Any thread.
  void Publish(GatewayBookPtr book);

  std::optional<delivery::ReceiverAnswer> OnHead(const delivery::ReceivedHead& head) override;
  void OnRequest(delivery::ReceivedRequest request,
                 std::function<void(delivery::ReceiverAnswer)> done) override;

  // Rejected requests beyond the budget, since the last call.
  std::vector<model::RejectedCount> TakeRejectedCounts();

  GatewayCounts counts() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace webhook::inbound
