// SPDX-License-Identifier: LGPL-3.0-or-later
// What is coerced is in the contract's form, and stays as it is when it is coerced again.
#include <doctest/doctest.h>

#include <map>
#include <vector>

#include "lib/rules/coerce.h"
#include "tests/property/rules_plan/random_values.h"

using namespace webhook;
using model::FieldType;
using model::Value;

namespace {

constexpr std::uint64_t kRunsPerType = 20'000;

const std::vector<FieldType> kTypes = {
    FieldType::kBoolean,  FieldType::kInteger,   FieldType::kFloat,      FieldType::kMonetary,
    FieldType::kChar,     FieldType::kText,      FieldType::kHtml,       FieldType::kDate,
    FieldType::kDatetime, FieldType::kSelection, FieldType::kMany2one,   FieldType::kMany2many,
    FieldType::kOne2many, FieldType::kBinary,    FieldType::kProperties, FieldType::kReference,
    FieldType::kOther};

model::FieldMeta Field(FieldType type) {
  model::FieldMeta field;
  field.type = type;
  field.relation = "res.partner";
  if (type == FieldType::kSelection) {
    field.selection = {
        {"draft", "Quotation"}, {"sale", "Sales Order"}, {"Quotation", "draft"}, {"1", "x"}};
  }
  return field;
}

// Whether the value has the JSON type that the contract gives the field's.
bool HasForm(FieldType type, const Value& value) {
  if (value.bool_value() != nullptr && !*value.bool_value()) return true;
  switch (type) {
    case FieldType::kBoolean:
      return value.bool_value() != nullptr;
    case FieldType::kInteger:
      return value.number() != nullptr;
    case FieldType::kMany2one:
    case FieldType::kMany2many:
    case FieldType::kOne2many:
    case FieldType::kProperties:
      return value.object() != nullptr;
    case FieldType::kOther:
      return value.list() == nullptr && value.object() == nullptr;
    case FieldType::kFloat:
    case FieldType::kMonetary:
    case FieldType::kChar:
    case FieldType::kText:
    case FieldType::kHtml:
    case FieldType::kDate:
    case FieldType::kDatetime:
    case FieldType::kSelection:
    case FieldType::kBinary:
    case FieldType::kReference:
      return value.text() != nullptr;
  }
  return false;
}

}  // namespace

TEST_CASE("coercion round-trips, of every type and any value") {
  std::map<FieldType, int> fitted;
  for (const FieldType type : kTypes) {
    const model::FieldMeta field = Field(type);
    for (std::uint64_t seed = 1; seed <= kRunsPerType; ++seed) {
      base::SeededRandom random(seed);
      const Value value = property::RandomValue(random);
      const auto once = rules::Coerce(field, value);
      if (!once.ok()) {
        REQUIRE_MESSAGE(!once.error().expectation.empty(), "seed ", seed);
        continue;
      }
      ++fitted[type];
      const std::string shown = model::DumpJson(value) + " to " + model::DumpJson(once.value());
      REQUIRE_MESSAGE(HasForm(type, once.value()), "seed ", seed, " type ", int(type), ": ", shown);
      const auto twice = rules::Coerce(field, once.value());
      REQUIRE_MESSAGE(twice.ok(), "seed ", seed, " type ", int(type), ": ", shown);
      REQUIRE_MESSAGE(twice.value() == once.value(), "seed ", seed, " type ", int(type), ": ",
                      shown);
    }
  }
  for (const FieldType type : kTypes) CHECK(fitted[type] > 2000);  // values that say something
}
