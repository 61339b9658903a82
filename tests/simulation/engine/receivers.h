// SPDX-License-Identifier: LGPL-3.0-or-later
// The receivers of the simulated world, behind the transport port. Their ledger is the truth about
// what was sent: it belongs to the world and outlives the processes that send.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "lib/base/clock.h"
#include "lib/base/random.h"
#include "lib/base/strand.h"
#include "lib/delivery/ports/http_transport.h"

namespace webhook::simulation {

struct LedgerEntry {
  std::string webhook_id;
  std::string body;
  int answered_status;  // 0: no reply was given
  int worker;
  std::string path;
  base::SteadyTime at;     // when it arrived
  base::SteadyTime until;  // when the receiver was done with it
};

using Ledger = std::vector<LedgerEntry>;

// Paths decide the behaviour: /healthy answers 200; /flaky answers anything, late or never; /dead
// answers 500; /refusing answers 422; /unreachable does not accept connections.
class Receivers final : public delivery::HttpTransport {
 public:
  // `world` delivers what has left the process even after its death; `process` brings completions
  // back to it.
  Receivers(base::Strand& world, base::Strand& process, base::Random& random, Ledger& ledger,
            const base::Clock& clock, int worker)
      : world_(world),
        process_(process),
        random_(random),
        ledger_(ledger),
        clock_(clock),
        worker_(worker) {}

  void Send(delivery::HttpRequest request, std::function<void(delivery::HttpResult)> done) override;
  void CancelAll() override {}

 private:
  struct Behaviour {
    base::Milliseconds arrives_after;
    base::Milliseconds answers_after;
    int status;  // 0: the connection breaks instead
    bool arrives;
  };

  Behaviour Behave(const std::string& url);
  Behaviour BehaveFlaky(base::Milliseconds arrives_after);

  base::Strand& world_;
  base::Strand& process_;
  base::Random& random_;
  Ledger& ledger_;
  const base::Clock& clock_;
  const int worker_;
};

}  // namespace webhook::simulation
