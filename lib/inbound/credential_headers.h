// SPDX-License-Identifier: LGPL-3.0-or-later
// Headers whose values are credentials: judged by, never stored. Signatures are none. Pure.
#pragma once

#include <string_view>

#include "lib/base/ascii.h"
#include "lib/model/inbound_endpoint.h"

namespace webhook::inbound {

inline constexpr std::string_view kDroppedCredential = "***";

inline bool IsCredentialHeader(const model::InboundEndpoint& endpoint, std::string_view name) {
  for (const std::string_view always : {"authorization", "proxy-authorization", "cookie"}) {
    if (base::EqualsIgnoringCase(name, always)) return true;
  }
  return endpoint.auth.mode == model::InboundAuthMode::kApiKey &&
         base::EqualsIgnoringCase(name, endpoint.auth.header_name);
}

}  // namespace webhook::inbound
