// SPDX-License-Identifier: LGPL-3.0-or-later
#include "app/webhook_worker/trigger_request.h"

#include <fmt/format.h>

#include <utility>

#include "lib/base/assert.h"
#include "lib/base/suggestion.h"
#include "lib/base/text.h"
#include "lib/config/text_checks.h"
#include "lib/inbound/compiled_inbound.h"
#include "lib/inbound/credential_headers.h"
#include "lib/inbound/sample_request.h"

namespace webhook::app {
namespace {

constexpr const char* kEndpointPrefix = "/webhooks/in/";
constexpr std::size_t kBodyBytesShownMax = 16'384;

std::string NoSuchEndpoint(const model::Configuration& configuration, const std::string& path) {
  std::vector<std::string_view> paths;
  for (const auto& [id, endpoint] : configuration.inbound_endpoints) paths.push_back(endpoint.path);
  if (paths.empty()) {
    return "Odoo has no inbound endpoint that this worker may see; make one under Webhooks > "
           "Inbound > Endpoints";
  }
  const std::string_view nearest = base::Nearest(path, paths);
  return fmt::format("Odoo has no inbound endpoint with the path {}{}", path,
                     nearest.empty() ? std::string("; its form shows the path")
                                     : fmt::format("; did you mean {}?", nearest));
}

// Where a request of this machine finds the gateway; empty: the port is the system's choice.
// "All addresses" is none to call: the one for this machine alone is among them.
std::string LocalGatewayUrl(const config::GatewayConfig& gateway) {
  const std::size_t colon = gateway.listen.rfind(':');
  WEBHOOK_ASSERT(colon != std::string::npos);
  std::string host = gateway.listen.substr(0, colon);
  const std::string port = gateway.listen.substr(colon);
  if (port == ":0") return "";
  if (host == "0.0.0.0") host = "127.0.0.1";
  if (host == "[::]") host = "[::1]";
  return (gateway.tls_certificate_file.empty() ? "http://" : "https://") + host + port;
}

}  // namespace

base::Result<model::InboundEndpoint, std::string> EndpointWithPath(
    const model::Configuration& configuration, const std::string& path) {
  for (const auto& [id, endpoint] : configuration.inbound_endpoints) {
    if (endpoint.path == path) return endpoint;
  }
  return NoSuchEndpoint(configuration, path);
}

base::Result<GatewayUrls, std::string> UrlsOf(const config::GatewayConfig& gateway,
                                              const std::string& given) {
  GatewayUrls urls;
  urls.send_to = given;
  while (urls.send_to.ends_with('/')) urls.send_to.pop_back();
  if (const auto complaint = config::CheckPublicUrl(urls.send_to)) {
    return "--url: " + complaint->what + "; " + complaint->expected;
  }
  if (urls.send_to.empty()) urls.send_to = gateway.public_url;
  if (urls.send_to.empty() && !gateway.listen.empty()) urls.send_to = LocalGatewayUrl(gateway);
  if (urls.send_to.empty()) {
    return std::string(
        "the configuration names no gateway to send to; give its address with --url, or set "
        "gateway.listen to one with a port");
  }
  urls.called_as = gateway.public_url.empty() ? urls.send_to : gateway.public_url;
  return urls;
}

base::Result<inbound::RequestParts, TriggerRefusal> TriggerRequest(
    const model::InboundEndpoint& endpoint, delivery::SecretOpener& secrets,
    const TriggerSample& sample, const GatewayUrls& urls) {
  const inbound::CompiledInbound compiled = inbound::CompileInbound(endpoint, secrets, sample.now);
  const std::string target = kEndpointPrefix + endpoint.path;
  auto request = inbound::MakeSampleRequest(compiled, sample.sample,
                                            {sample.id, urls.called_as + target, sample.now});
  if (!request.ok()) {
    return TriggerRefusal{fmt::format("no request that {} would accept can be made: {}",
                                      endpoint.path, request.error())};
  }
  inbound::RequestParts parts = std::move(request).value();
  parts.url = urls.send_to + target;
  return parts;
}

std::string RequestText(const inbound::RequestParts& request,
                        const model::InboundEndpoint& endpoint) {
  std::string text = request.method + ' ' + request.url + '\n';
  for (const auto& [name, value] : request.headers) {
    text += name + ": " +
            (inbound::IsCredentialHeader(endpoint, name) ? std::string(inbound::kDroppedCredential)
                                                         : value) +
            '\n';
  }
  return text + '\n' + base::PrintableText(request.body, kBodyBytesShownMax) + '\n';
}

std::string Advice(int status_code) {
  switch (status_code) {
    case 401:
      return "the gateway wants other credentials: look at the endpoint's authentication and its "
             "secrets in Odoo, and whether this machine's key is the worker's";
    case 403:
      return "the gateway refuses the signature, its time or this machine's address: look at the "
             "endpoint's Rejected Requests in Odoo, at gateway.public_url when the sender signs "
             "the address, and at this machine's clock";
    case 404:
      return "the gateway knows no active endpoint with this path: activate it in Odoo, and see "
             "that --url leads to the gateway";
    case 400:
    case 415:
      return "the gateway cannot use the payload: choose a sample of the endpoint's own sender, "
             "and look at its Rejected Requests in Odoo";
    case 413:
      return "the sample is larger than gateway.body_bytes_max";
    case 429:
      return "too many requests from this machine: try again in a minute";
    case 503:
      return "the gateway takes nothing now: its log says why (no configuration yet, no room on "
             "the disk, a secret that it cannot open)";
    default:
      return {};
  }
}

}  // namespace webhook::app
