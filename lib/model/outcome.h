// SPDX-License-Identifier: LGPL-3.0-or-later
// What one try to bring a delivery to its receiver came to. Visit with base::Overloaded, so that a
// new alternative breaks the build.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "lib/base/time.h"

namespace webhook::model {

// Stored as text (spelling.h, schema/README.md).
enum class FailureReason {
  kHttpStatus,
  kTimeout,
  kConnect,
  kTls,
  kConnectionLost,
  kResponseInvalid,
  kAddressRefused,
  kAuth,  // no access token could be had
  kRequestInvalid,
  kEndpointGone,
  kAttemptsExhausted,
  kExpired,
  kInterrupted,
  kSettlementRefused,
  kRule,             // a rule or callback said so
  kRuleInvalid,      // a value, a lookup key or a template of a rule does not fit
  kRecordOperation,  // Odoo refused the record operations
  kCallback,         // a callback threw, crashed or exceeded its deadline
};

// Of events: processed.
struct Delivered {};

struct Retry {
  FailureReason reason;
  std::string message;                                     // one sentence for people
  std::optional<base::Milliseconds> after = std::nullopt;  // the receiver's Retry-After
  std::optional<base::Milliseconds> exactly =
      std::nullopt;  // what a rule or callback asks for, not the schedule
};

struct DeadLetter {
  FailureReason reason;
  std::string message;
};

struct Canceled {
  std::string note;
};

// Nothing was tried and no attempt is spent: our proxy, our resolver, a limit of ours.
struct Deferred {
  base::Milliseconds after;
  std::string note;
};

// We stopped or died while sending: it may have been delivered.
struct Interrupted {
  std::string message;
};

using Outcome = std::variant<Delivered, Retry, DeadLetter, Canceled, Deferred, Interrupted>;

}  // namespace webhook::model
