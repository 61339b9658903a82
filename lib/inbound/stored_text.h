// SPDX-License-Identifier: LGPL-3.0-or-later
// Texts of a request as they can be stored and sent to Odoo: UTF-8 without NUL. What else there is
// is written visibly (lib/base/text.h). Pure and total.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "lib/model/value.h"

namespace webhook::inbound {

// `bytes_max` of it at most; a character is never cut.
std::string StoredText(std::string_view bytes, std::size_t bytes_max);

// Whether StoredText is the text itself.
bool IsStoredAsItIs(std::string_view bytes, std::size_t bytes_max);

// Its texts and keys without NUL.
model::Value StoredValue(model::Value value);

}  // namespace webhook::inbound
