// SPDX-License-Identifier: LGPL-3.0-or-later
// How values name a record of Odoo, and the contract's form of it: {"id": 5},
// {"external_id": "base.us"}, {"lookup": [{"field": "ref", "value": "A"}], "model": "res.partner"}.
// Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/model/record_id.h"
#include "lib/model/record_operation.h"
#include "lib/rules/coerce.h"

namespace webhook::rules {

// Digits, from 1 to 2147483647.
std::optional<model::RecordId> ParseRecordId(std::string_view text);

// res.partner: lower-case letters, digits, underscores, dots.
bool IsModelName(std::string_view text);

// base.us: a module's name, a point, a name.
bool IsExternalId(std::string_view text);

// A record given by its id (a number or digits), its external id, or in the contract's form, whose
// model must be `relation`.
Coerced CoerceRecord(const std::string& relation, const model::Value& value);

// The two that a target names: partner_id/.id, partner_id/id.
Coerced CoerceDatabaseId(const model::Value& value);
Coerced CoerceExternalId(const model::Value& value);

// A scalar that may be looked for: not missing, null, "" or (but for booleans) false.
bool IsKey(const model::Value& value);

model::Value LookupRecord(const std::string& relation, const std::vector<model::LookupKey>& keys);

// Exactly one of the contract's forms of a record.
bool IsRecordForm(const model::Value& value);

}  // namespace webhook::rules
