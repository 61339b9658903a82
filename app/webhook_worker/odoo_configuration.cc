// SPDX-License-Identifier: LGPL-3.0-or-later
#include "app/webhook_worker/odoo_configuration.h"

#include <optional>
#include <utility>

#include "app/webhook_worker/odoo_connection.h"
#include "lib/model/contract.h"

namespace webhook::app {

namespace {
constexpr const char* kNoWorker = "00000000-0000-7000-8000-000000000000";
constexpr base::Milliseconds kCallTimeout{20000};
}  // namespace

ConfigurationResult FetchConfiguration(const config::Config& config, const base::Clock& clock) {
  auto reply = Connect(config.odoo, clock)
                   ->Call(delivery::ContractMethod::kConfiguration,
                          model::EncodeConfigurationRequest(kNoWorker, std::nullopt), kCallTimeout);
  if (!reply.ok()) return reply.error();
  auto answer = model::DecodeConfiguration(reply.value());
  if (!answer.ok()) {
    return delivery::RpcFault{delivery::RpcFaultKind::kNotOdoo, answer.error().message};
  }
  if (!answer.value().configuration) {
    return delivery::RpcFault{delivery::RpcFaultKind::kNotOdoo, ""};
  }
  return *std::move(answer.value().configuration);
}

}  // namespace webhook::app
