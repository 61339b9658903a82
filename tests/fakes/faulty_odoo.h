// SPDX-License-Identifier: LGPL-3.0-or-later
// An OdooClient over the double that loses requests and replies, is busy or away, all decided by a
// seed. What a call does happens at its own moment on the world's strand, also after the death of
// the process that called.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "lib/base/random.h"
#include "lib/base/strand.h"
#include "lib/delivery/ports/odoo_client.h"
#include "rpc/embedded/embedded_odoo.h"

namespace webhook::fakes {

struct FaultyOdooOptions {
  int request_lost_percent = 0;  // never reaches Odoo; the caller cannot know
  int reply_lost_percent = 0;    // applied, but nobody hears of it
  int busy_percent = 0;
  base::Milliseconds delay_min{2};
  base::Milliseconds delay_max{30};
};

// What is the same for all clients of one Odoo; may be changed at any time.
struct OdooWeather {
  FaultyOdooOptions faults;
  bool down = false;  // nothing is reachable
};

class FaultyOdoo final : public delivery::OdooClient {
 public:
  // All outlive it but `process`, whose tasks die with it.
  FaultyOdoo(embedded::EmbeddedOdoo& odoo, const OdooWeather& weather, base::Strand& world,
             base::Strand& process, base::Random& random)
      : odoo_(odoo), weather_(weather), world_(world), process_(process), random_(random) {}

  void Call(delivery::ContractMethod method, std::string request, base::Milliseconds timeout,
            std::function<void(delivery::RpcReply)> done) override;

 private:
  bool Chance(int percent) { return static_cast<int>(random_.Next() % 100) < percent; }
  base::Milliseconds Delay();
  void Answer(base::Milliseconds after, std::function<void(delivery::RpcReply)> done,
              delivery::RpcReply reply);

  embedded::EmbeddedOdoo& odoo_;
  const OdooWeather& weather_;
  base::Strand& world_;
  base::Strand& process_;
  base::Random& random_;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);  // calls on their way outlive the client
};

}  // namespace webhook::fakes
