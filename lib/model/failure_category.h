// SPDX-License-Identifier: LGPL-3.0-or-later
// Why Odoo refused a record operation or a callback's work (settle.schema.json, failure_category).
// The five exceptions that a Python callback may raise
// (odoo_addon_stub/webhook_worker/exceptions.py) have one each: WebhookValidationError validation,
// WebhookPayloadValidationError payload, WebhookSignatureValidationError signature,
// WebhookFreshnessValidationError freshness, WebhookProcessingConfigurationError configuration.
// Pure.
#pragma once

#include <optional>
#include <string_view>

namespace webhook::model {

enum class FailureCategory {
  kData,
  kAccess,
  kValidation,
  kMissing,
  kConfiguration,
  kGone,
  kCompany,
  kNoMatch,
  kManyMatches,
  kPayload,
  kSignature,
  kFreshness,
};

std::string_view Spelling(FailureCategory category);

// Nothing for a text that is none.
std::optional<FailureCategory> FailureCategoryOf(std::string_view spelling);

// Whether it never passes by itself, however often it is tried. An exception named validation is
// final when a callback raised it, not when Odoo's constraints did: Odoo decides that.
bool IsFinal(FailureCategory category);

}  // namespace webhook::model
