// SPDX-License-Identifier: LGPL-3.0-or-later
// A record operation as one line for people: what a probe would write.
//
//   create res.partner: name = "Acme", category_id = [2 records], child_ids = [1 new]
//   update sale.order where name = "S0001": partner_id = res.partner with ref "A", note = false
//   upsert res.partner where ref = "A": country_id = base.us, category_id = present + [1 record]
#pragma once

#include <string>

#include "lib/model/record_operation.h"

namespace webhook::rules {

// Of values the beginning, of fields the first 50: a line of a few kB at most.
std::string Describe(const model::RecordOperation& operation);

}  // namespace webhook::rules
