// SPDX-License-Identifier: LGPL-3.0-or-later
// Fields that hold a text of some form: char, text, html, selection, reference, binary. Pure.
#pragma once

#include "lib/rules/coerce.h"

namespace webhook::rules {

// Of char, text and html. U+0000, which PostgreSQL cannot hold, becomes a visible \u0000.
Coerced CoerceText(const model::FieldMeta& field, const model::Value& value);
Coerced CoerceSelection(const model::FieldMeta& field, const model::Value& value);
Coerced CoerceReference(const model::FieldMeta& field, const model::Value& value);
Coerced CoerceBinary(const model::Value& value);

}  // namespace webhook::rules
