// SPDX-License-Identifier: LGPL-3.0-or-later
#include "app/webhook_demo/agreement.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace webhook::demo {
namespace {

using Requests = std::vector<const LedgerEntry*>;

class Comparison {
 public:
  Comparison(const std::vector<LedgerEntry>& requests, const QueuedBodies& queued,
             const std::map<std::string, std::string>& paths)
      : queued_(queued), paths_(paths) {
    for (const LedgerEntry& entry : requests) by_id_[entry.webhook_id].push_back(&entry);
  }

  void Check(const DeliveryRow& delivery);
  void CheckNothingElse();

  std::vector<Disagreement> Take() { return std::move(found_); }

 private:
  void CheckState(const DeliveryRow& delivery);
  void CheckNumbers(const DeliveryRow& delivery);
  void CheckAttempts(const DeliveryRow& delivery, const Requests& requests);
  void CheckEnd(const DeliveryRow& delivery, const Requests& requests);
  void CheckContent(const DeliveryRow& delivery, const Requests& requests);
  void Say(const DeliveryRow& delivery, std::string what);

  const QueuedBodies& queued_;
  const std::map<std::string, std::string>& paths_;
  std::unordered_map<std::string, Requests> by_id_;
  std::set<std::int64_t> seen_;
  std::vector<Disagreement> found_;
};

void Comparison::Check(const DeliveryRow& delivery) {
  static const Requests kNone;
  seen_.insert(delivery.id);
  const auto found = by_id_.find(delivery.delivery_uid);
  const Requests& requests = found == by_id_.end() ? kNone : found->second;
  CheckState(delivery);
  CheckNumbers(delivery);
  CheckAttempts(delivery, requests);
  CheckEnd(delivery, requests);
  CheckContent(delivery, requests);
  if (found != by_id_.end()) by_id_.erase(found);
}

void Comparison::CheckState(const DeliveryRow& delivery) {
  if (!queued_.contains(delivery.id)) Say(delivery, "was not queued by this run");
  if (delivery.state != "done" && delivery.state != "dead_letter") {
    Say(delivery, fmt::format("has not ended: its state is {}", delivery.state));
  }
}

void Comparison::CheckNumbers(const DeliveryRow& delivery) {
  int expected = 0;
  for (const AttemptRow& attempt : delivery.attempts) {
    if (attempt.number != ++expected) {
      return Say(delivery,
                 fmt::format("has an attempt {} where {} was due", attempt.number, expected));
    }
  }
}

// An attempt whose worker died: nobody knows whether its request had left.
bool IsInterrupted(const AttemptRow& attempt) { return attempt.outcome == "interrupted"; }

// The receiver may have answered what Odoo does not know.
bool LostAnswer(const AttemptRow& attempt) {
  return !attempt.status && (attempt.error_kind == "timeout" || IsInterrupted(attempt));
}

bool Fits(const AttemptRow& attempt, const LedgerEntry& request) {
  if (attempt.status) return request.answered == std::to_string(*attempt.status);
  return request.answered == "reset" || request.answered == "none" || LostAnswer(attempt);
}

void Comparison::CheckAttempts(const DeliveryRow& delivery, const Requests& requests) {
  const auto& attempts = delivery.attempts;
  const auto sent = std::count_if(attempts.begin(), attempts.end(), MayHaveLeft);
  const auto unsure = std::count_if(attempts.begin(), attempts.end(), IsInterrupted);
  const auto received = std::ssize(requests);
  if (received > sent || received < sent - unsure) {
    return Say(delivery, fmt::format("has {} attempts in Odoo, the receiver saw {} requests", sent,
                                     received));
  }
  auto never_arrived = sent - received;  // among the unsure ones; the first ones, say
  auto request = requests.begin();
  for (const AttemptRow& attempt : attempts) {
    if (!MayHaveLeft(attempt)) continue;
    if (IsInterrupted(attempt) && never_arrived > 0) {
      --never_arrived;
      continue;
    }
    const LedgerEntry& entry = **request++;
    if (Fits(attempt, entry)) continue;
    Say(delivery, fmt::format("attempt {} has {} in Odoo, the receiver says {}", attempt.number,
                              attempt.status ? fmt::format("status {}", *attempt.status)
                                             : "no status (" + attempt.error_kind + ")",
                              entry.answered));
  }
}

void Comparison::CheckEnd(const DeliveryRow& delivery, const Requests& requests) {
  const auto successes =
      std::count_if(requests.begin(), requests.end(),
                    [](const LedgerEntry* request) { return request->succeeded(); });
  const auto lost = std::count_if(delivery.attempts.begin(), delivery.attempts.end(), LostAnswer);
  if (delivery.state == "done" &&
      (requests.empty() || !requests.back()->succeeded() || successes > 1 + lost)) {
    Say(delivery, fmt::format("is done, but was answered 2xx {} times, the last answer being {}",
                              successes, requests.empty() ? "none" : requests.back()->answered));
  }
  if (delivery.state == "dead_letter" && successes > lost) {
    Say(delivery, "is a dead letter, but was answered 2xx");
  }
}

void Comparison::CheckContent(const DeliveryRow& delivery, const Requests& requests) {
  const auto body = queued_.find(delivery.id);
  const auto path = paths_.find(delivery.endpoint);
  for (const LedgerEntry* request : requests) {
    if (body != queued_.end() && request->body_sha256 != body->second) {
      Say(delivery, "was sent with another body than was queued");
    }
    if (path == paths_.end() || request->path != path->second) {
      Say(delivery, "was sent to " + request->path);
    }
    if (request->idempotency_key != delivery.delivery_uid) {
      Say(delivery, fmt::format("was sent with the Idempotency-Key {}", request->idempotency_key));
    }
  }
}

void Comparison::CheckNothingElse() {
  for (const auto& [id, hash] : queued_) {
    if (!seen_.contains(id)) found_.push_back({fmt::format("delivery {}", id), "is not in Odoo"});
  }
  for (const auto& [uid, requests] : by_id_) {
    found_.push_back({fmt::format("webhook-id \"{}\"", uid),
                      fmt::format("is in no delivery of Odoo, the receiver saw {} requests of it",
                                  requests.size())});
  }
}

void Comparison::Say(const DeliveryRow& delivery, std::string what) {
  found_.push_back(
      {fmt::format("delivery {} ({}, {})", delivery.id, delivery.endpoint, delivery.delivery_uid),
       std::move(what)});
}

}  // namespace

bool MayHaveLeft(const AttemptRow& attempt) {
  return attempt.status.has_value() || attempt.maybe_delivered;
}

std::vector<Disagreement> Compare(const std::vector<DeliveryRow>& deliveries,
                                  const std::vector<LedgerEntry>& requests,
                                  const QueuedBodies& queued,
                                  const std::map<std::string, std::string>& paths) {
  Comparison comparison(requests, queued, paths);
  for (const DeliveryRow& delivery : deliveries) comparison.Check(delivery);
  comparison.CheckNothingElse();
  return comparison.Take();
}

}  // namespace webhook::demo
