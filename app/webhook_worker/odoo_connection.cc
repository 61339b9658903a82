// SPDX-License-Identifier: LGPL-3.0-or-later
#include "app/webhook_worker/odoo_connection.h"

#include <optional>
#include <stdexcept>

#include "lib/config/key_source.h"

namespace webhook::app {
namespace {

std::optional<rpc::ProtocolKind> Chosen(config::RpcProtocol protocol) {
  switch (protocol) {
    case config::RpcProtocol::kAuto:
      return std::nullopt;
    case config::RpcProtocol::kJson2:
      return rpc::ProtocolKind::kJson2;
    case config::RpcProtocol::kJsonRpc:
      return rpc::ProtocolKind::kJsonRpc;
    case config::RpcProtocol::kXmlRpc:
      return rpc::ProtocolKind::kXmlRpc;
  }
  return std::nullopt;
}

}  // namespace

std::unique_ptr<rpc::Connection> Connect(const config::OdooConfig& odoo, const base::Clock& clock) {
  auto url = rpc::ParseServerUrl(odoo.url);
  if (!url.ok()) throw std::runtime_error("odoo.url: " + url.error());
  rpc::ConnectionOptions options;
  options.url = odoo.url;
  options.database = odoo.database;
  options.login = odoo.login;
  options.ca_file = odoo.ca_file;
  options.protocol = Chosen(odoo.protocol);
  options.key = [source = config::MakeKeySource(odoo, config::SystemFileReader())] {
    auto key = source();
    return key.ok() ? std::move(key).value() : base::Secret();
  };
  return std::make_unique<rpc::Connection>(std::move(url).value(), std::move(options), clock);
}

}  // namespace webhook::app
