// SPDX-License-Identifier: LGPL-3.0-or-later
// Compares what Odoo says became of every delivery with what the receiver saw. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "app/webhook_demo/demo_odoo.h"
#include "app/webhook_demo/receiver/ledger.h"

namespace webhook::demo {

struct Disagreement {
  std::string delivery;  // "delivery 12 (flaky, 0190…)"
  std::string what;
};

// What was queued: the hash of the body by the delivery's id.
using QueuedBodies = std::unordered_map<std::int64_t, std::string>;

// `paths` by the endpoint's code. Empty when both agree on every delivery:
// - all that was queued, and nothing else, is in Odoo and ended done or as a dead letter;
// - its attempts that may have left are the receiver's requests, one by one and in their order,
//   with the status that was answered, and none where the connection was cut;
// - a done delivery was answered 2xx at its last request and no other, a dead letter at none,
//   except where Odoo knows of an answer that it lost (a time-out, a worker that died);
// - every request has the body that was queued and one webhook-id, on the endpoint's path.
std::vector<Disagreement> Compare(const std::vector<DeliveryRow>& deliveries,
                                  const std::vector<LedgerEntry>& requests,
                                  const QueuedBodies& queued,
                                  const std::map<std::string, std::string>& paths);

// Whether bytes of this attempt may have reached the receiver.
bool MayHaveLeft(const AttemptRow& attempt);

}  // namespace webhook::demo
