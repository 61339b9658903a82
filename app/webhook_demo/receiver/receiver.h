// SPDX-License-Identifier: LGPL-3.0-or-later
// The mixed receiver of the demo and of the end-to-end tests: an HTTP/1.1 server on loopback whose
// paths succeed, fail, reset, dawdle and hang (behaviour.h), and that keeps a ledger (ledger.h).
// Besides: GET /ledger gives the counts, GET /requests?webhook_id=ID the entries; neither is an
// entry itself.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "app/webhook_demo/receiver/behaviour.h"
#include "app/webhook_demo/receiver/http_request.h"
#include "app/webhook_demo/receiver/ledger.h"
#include "lib/base/clock.h"
#include "lib/base/time.h"

namespace webhook::demo {

struct ReceiverOptions {
  int port = 0;  // 0: any free one
  LedgerOptions ledger = {};
  BehaviourOptions behaviour = {};
  RequestLimits limits = {};
  std::size_t threads = 2;
  std::size_t connections_max = 4096;  // a further one is closed at once
  // For the next byte of a request, or for the client to take one of an answer.
  base::Milliseconds idle_timeout{120'000};
};

class Receiver {
 public:
  // Listens on 127.0.0.1 until destroyed. The clock outlives it. Throws std::system_error when the
  // port or the ledger's file cannot be had.
  Receiver(const ReceiverOptions& options, const base::Clock& clock);
  ~Receiver();

  int port() const;
  std::string url() const;  // http://127.0.0.1:port
  const Ledger& ledger() const;

 private:
  class Threads;
  std::unique_ptr<Threads> threads_;
};

}  // namespace webhook::demo
