// SPDX-License-Identifier: LGPL-3.0-or-later
// Why a request is not accepted: as stored, and what its sender is answered. Pure.
#pragma once

#include <string_view>

namespace webhook::inbound {

enum class RejectionCategory {
  kAddress,         // 403
  kAuthentication,  // 401
  kSignature,       // 403
  kFreshness,       // 403
  kPayload,         // 400
  kMediaType,       // 415
  kValidation,      // 400: an identity that cannot be resolved, a challenge that is none
  kConfiguration,   // 503: our own fault, the sender shall come again
};

std::string_view Spelling(RejectionCategory category);
int StatusCode(RejectionCategory category);

}  // namespace webhook::inbound
