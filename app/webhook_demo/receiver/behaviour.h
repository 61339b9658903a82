// SPDX-License-Identifier: LGPL-3.0-or-later
// How the receiver treats a request, by its path. Pure.
//
//   /healthy   200                       /gone      410
//   /flaky     see Flaky()               /refusing  422
//   /dead      500                       /slow/MS   200 after MS milliseconds
//   /hang      never an answer           /echo      200 with the body of the request
//   /bytes     200 with a body of NUL, invalid UTF-8 and JSON with half a surrogate pair
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "app/webhook_demo/receiver/http_request.h"
#include "lib/base/time.h"

namespace webhook::demo {

enum class Ending {
  kReply,        // the whole reply
  kReset,        // no byte of a reply, then a TCP reset
  kResetMidway,  // half a reply, then a TCP reset
  kNever,        // nothing until the client goes
};

struct Answer {
  Ending ending = Ending::kReply;
  int status = 200;
  std::string body = {};
  std::string content_type = "application/json";
  int retry_after_seconds = 0;  // 0: no such header
  base::Milliseconds delay{0};  // before the first byte
};

struct BehaviourOptions {
  std::uint64_t seed = 1;
  int flaky_failures_max = 2;  // tries of one webhook-id that may fail
};

constexpr base::Milliseconds kSlowReply{1500};
constexpr base::Milliseconds kSlowReplyMax{600'000};

// `try_number` counts the requests with this webhook-id, from 1.
Answer Behave(const HttpRequest& request, int try_number, const BehaviourOptions& options);

// The same for the same seed, id and try: of the tries that may fail a quarter is answered 503 with
// Retry-After: 1, an eighth is reset before any reply, a sixteenth in the middle of one; one in
// twenty of all takes 1.5 s; the rest succeeds at once.
Answer Flaky(std::string_view webhook_id, int try_number, const BehaviourOptions& options);

}  // namespace webhook::demo
