// SPDX-License-Identifier: LGPL-3.0-or-later
// Port: runs a native callback somewhere where it can hurt nobody. Whatever it does (throw, loop,
// crash), the call ends with a result at its deadline at the latest.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "lib/base/result.h"
#include "lib/base/time.h"
#include "lib/model/record_operation.h"

namespace webhook::delivery {

// `context_json` is what lib/callback/context_json.h encodes.
struct CallbackCall {
  std::string callback;  // its registered name
  std::string context_json;
  base::Milliseconds deadline;
};

struct CallbackDone {};
struct CallbackSend {  // deliveries: with the request as the callback left it
  bool changed = false;
  std::string http_method;  // lower case
  std::string target_path;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string payload;
};
struct CallbackRetry {
  std::chrono::seconds after{0};  // 0: by the retry policy
};
struct CallbackDeadLetter {};
struct CallbackCancel {};

struct CallbackAnswer {
  std::variant<CallbackDone, CallbackSend, CallbackRetry, CallbackDeadLetter, CallbackCancel>
      outcome;
  std::string note;
  std::vector<model::RecordOperation> operations;  // values not coerced yet
};

enum class CallbackErrorKind {
  kUnknownCallback,  // nobody registered the name here
  kBusy,             // nothing was free to run it before its deadline: it never ran
  kThrew,
  kDeadline,
  kCrashed,   // the host died; it is started again
  kNoAnswer,  // the answer makes no sense: never a success
  kStopping,  // CancelAll()
};

struct CallbackError {
  CallbackErrorKind kind;
  std::string message;  // one sentence
};

using CallbackResult = base::Result<CallbackAnswer, CallbackError>;

// A question of the callback to Odoo (schema/contract/callbacks.schema.json, read_as): the JSON of
// the request's own members (model, operation, …). The reply is JSON: {"records": …} or
// {"error": "…"}.
using ReadAsFunction =
    std::function<void(std::string question_json, std::function<void(std::string reply_json)>)>;

class CallbackRunner {
 public:
  virtual ~CallbackRunner() = default;

  // The registered names, sorted.
  virtual std::vector<std::string> Names() const = 0;

  // `done` runs exactly once, on the strand, never inside this call; `read_as` runs on the strand.
  // Called on the strand.
  virtual void Run(CallbackCall call, ReadAsFunction read_as,
                   std::function<void(CallbackResult)> done) = 0;

  // Ends all calls under way with kStopping.
  virtual void CancelAll() = 0;
};

}  // namespace webhook::delivery
