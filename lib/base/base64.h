// SPDX-License-Identifier: LGPL-3.0-or-later
// Base64 with the standard alphabet and padding (RFC 4648, section 4). Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace webhook::base {

std::string EncodeBase64(std::string_view bytes);

// Strict: nullopt for other characters (line breaks too), for missing padding and for unused bits
// that are not zero, so that one text is the only one for its bytes.
std::optional<std::string> DecodeBase64(std::string_view text);

}  // namespace webhook::base
