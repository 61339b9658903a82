// SPDX-License-Identifier: LGPL-3.0-or-later
// The values of one record, from the assignment rows that name its fields. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "lib/model/rule.h"
#include "lib/model/value.h"
#include "lib/rules/facts.h"
#include "lib/rules/operation_fields.h"
#include "lib/rules/plan_error.h"
#include "lib/rules/source.h"

namespace webhook::rules {

// An assignment to a field. Borrows the rule.
struct FieldRow {
  std::vector<std::string> path;  // order_line, product_id, default_code
  const CompiledSource* source = nullptr;
  model::ListMode mode = model::ListMode::kReplace;
  PlanPlace place;

  bool is_literal() const { return source->source().kind == model::SourceKind::kLiteral; }
};

using FieldRows = std::vector<const FieldRow*>;
using Planned = base::Result<model::Value, PlanError>;  // missing: nothing to write

class ValuesPlanner {
 public:
  // Borrows the metadata.
  explicit ValuesPlanner(const model::FieldMetadata& metadata) : metadata_(metadata) {}

  // An object of the contract's `values`. Precondition: no row's path is empty.
  Planned RecordValues(const std::string& model, const FieldRows& rows, const Facts& facts);

 private:
  // Each of one field: the rows' paths are the same up to it.
  Planned FieldValue(const std::string& model, const FieldRows& rows, const Facts& facts);
  Planned PlainValue(const model::FieldMeta& field, const FieldRows& rows, const Facts& facts);
  Planned OneRecord(const model::FieldMeta& field, const FieldRows& rows, const Facts& facts);
  Planned ManyRecords(const model::FieldMeta& field, const FieldRows& rows, const Facts& facts);
  Planned Items(const model::FieldMeta& field, const FieldRows& rows, const Facts& facts);
  Planned NewItems(const model::FieldMeta& field, const FieldRows& rows, const FieldRow& list_row,
                   const model::Value& list, const Facts& facts);
  Planned Item(const std::string& model, const FieldRows& rows, const model::Value& item,
               const Facts& facts);

  Planned ExistingItem(const std::string& model, const FieldRow& row, const Facts& facts);

  // The key that a row looks its record up by. Missing: there is none.
  Planned ReadKey(const model::FieldMeta& field, const FieldRow& row, const Facts& facts);
  // One record, in the way that the row's path ends in.
  Coerced RecordBy(const model::FieldMeta& field, const FieldRow& row,
                   const model::Value& value) const;
  // The row's list of records, or false.
  Coerced RecordsBy(const model::FieldMeta& field, const FieldRow& row,
                    const model::Value& value) const;
  // What fits counts against the budget; what does not is the row's error.
  Planned Spend(const FieldRow& row, const model::Value& found, Coerced coerced);

  // What follows the field in the path; empty: nothing.
  std::string_view Way(const FieldRow& row) const;

  const model::FieldMetadata& metadata_;
  OperationBudget budget_;
  std::size_t depth_ = 0;  // of the field in the rows' paths: 1 inside an item
};

// What the row's source gives, or why it cannot be read.
Planned ReadRow(const FieldRow& row, const Facts& facts);

// partner_id/id, partner_id/.id
inline bool IsIdentity(std::string_view way) { return way == "id" || way == ".id"; }

// Only an administrator writes the contract's forms: a sender must not choose what is looked for,
// or whether the present records stay.
bool IsSenderStructure(const FieldRow& row, const model::Value& value);

// null, false, "": given, but no record.
bool SaysNone(const model::Value& value);

}  // namespace webhook::rules
