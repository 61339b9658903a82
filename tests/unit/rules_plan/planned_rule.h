// SPDX-License-Identifier: LGPL-3.0-or-later
// A rule for plans in tests, and what it makes of a payload. Metadata of a partner and an order.
#pragma once

#include <string>
#include <utility>

#include "lib/model/rule.h"
#include "lib/rules/compiled_rules.h"
#include "lib/rules/describe.h"
#include "lib/rules/plan.h"
#include "tests/unit/rules_plan/json_values.h"

namespace webhook::rules {

inline model::FieldMeta Meta(model::FieldType type, std::string relation = {}) {
  model::FieldMeta field;
  field.type = type;
  field.relation = std::move(relation);
  return field;
}

inline model::FieldMetadata SalesMetadata() {
  using enum model::FieldType;
  model::FieldMetadata metadata;
  auto& partner = metadata["res.partner"];
  partner = {{"name", Meta(kChar)},
             {"ref", Meta(kChar)},
             {"color", Meta(kInteger)},
             {"is_company", Meta(kBoolean)},
             {"credit", Meta(kMonetary)},
             {"comment", Meta(kHtml)},
             {"country_id", Meta(kMany2one, "res.country")},
             {"parent_id", Meta(kMany2one, "res.partner")},
             {"category_id", Meta(kMany2many, "res.partner.category")},
             {"child_ids", Meta(kOne2many, "res.partner")}};
  partner["display_name"] = Meta(kChar);
  partner["display_name"].readonly = true;
  metadata["res.country"] = {{"code", Meta(kChar)}, {"phone_code", Meta(kInteger)}};
  metadata["res.partner.category"] = {{"name", Meta(kChar)}, {"color", Meta(kInteger)}};
  metadata["sale.order"] = {{"client_order_ref", Meta(kChar)},
                            {"date_order", Meta(kDatetime)},
                            {"partner_id", Meta(kMany2one, "res.partner")},
                            {"order_line", Meta(kOne2many, "sale.order.line")}};
  metadata["sale.order.line"] = {{"name", Meta(kText)},
                                 {"product_uom_qty", Meta(kFloat)},
                                 {"product_id", Meta(kMany2one, "product.product")},
                                 {"tax_ids", Meta(kMany2many, "account.tax")},
                                 {"child_ids", Meta(kOne2many, "sale.order.line")}};
  metadata["product.product"] = {{"default_code", Meta(kChar)}};
  return metadata;
}

inline model::Source Payload(std::string path) {
  return {model::SourceKind::kPayloadPath, std::move(path), {}, false};
}
inline model::Source ItemPath(std::string path) {
  return {model::SourceKind::kItemPath, std::move(path), {}, false};
}
inline model::Source Typed(std::string literal) {
  return {model::SourceKind::kLiteral, {}, std::move(literal), false};
}
inline model::Source TypedJson(std::string literal) {
  return {model::SourceKind::kLiteral, {}, std::move(literal), true};
}
inline model::Source TemplateText(std::string text) {
  return {model::SourceKind::kTemplate, std::move(text), {}, false};
}

class PlannedRule {
 public:
  PlannedRule(model::Action action, std::string model) {
    compiled_.rule.id = 7;
    compiled_.rule.name = "Import";
    compiled_.rule.action = action;
    compiled_.rule.target_model = std::move(model);
  }

  PlannedRule& Lookup(std::string field, const model::Source& source) {
    compiled_.rule.lookups.push_back({0, std::move(field), source});
    compiled_.lookup_sources.push_back(Compiled(source));
    return *this;
  }

  PlannedRule& Assign(std::string target, const model::Source& source,
                      model::ListMode mode = model::ListMode::kReplace,
                      model::Scope scope = model::Scope::kField) {
    compiled_.rule.assignments.push_back({0, scope, std::move(target), source, mode});
    compiled_.assignment_sources.push_back(Compiled(source));
    return *this;
  }

  PlannedRule& Add(std::string target, const model::Source& source) {
    return Assign(std::move(target), source, model::ListMode::kAdd);
  }

  base::Result<model::RecordOperation, PlanError> On(const std::string& payload) const {
    const model::Value value = Json(payload);
    Facts facts;
    facts.payload = &value;
    return Plan(compiled_, facts, SalesMetadata());
  }

  // The values as JSON, or "! error".
  std::string Values(const std::string& payload) const {
    const auto planned = On(payload);
    return planned.ok() ? model::DumpJson(planned.value().values)
                        : "! " + PlanErrorText(planned.error());
  }

  CompiledRule& compiled() { return compiled_; }

 private:
  static CompiledSource Compiled(const model::Source& source) {
    auto compiled = CompileSource(source);
    REQUIRE_MESSAGE(compiled.ok(), source.expression);
    return std::move(compiled).value();
  }

  CompiledRule compiled_;
};

inline PlannedRule Creating(std::string model) {
  return {model::Action::kCreateRecord, std::move(model)};
}

}  // namespace webhook::rules
