// SPDX-License-Identifier: LGPL-3.0-or-later
// What a matched rule writes into Odoo: its lookups and assignments, read from the facts and
// coerced to the fields' types. Pure, total, bounded: kFieldsMax, kItemsMax, kOperationBytesMax.
//
// Targets are written as in Odoo's import:
//
//   name                       the field itself
//   partner_id                 a record by its id or external id
//   partner_id/.id             by its id
//   partner_id/id              by its external id
//   partner_id/ref             looked up by that field, or a path of fields with dots; several such
//                              rows are one lookup by all of them
//   category_id, category_id/name, …   the same of many2many, with a list or one
//   order_line                 of one2many the list of items (or one); or records
//   order_line/name, order_line/product_id/default_code, …
//                              of each item: item_path and {{ item.… }} read it. Lists inside
//                              items are not written.
//   order_line/.id, order_line/id
//                              alone: each item is a record that exists
//
// Values: missing leaves the field out, so that a row before it stands and Odoo's default holds;
// null clears it, but to a list in mode `add` it adds nothing. Of several rows for one field the
// last that gives something wins; but of many2many a row in mode `add` adds to the rows before it.
// A structure is only a record where an administrator typed it: what a payload sends never says
// what to look for or to replace.
#pragma once

#include "lib/base/result.h"
#include "lib/model/record_operation.h"
#include "lib/model/rule.h"
#include "lib/rules/compiled_rules.h"
#include "lib/rules/facts.h"
#include "lib/rules/plan_error.h"

namespace webhook::rules {

// Of the actions create_record, update_record and upsert_record; an error for others.
base::Result<model::RecordOperation, PlanError> Plan(const CompiledRule& rule, const Facts& facts,
                                                     const model::FieldMetadata& metadata);

}  // namespace webhook::rules
