// SPDX-License-Identifier: LGPL-3.0-or-later
// What comes out of a callback, as JSON, on its way back to the worker. Decoding is strict: what
// makes no sense is a failure, never a success. Pure.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "lib/callback/context_data.h"
#include "lib/callback/outcome.h"
#include "lib/model/record_operation.h"

namespace webhook::callback {

inline constexpr std::size_t kNoteCharactersMax = 2000;
inline constexpr std::chrono::seconds kRetryAfterMax{31'536'000};

struct Answer {
  OutcomeKind kind = OutcomeKind::kDeadLetter;
  std::chrono::seconds retry_after{0};
  std::string note;
  std::optional<OutgoingRequest> request;  // with kSend, when it was changed
  std::vector<model::RecordOperation> operations;
};

enum class FailureKind {
  kUnknownCallback,  // or one for the other kind of context
  kThrew,
  kNoAnswer,  // it cannot be what was meant
};

struct Failure {
  FailureKind kind = FailureKind::kNoAnswer;
  std::string message;  // one sentence
};

using Reply = base::Result<Answer, Failure>;

std::string EncodeReply(const Reply& reply);

// A text that is no reply is a kNoAnswer that says why.
Reply DecodeReply(std::string_view json);
Reply DecodeReply(const model::Value& json);

}  // namespace webhook::callback
