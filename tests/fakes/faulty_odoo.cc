// SPDX-License-Identifier: LGPL-3.0-or-later
#include "tests/fakes/faulty_odoo.h"

#include <utility>

namespace webhook::fakes {

using base::Milliseconds;
using delivery::RpcFault;
using delivery::RpcFaultKind;
using delivery::RpcReply;

void FaultyOdoo::Call(delivery::ContractMethod method, std::string request, Milliseconds timeout,
                      std::function<void(RpcReply)> done) {
  const FaultyOdooOptions& faults = weather_.faults;
  if (weather_.down)
    return Answer(Delay(), std::move(done), RpcFault{RpcFaultKind::kUnreachable, ""});
  if (Chance(faults.busy_percent)) {
    return Answer(Delay(), std::move(done), RpcFault{RpcFaultKind::kBusy, "busy"});
  }
  const RpcFault unknown{RpcFaultKind::kUnknown, "no reply"};
  if (Chance(faults.request_lost_percent)) return Answer(timeout, std::move(done), unknown);
  const bool reply_lost = Chance(faults.reply_lost_percent);
  const Milliseconds back = Delay();
  world_.After(Delay(), [this, odoo = &odoo_, weather = &weather_, method, reply_lost, back,
                         unknown, timeout, request = std::move(request),
                         alive = std::weak_ptr<int>(alive_), done = std::move(done)]() mutable {
    const bool down = weather->down;  // went away while the call was on its way
    RpcReply reply = down ? RpcReply(unknown) : odoo->Handle(method, request);
    if (alive.expired()) return;
    if (reply_lost) {
      Answer(timeout / 10, std::move(done), unknown);
    } else {
      Answer(back, std::move(done), std::move(reply));
    }
  });
}

Milliseconds FaultyOdoo::Delay() {
  const auto& faults = weather_.faults;
  const auto spread = static_cast<std::uint64_t>((faults.delay_max - faults.delay_min).count() + 1);
  return faults.delay_min + Milliseconds(static_cast<std::int64_t>(random_.Next() % spread));
}

void FaultyOdoo::Answer(Milliseconds after, std::function<void(RpcReply)> done, RpcReply reply) {
  process_.After(after, [done = std::move(done), reply = std::move(reply)]() mutable {
    done(std::move(reply));
  });
}

}  // namespace webhook::fakes
