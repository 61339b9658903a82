// SPDX-License-Identifier: LGPL-3.0-or-later
// The fields of a form, made of a JSON object: nested objects become a[b], lists a[0], an empty
// object or list an empty text; true and false their names, null nothing, numbers as they were
// written. And their application/x-www-form-urlencoded bytes (WHATWG URL, section 5). Pure, total.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/base/result.h"
#include "lib/rules/request_changes.h"

namespace webhook::delivery {

inline constexpr std::size_t kBodyBytesMax = rules::kPayloadBytesMax;

using FormFields = std::vector<std::pair<std::string, std::string>>;

// In the order of the object. An empty payload has no fields. The error says what is wrong with the
// payload, without quoting it.
base::Result<FormFields, std::string> FormFieldsOf(std::string_view payload_json);

std::string FormUrlencoded(const FormFields& fields);

}  // namespace webhook::delivery
