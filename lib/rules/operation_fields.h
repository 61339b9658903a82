// SPDX-License-Identifier: LGPL-3.0-or-later
// What planned operations and those of callbacks have in common: the fields that may be written,
// the keys that records are looked up by, and how large an operation may become. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "lib/model/rule.h"
#include "lib/rules/coerce.h"

namespace webhook::rules {

inline constexpr std::size_t kFieldsMax = 1'000;                         // of one record
inline constexpr std::size_t kOperationBytesMax = std::size_t{2} << 20;  // as JSON in ASCII

// The field of a path of fields with dots, or null when the metadata does not say.
const model::FieldMeta* FindField(const model::FieldMetadata& metadata, const std::string& model,
                                  std::string_view path);

// The field when it may be written, else one sentence.
base::Result<const model::FieldMeta*, std::string> WritableField(
    const model::FieldMetadata& metadata, const std::string& model, const std::string& field);

// A lookup key's value, coerced to the field at the end of the path when that is known. Missing
// when there is nothing to look for: missing, null, "", and false but of a boolean. A structure
// other than a record is an error.
Coerced CoerceKey(const model::FieldMetadata& metadata, const std::string& model,
                  const std::string& path, const model::Value& value);

// How much of an operation's size is left.
class OperationBudget {
 public:
  // False when there is not that much left.
  bool Spend(const model::Value& value);

 private:
  std::size_t bytes_left_ = kOperationBytesMax;
};

}  // namespace webhook::rules
