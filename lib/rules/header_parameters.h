// SPDX-License-Identifier: LGPL-3.0-or-later
// `word; name=value; name="quoted \" value"`: Content-Type and Content-Disposition (RFC 9110,
// section 5.6.6). Names in any case. Pure and total.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace webhook::rules {

// What comes before the first ';', without blanks, in lower case.
std::string HeaderWord(std::string_view header);

// The first parameter of that name, unquoted. Inside quotes only \" and \\ are escapes: browsers
// once wrote paths with backslashes.
std::optional<std::string> HeaderParameter(std::string_view header, std::string_view name);

}  // namespace webhook::rules
