// SPDX-License-Identifier: LGPL-3.0-or-later
#include "app/webhook_worker/gateway_parts.h"

#include "app/webhook_worker/gateway_options.h"
#include "app/webhook_worker/listen.h"

namespace webhook::app {

using base::Level;

GatewayParts::GatewayParts(const config::Config& config, base::Clock& clock, base::Random& random,
                           base::EventLog& log, base::Strand& strand)
    : log_(log),
      has_tls_(!config.gateway.tls_certificate_file.empty()),
      inbox_(InboxOptions(config.gateway), strand, clock),
      gateway_(GatewayOptions(config.gateway), clock, random, log, inbox_),
      server_(GatewayServerOptions(config), gateway_, clock, log) {}

GatewayParts::~GatewayParts() {
  if (stopping_.joinable()) stopping_.join();
  server_.Stop();
}

void GatewayParts::Listen() {
  StartServer(server_, "gateway.listen");
  log_.Write(Level::kInfo, "gateway.listening",
             {{"address", server_.address()}, {"tls", has_tls_}});
}

void GatewayParts::BeginStop() {
  stopping_ = std::thread([this] { server_.Stop(); });
}

}  // namespace webhook::app
