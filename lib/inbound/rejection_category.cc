// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/inbound/rejection_category.h"

#include "lib/base/assert.h"

namespace webhook::inbound {

std::string_view Spelling(RejectionCategory category) {
  switch (category) {
    case RejectionCategory::kAddress:
      return "address";
    case RejectionCategory::kAuthentication:
      return "authentication";
    case RejectionCategory::kSignature:
      return "signature";
    case RejectionCategory::kFreshness:
      return "freshness";
    case RejectionCategory::kPayload:
      return "payload";
    case RejectionCategory::kMediaType:
      return "media_type";
    case RejectionCategory::kValidation:
      return "validation";
    case RejectionCategory::kConfiguration:
      return "configuration";
  }
  WEBHOOK_ASSERT(false);
}

int StatusCode(RejectionCategory category) {
  switch (category) {
    case RejectionCategory::kAddress:
    case RejectionCategory::kSignature:
    case RejectionCategory::kFreshness:
      return 403;
    case RejectionCategory::kAuthentication:
      return 401;
    case RejectionCategory::kPayload:
    case RejectionCategory::kValidation:
      return 400;
    case RejectionCategory::kMediaType:
      return 415;
    case RejectionCategory::kConfiguration:
      return 503;
  }
  WEBHOOK_ASSERT(false);
}

}  // namespace webhook::inbound
