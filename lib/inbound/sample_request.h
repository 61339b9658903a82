// SPDX-License-Identifier: LGPL-3.0-or-later
// Makes a request as a sender would: a preset's sample, signed as an endpoint of ours verifies it,
// with the endpoint's own newest secret. For tests and for trying an endpoint out. Pure.
#pragma once

#include <string>

#include "lib/base/result.h"
#include "lib/base/time.h"
#include "lib/inbound/compiled_inbound.h"
#include "lib/inbound/presets.h"
#include "lib/inbound/request.h"

namespace webhook::inbound {

struct SampleOptions {
  std::string id;   // what {id} stands for: a UUID, new for each request
  std::string url;  // absolute, as the gateway believes that it is called: some senders sign it
  base::WallTime now;
};

// The error says why nothing that the endpoint would accept can be made.
base::Result<RequestParts, std::string> MakeSampleRequest(const CompiledInbound& endpoint,
                                                          const FoundSample& found,
                                                          const SampleOptions& options);

}  // namespace webhook::inbound
