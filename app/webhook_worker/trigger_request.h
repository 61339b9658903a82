// SPDX-License-Identifier: LGPL-3.0-or-later
// The request that `webhook-worker trigger` sends, and what it says about the answer. Pure but for
// the secrets that it opens.
#pragma once

#include <string>
#include <vector>

#include "lib/base/result.h"
#include "lib/base/time.h"
#include "lib/config/config.h"
#include "lib/delivery/ports/secret_opener.h"
#include "lib/inbound/presets.h"
#include "lib/inbound/request.h"
#include "lib/model/configuration.h"

namespace webhook::app {

// The endpoint with this path. The error is a sentence that says what there is instead.
base::Result<model::InboundEndpoint, std::string> EndpointWithPath(
    const model::Configuration& configuration, const std::string& path);

// Where to send to: `given`, or what the configuration knows. The error says what to do.
struct GatewayUrls {
  std::string send_to;    // scheme and host
  std::string called_as;  // the same as the gateway sees it: what some senders sign
};
base::Result<GatewayUrls, std::string> UrlsOf(const config::GatewayConfig& gateway,
                                              const std::string& given);

struct TriggerSample {
  inbound::FoundSample sample;
  std::string id;  // a new UUID
  base::WallTime now;
};

// A request to `urls.send_to`. The error says why the endpoint would accept none.
struct TriggerRefusal {
  std::string sentence;
};
base::Result<inbound::RequestParts, TriggerRefusal> TriggerRequest(
    const model::InboundEndpoint& endpoint, delivery::SecretOpener& secrets,
    const TriggerSample& sample, const GatewayUrls& urls);

// The request as people read it; credentials are not shown.
std::string RequestText(const inbound::RequestParts& request,
                        const model::InboundEndpoint& endpoint);

// What to look at after an answer that is not 2xx; empty: nothing known.
std::string Advice(int status_code);

}  // namespace webhook::app
