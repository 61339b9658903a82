// SPDX-License-Identifier: LGPL-3.0-or-later
#include "app/webhook_worker/hello.h"

#include "app/webhook_worker/odoo_connection.h"

namespace webhook::app {

namespace {
constexpr const char* kNoWorker = "00000000-0000-7000-8000-000000000000";
constexpr base::Milliseconds kHelloTimeout{20000};
}  // namespace

HelloResult SayHelloOnce(const config::Config& config, const base::Clock& clock,
                         const HelloOptions& options) {
  model::HelloRequest request;
  request.worker_uid = options.worker_uid.empty() ? kNoWorker : options.worker_uid;
  request.name = config.worker.name;
  request.version = WEBHOOK_VERSION;
  request.host = config.worker.name;
  request.check_only = options.check_only;
  request.confirm_fingerprint = options.confirm_fingerprint;
  auto reply =
      Connect(config.odoo, clock)
          ->Call(delivery::ContractMethod::kHello, model::EncodeHello(request), kHelloTimeout);
  if (!reply.ok()) return reply.error();
  auto answer = model::DecodeHello(reply.value());
  if (!answer.ok()) {
    return delivery::RpcFault{delivery::RpcFaultKind::kNotOdoo, answer.error().message};
  }
  return std::move(answer).value();
}

}  // namespace webhook::app
