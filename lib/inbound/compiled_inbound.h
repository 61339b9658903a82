// SPDX-License-Identifier: LGPL-3.0-or-later
// An inbound endpoint made ready: paths parsed, secrets opened, networks read, and everything found
// wrong told for Odoo's banner. Immutable afterwards; any thread.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "lib/base/secret.h"
#include "lib/base/time.h"
#include "lib/delivery/compiled_endpoint.h"
#include "lib/delivery/ports/secret_opener.h"
#include "lib/inbound/network.h"
#include "lib/model/configuration.h"
#include "lib/model/contract.h"
#include "lib/rules/path.h"
#include "lib/signing/standard_webhooks.h"

namespace webhook::inbound {

struct CompiledSource {
  model::ValueSource source;
  std::optional<rules::Path> path;  // of kPayloadPath
};

struct CompiledPart {
  model::VerifiedPart part;
  std::optional<rules::Path> path;  // of kPayloadPath
};

struct VerifyingSecret {
  base::Secret secret;                                 // of kHmac
  std::optional<signing::VerifyingKey> verifying_key;  // of kStandardWebhooks
  std::optional<base::WallTime> expires_at;
};

struct CompiledInbound {
  model::InboundEndpoint endpoint;
  std::vector<CompiledSource> sources;  // grouped by key, then tier, in their order
  std::map<std::string, std::string, std::less<>> bindings;  // semantic to key
  std::vector<CompiledPart> parts;
  std::vector<VerifyingSecret> signing_secrets;  // newest first
  base::Secret credential;                       // of the auth mode
  std::optional<base::WallTime> credential_expires_at;
  base::Secret challenge_token;
  std::vector<Network> allowed_networks;
  std::vector<model::Finding> findings;
  // Not empty: why no request can be judged now, although the sender is not to blame: a secret that
  // cannot be opened, a path that cannot be parsed.
  std::string problem;
};

CompiledInbound CompileInbound(const model::InboundEndpoint& endpoint,
                               delivery::SecretOpener& secrets, base::WallTime now);

// One configuration revision as the gateway reads it. Immutable; shared by requests under way.
struct GatewayBook {
  std::int64_t revision = 0;
  std::map<std::string, CompiledInbound, std::less<>> by_path;  // active ones only
  std::map<model::RecordId, std::string> path_of;               // of those

  const CompiledInbound* Find(std::string_view path) const;
  const CompiledInbound* Find(model::RecordId endpoint_id) const;
};

using GatewayBookPtr = std::shared_ptr<const GatewayBook>;

struct CompiledGateway {
  GatewayBookPtr book;
  std::vector<model::Finding> findings;  // of draft ones too
};

CompiledGateway CompileGateway(const model::Configuration& configuration,
                               delivery::SecretOpener& secrets, base::WallTime now);

}  // namespace webhook::inbound
