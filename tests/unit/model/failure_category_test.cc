// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/model/failure_category.h"

#include <doctest/doctest.h>

#include <string>

using namespace webhook::model;

TEST_CASE("spellings are forever, and lead back") {
  const std::pair<FailureCategory, const char*> spellings[] = {
      {FailureCategory::kData, "data"},
      {FailureCategory::kAccess, "access"},
      {FailureCategory::kValidation, "validation"},
      {FailureCategory::kMissing, "missing"},
      {FailureCategory::kConfiguration, "configuration"},
      {FailureCategory::kGone, "gone"},
      {FailureCategory::kCompany, "company"},
      {FailureCategory::kNoMatch, "no_match"},
      {FailureCategory::kManyMatches, "many_matches"},
      {FailureCategory::kPayload, "payload"},
      {FailureCategory::kSignature, "signature"},
      {FailureCategory::kFreshness, "freshness"}};
  for (const auto& [category, spelling] : spellings) {
    CAPTURE(std::string(spelling));
    CHECK(Spelling(category) == spelling);
    CHECK(FailureCategoryOf(spelling) == category);
  }
  CHECK_FALSE(FailureCategoryOf("").has_value());
  CHECK_FALSE(FailureCategoryOf("Payload").has_value());
}

TEST_CASE("what may pass by itself is tried again") {
  for (const auto category : {FailureCategory::kValidation, FailureCategory::kMissing,
                              FailureCategory::kNoMatch, FailureCategory::kManyMatches}) {
    CHECK_FALSE(IsFinal(category));
  }
  for (const auto category :
       {FailureCategory::kAccess, FailureCategory::kCompany, FailureCategory::kConfiguration,
        FailureCategory::kPayload, FailureCategory::kSignature, FailureCategory::kFreshness}) {
    CHECK(IsFinal(category));
  }
}
