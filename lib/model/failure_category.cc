// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/model/failure_category.h"

#include <array>
#include <utility>

#include "lib/base/assert.h"

namespace webhook::model {
namespace {

constexpr std::array<std::pair<std::string_view, FailureCategory>, 12> kSpellings = {
    {{"data", FailureCategory::kData},
     {"access", FailureCategory::kAccess},
     {"validation", FailureCategory::kValidation},
     {"missing", FailureCategory::kMissing},
     {"configuration", FailureCategory::kConfiguration},
     {"gone", FailureCategory::kGone},
     {"company", FailureCategory::kCompany},
     {"no_match", FailureCategory::kNoMatch},
     {"many_matches", FailureCategory::kManyMatches},
     {"payload", FailureCategory::kPayload},
     {"signature", FailureCategory::kSignature},
     {"freshness", FailureCategory::kFreshness}}};

}  // namespace

std::string_view Spelling(FailureCategory category) {
  for (const auto& [spelling, value] : kSpellings) {
    if (value == category) return spelling;
  }
  WEBHOOK_ASSERT(false);
  return "";
}

std::optional<FailureCategory> FailureCategoryOf(std::string_view spelling) {
  for (const auto& [known, value] : kSpellings) {
    if (known == spelling) return value;
  }
  return std::nullopt;
}

bool IsFinal(FailureCategory category) {
  switch (category) {
    case FailureCategory::kData:
    case FailureCategory::kAccess:
    case FailureCategory::kConfiguration:
    case FailureCategory::kGone:
    case FailureCategory::kCompany:
    case FailureCategory::kPayload:
    case FailureCategory::kSignature:
    case FailureCategory::kFreshness:
      return true;
    case FailureCategory::kValidation:
    case FailureCategory::kMissing:
    case FailureCategory::kNoMatch:
    case FailureCategory::kManyMatches:
      return false;
  }
  return false;
}

}  // namespace webhook::model
