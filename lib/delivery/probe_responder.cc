// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/probe_responder.h"

#include <utility>

#include "lib/delivery/probe_answer.h"

namespace webhook::delivery {

using base::Level;

ProbeResponder::ProbeResponder(std::string worker_uid, base::Milliseconds call_timeout,
                               RequestOptions options, const EnginePorts& ports,
                               OutboundCalls& calls)
    : worker_uid_(std::move(worker_uid)),
      call_timeout_(call_timeout),
      log_(ports.log),
      odoo_(ports.odoo),
      sender_(std::move(options), ports, calls) {}

void ProbeResponder::Answer(const model::Probe& probe, const HandlerBookPtr& book) {
  switch (probe.kind) {
    case model::ProbeKind::kRules:
      return Tell(probe.probe_uid, AnswerProbe(probe));
    case model::ProbeKind::kSend:
      return sender_.Send(
          probe.delivery, book,
          [this, uid = probe.probe_uid](const model::ProbeAnswer& answer) { Tell(uid, answer); });
  }
}

// Nobody is harmed by an answer that gets lost: the button asks again.
void ProbeResponder::Tell(const std::string& probe_uid, const model::ProbeAnswer& answer) {
  odoo_.Call(
      ContractMethod::kAnswerProbe, model::EncodeAnswerProbe(worker_uid_, probe_uid, answer),
      call_timeout_, [this, probe_uid](const RpcReply& reply) {
        log_.Write(Level::kDebug, "probe.answered", {{"probe", probe_uid}, {"ok", reply.ok()}});
      });
}

}  // namespace webhook::delivery
