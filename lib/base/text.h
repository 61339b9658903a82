// SPDX-License-Identifier: LGPL-3.0-or-later
// Bytes from outside as text that JSON, PostgreSQL and people can hold. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace webhook::base {

// Valid UTF-8 stays as it is; U+0000 is written `\u0000`, other controls but tab, CR and LF as
// `\u00XX`, a byte that is not UTF-8 as `\xNN`. Reads at most `bytes_max` bytes of the input and
// never cuts a character.
std::string PrintableText(std::string_view bytes, std::size_t bytes_max);

}  // namespace webhook::base
