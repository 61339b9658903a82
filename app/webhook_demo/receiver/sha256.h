// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace webhook::demo {

// Lower-case hexadecimal. Pure.
std::string Sha256(std::string_view bytes);

}  // namespace webhook::demo
