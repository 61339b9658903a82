// SPDX-License-Identifier: LGPL-3.0-or-later
// One configuration revision with its rules compiled. Immutable once made; shared by the jobs that
// started under it.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "lib/delivery/compiled_endpoint.h"
#include "lib/model/configuration.h"
#include "lib/rules/compiled_rules.h"

namespace webhook::delivery {

struct HandlerBook {
  std::shared_ptr<const model::Configuration> configuration;
  std::map<model::RecordId, rules::CompiledHandler> compiled;  // model-driven ones, by handler id
  std::map<model::RecordId, CompiledEndpoint> endpoints;       // outbound, by id
  std::set<std::string> callbacks;                             // native ones that this worker has

  // Null when there is no such handler (any more).
  const model::Handler* Find(model::RecordId handler_id) const;
  const rules::CompiledHandler* Rules(model::RecordId handler_id) const;

  // Whether this worker can run the handler: a native one only when its callback is here.
  bool CanRun(model::RecordId handler_id) const;
};

using HandlerBookPtr = std::shared_ptr<const HandlerBook>;

// `transport`, where there is one, says which targets it would refuse.
HandlerBookPtr MakeHandlerBook(std::shared_ptr<const model::Configuration> configuration,
                               std::set<std::string> callbacks, SecretOpener& secrets,
                               base::WallTime now, const HttpTransport* transport = nullptr);

}  // namespace webhook::delivery
