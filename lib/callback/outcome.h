// SPDX-License-Identifier: LGPL-3.0-or-later
// What a callback says: what becomes of the event or delivery, and what is written to Odoo's
// records in the same transaction.
//
//   return Outcome::Done().Note("paid").With(
//       Upsert("res.partner").By("ref", context.RequireText("customer.ref")).Set("name", name));
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "lib/callback/operation.h"

namespace webhook::callback {

enum class OutcomeKind { kDone, kSend, kRetry, kDeadLetter, kCancel };

class [[nodiscard]] Outcome {
 public:
  // Of events.
  static Outcome Done() { return Outcome(OutcomeKind::kDone); }

  // Of deliveries: with the request as the callback leaves it.
  static Outcome Send() { return Outcome(OutcomeKind::kSend); }
  static Outcome Cancel(std::string note) {
    return Outcome(OutcomeKind::kCancel).Note(std::move(note));
  }

  // Of both. An attempt is spent by a retry; without a time, the retry policy says when.
  static Outcome Retry(std::string note, std::chrono::seconds after = std::chrono::seconds(0));
  static Outcome DeadLetter(std::string note) {
    return Outcome(OutcomeKind::kDeadLetter).Note(std::move(note));
  }

  // For people, in Odoo. At most 2,000 characters are kept.
  Outcome& Note(std::string note) & {
    note_ = std::move(note);
    return *this;
  }
  Outcome&& Note(std::string note) && { return std::move(Note(std::move(note))); }

  // Applied in this order, all or none. At most kOperationsMax.
  Outcome& With(Operation operation) & {
    operations_.push_back(std::move(operation));
    return *this;
  }
  Outcome&& With(Operation operation) && { return std::move(With(std::move(operation))); }

  OutcomeKind kind() const { return kind_; }
  std::chrono::seconds retry_after() const { return retry_after_; }
  const std::string& note() const { return note_; }
  const std::vector<Operation>& operations() const { return operations_; }

 private:
  explicit Outcome(OutcomeKind kind) : kind_(kind) {}

  OutcomeKind kind_;
  std::chrono::seconds retry_after_{0};
  std::string note_;
  std::vector<Operation> operations_;
};

inline constexpr std::size_t kOperationsMax = 100;

inline Outcome Outcome::Retry(std::string note, std::chrono::seconds after) {
  Outcome outcome(OutcomeKind::kRetry);
  outcome.retry_after_ = after;
  return std::move(outcome).Note(std::move(note));
}

}  // namespace webhook::callback
