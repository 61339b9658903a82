// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/callback_caller.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "lib/base/uuid.h"
#include "lib/callback/context_json.h"
#include "lib/delivery/callback_outcome.h"
#include "lib/delivery/decide.h"
#include "lib/delivery/delivery_content.h"
#include "lib/delivery/read_as.h"

namespace webhook::delivery {

CallbackCaller::CallbackCaller(std::string worker_uid, base::Milliseconds call_timeout,
                               const EnginePorts& ports, Link& link)
    : worker_uid_(std::move(worker_uid)),
      call_timeout_(call_timeout),
      clock_(ports.clock),
      random_(ports.random),
      odoo_(ports.odoo),
      native_(ports.callbacks),
      python_(worker_uid_, call_timeout, ports, link) {}

std::set<std::string> CallbackCaller::Names() const {
  const std::vector<std::string> names = native_.Names();
  return {names.begin(), names.end()};
}

void CallbackCaller::RunEvent(const model::Event& event, const std::string& endpoint,
                              const model::Handler& handler, const model::RetryPolicy& policy,
                              std::function<void(EventCallbackResult)> done) {
  const model::Lease lease{event.id, event.lease_token, model::JobKind::kEvent};
  if (handler.execution_mode == model::ExecutionMode::kNative) {
    const auto facts = callback::FactsOf(event, {endpoint, handler.code});
    return RunNative(handler, callback::EncodeContext(facts), lease,
                     [&handler, done = std::move(done)](CallbackResult result) {
                       done(EventDecision(handler, std::move(result)));
                     });
  }
  const base::WallTime now = clock_.Now();
  const model::Retry failed{model::FailureReason::kCallback, ""};
  model::PythonCall call;
  call.lease = lease;
  call.settlement_uid = base::MakeUuid7(now, random_);
  call.otherwise =
      Decide(policy, {event.attempt_count, event.received_at}, failed, now, random_.NextFraction());
  call.next_attempt_at = call.otherwise.next_attempt_at;
  python_.Run(std::move(call), [done = std::move(done)](PythonCaller::Result result) {
    done(EventDecision(std::move(result)));
  });
}

void CallbackCaller::BeforeSend(const model::Delivery& delivery, bool is_shaped,
                                const std::string& endpoint, const model::Handler& handler,
                                const std::string& target_path,
                                std::function<void(SendDecision)> done) {
  const model::Lease lease{delivery.id, delivery.lease_token, model::JobKind::kDelivery};
  model::FrozenContent content = ContentOf(delivery);
  if (handler.execution_mode == model::ExecutionMode::kNative) {
    const auto facts = callback::FactsOf(delivery, target_path, {endpoint, handler.code});
    return RunNative(
        handler, callback::EncodeContext(facts), lease,
        [&handler, content = std::move(content), done = std::move(done)](CallbackResult result) {
          done(BeforeSendDecision(handler, std::move(result), content));
        });
  }
  model::PythonCall call;
  call.lease = lease;
  call.settlement_uid = base::MakeUuid7(clock_.Now(), random_);
  call.otherwise.state = model::DeliveryState::kDeadLetter;  // of events only; a shape needs it
  call.otherwise.failure_reason = model::FailureReason::kCallback;
  if (is_shaped) call.request = content;
  python_.Run(std::move(call),
              [content = std::move(content), done = std::move(done)](PythonCaller::Result result) {
                done(BeforeSendDecision(std::move(result), content));
              });
}

void CallbackCaller::Stop() {
  python_.Stop();
  native_.CancelAll();
}

void CallbackCaller::RunNative(const model::Handler& handler, std::string context_json,
                               model::Lease lease, std::function<void(CallbackResult)> done) {
  native_.Run(
      {handler.native_callback, std::move(context_json), handler.callback_timeout},
      // Longer than the callback has time for, it would only keep a connection to Odoo.
      [this, lease = std::move(lease),
       timeout = std::min<base::Milliseconds>(call_timeout_, handler.callback_timeout)](
          const std::string& question, const std::function<void(std::string)>& answer) {
        ReadAs(lease, timeout, question, answer);
      },
      std::move(done));
}

void CallbackCaller::ReadAs(const model::Lease& lease, base::Milliseconds timeout,
                            const std::string& question_json,
                            const std::function<void(std::string)>& answer) {
  const auto question = ParseReadAs(question_json);
  if (!question.ok()) return answer(ReadAsError(question.error()));
  odoo_.Call(ContractMethod::kReadAs, model::EncodeReadAs(worker_uid_, lease, question.value()),
             timeout, [answer](const RpcReply& reply) { answer(ReadAsReply(reply)); });
}

}  // namespace webhook::delivery
