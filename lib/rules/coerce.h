// SPDX-License-Identifier: LGPL-3.0-or-later
// A value in the form that the contract gives its field's type (schema/contract/README.md,
// "Values"). Pure; total: any value of any shape.
//
// Of every type: null and false clear the field (`false`); a value in the contract's form stays as
// it is; true is a value of booleans only.
//
//   boolean      true, false, 1, 0, and the texts true, false, yes, no, 1, 0 in any case
//   integer      a whole number of 32 bits, also as a text; 12.0 is whole
//   float,       a decimal number that a double can hold, also as a text; a point, never a comma;
//   monetary     exact: "12.50" stays so, 1e3 becomes "1000"
//   char         a text or a number (as it was written), at most as long as the field
//   text         also a list or object, as compact JSON
//   html         a text; Odoo sanitises it
//   selection    its key, else its label, else either whatever its case
//   date         an ISO 8601 date, or a date and time, whose calendar date counts as written
//   datetime     ISO 8601, to UTC; without a zone it is UTC, without a time midnight. Also whole
//                Unix seconds as a number, from 1973 on: smaller ones are no times
//   many2one     a record: its id, an external id such as base.us, or a record of the contract
//   many2many,   one record, a list of them, or a list of the contract
//   one2many
//   binary       base64 with its padding, also behind data:…;base64,
//   properties   an object of scalars and of lists of scalars
//   reference    "res.partner,5"
//
// An empty text is a text; it clears what is chosen or picked (selection, date, datetime, records,
// binary, reference), and is an error for booleans and numbers, which have no empty state.
#pragma once

#include <string>

#include "lib/base/result.h"
#include "lib/model/rule.h"
#include "lib/model/value.h"

namespace webhook::rules {

// What the field wants: "a whole number from -2147483648 to 2147483647".
struct CoercionError {
  std::string expectation;
};

using Coerced = base::Result<model::Value, CoercionError>;

// `mode` is of lists of records; a list in the contract's form has its own.
Coerced Coerce(const model::FieldMeta& field, const model::Value& value,
               model::ListMode mode = model::ListMode::kReplace);

}  // namespace webhook::rules
