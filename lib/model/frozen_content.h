// SPDX-License-Identifier: LGPL-3.0-or-later
// Frozen content as text, as the journal keeps it until the attempt is settled. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "lib/model/delivery.h"

namespace webhook::model {

std::string EncodeFrozenContent(const FrozenContent& content);

// Nothing for a text that EncodeFrozenContent never made.
std::optional<FrozenContent> DecodeFrozenContent(std::string_view text);

}  // namespace webhook::model
