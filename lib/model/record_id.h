// SPDX-License-Identifier: LGPL-3.0-or-later
// Identifiers of Odoo's records.
#pragma once

#include <cstdint>

namespace webhook::model {

using RecordId = std::int64_t;  // an Odoo record's id, 1 .. 2^31-1
using RowId = std::int64_t;     // of a rule's row; negative: not saved yet (probes)

}  // namespace webhook::model
