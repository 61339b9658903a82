// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/rules/target_checks.h"

#include <algorithm>
#include <set>
#include <span>

namespace webhook::rules {
namespace {

using model::FieldMeta;
using model::FieldMetadata;
using model::FieldType;

using Steps = std::span<const std::string>;

const FieldMeta* OwnField(const FieldMetadata& metadata, const std::string& model,
                          const std::string& field) {
  const auto fields = metadata.find(model);
  if (fields == metadata.end()) return nullptr;
  const auto found = fields->second.find(field);
  return found == fields->second.end() ? nullptr : &found->second;
}

std::vector<std::string> Split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  for (std::size_t end = text.find(separator); end != std::string::npos;
       end = text.find(separator, begin)) {
    parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  parts.push_back(text.substr(begin));
  return parts;
}

bool IsIdentity(const std::string& step) { return step == "id" || step == ".id"; }

bool IsRelation(FieldType type) {
  return type == FieldType::kMany2one || type == FieldType::kMany2many ||
         type == FieldType::kOne2many;
}

std::string Unknown(const std::string& model, const std::string& field) {
  return "the execution user sees no field \"" + field + "\" of " + model +
         "; choose another one, or give the user access";
}

std::string NotWritable(const std::string& model, const std::string& field) {
  return "the field \"" + field + "\" of " + model +
         " is computed and cannot be written; choose another one";
}

// What a record is found by. The metadata knows single fields only, not paths with dots.
std::string KeyProblem(const FieldMetadata& metadata, const FieldMeta& relation, Steps keys) {
  if (keys.size() > 1) {
    return "\"" + keys[1] + "\" cannot follow \"" + keys[0] +
           "\": a record is found by one field, or a path with dots; write partner_id/ref";
  }
  const std::string& key = keys[0];
  if (key.empty()) return "a field's name is missing after the slash; write partner_id/ref";
  const bool is_known = IsIdentity(key) || key.find('.') != std::string::npos ||
                        OwnField(metadata, relation.relation, key) != nullptr;
  return is_known ? std::string() : Unknown(relation.relation, key);
}

std::string InsideItemProblem(const std::string& name, const FieldMeta* field) {
  if (IsIdentity(name)) return "a list's items are new records, so they have no id; remove the row";
  if (field == nullptr || field->type != FieldType::kOne2many) return {};
  return "\"" + name + "\" is a list inside a list's items, which is not written; remove the row";
}

// Empty: the target can be written.
std::string TargetProblem(const FieldMetadata& metadata, const std::string& model, Steps steps,
                          bool inside_item) {
  const std::string& name = steps[0];
  const FieldMeta* field = OwnField(metadata, model, name);
  if (inside_item) {
    std::string problem = InsideItemProblem(name, field);
    if (!problem.empty()) return problem;
  }
  if (field == nullptr) return Unknown(model, name);
  if (field->readonly) return NotWritable(model, name);
  const Steps rest = steps.subspan(1);
  if (rest.empty()) return {};
  if (!IsRelation(field->type)) {
    return "the field \"" + name + "\" is no relation, so nothing can follow its name; write \"" +
           name + "\" alone";
  }
  if (field->type != FieldType::kOne2many) return KeyProblem(metadata, *field, rest);
  return TargetProblem(metadata, field->relation, rest, true);
}

std::string LookupProblem(const FieldMetadata& metadata, std::string model,
                          const std::string& path) {
  const std::vector<std::string> steps = Split(path, '.');
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (steps[i] == "id" && i + 1 == steps.size()) return {};
    const FieldMeta* field = OwnField(metadata, model, steps[i]);
    if (field == nullptr) return Unknown(model, steps[i]);
    if (i + 1 == steps.size()) return {};
    if (!IsRelation(field->type)) {
      return "the field \"" + steps[i] + "\" of " + model +
             " is no relation, so nothing can follow its name; write \"" + steps[i] + "\" alone";
    }
    model = field->relation;
  }
  return {};
}

void CheckLookups(RuleFindings& findings, const FieldMetadata& metadata) {
  const model::Rule& rule = findings.rule();
  for (std::size_t i = 0; i < rule.lookups.size(); ++i) {
    const std::string problem = LookupProblem(metadata, rule.target_model, rule.lookups[i].field);
    if (!problem.empty()) findings.Error({"lookup", i}, problem);
  }
}

// A field of items has a row that gives the list of items.
bool HasItsList(const model::Rule& rule, const FieldMetadata& metadata,
                const model::Assignment& assignment) {
  if (!IsOfItem(metadata, rule, assignment)) return true;
  const std::string list = TargetSteps(assignment.target)[0];
  return std::ranges::any_of(rule.assignments, [&](const model::Assignment& other) {
    return other.scope == model::Scope::kField && other.target == list;
  });
}

void CheckAssignments(RuleFindings& findings, const FieldMetadata& metadata) {
  const model::Rule& rule = findings.rule();
  for (std::size_t i = 0; i < rule.assignments.size(); ++i) {
    if (rule.assignments[i].scope != model::Scope::kField) continue;
    const std::vector<std::string> steps = TargetSteps(rule.assignments[i].target);
    std::string problem = TargetProblem(metadata, rule.target_model, steps, false);
    if (problem.empty() && !HasItsList(rule, metadata, rule.assignments[i])) {
      problem = "no row gives the list; add an assignment to \"" + steps[0] + "\" before it";
    }
    if (!problem.empty()) findings.Error({"assignment", i}, problem);
  }
}

// The fields that a created record gets a value for.
std::set<std::string> GivenFields(const model::Rule& rule) {
  std::set<std::string> given;
  for (const model::Assignment& assignment : rule.assignments) {
    if (assignment.scope == model::Scope::kField) given.insert(TargetSteps(assignment.target)[0]);
  }
  return given;
}

void CheckRequired(RuleFindings& findings, const FieldMetadata& metadata) {
  const auto fields = metadata.find(findings.rule().target_model);
  if (fields == metadata.end()) return;
  const std::set<std::string> given = GivenFields(findings.rule());
  for (const auto& [name, field] : fields->second) {
    if (!field.required || field.readonly || given.contains(name)) continue;
    findings.Warning({},
                     "a new " + findings.rule().target_model + " requires \"" + name +
                         "\", which no row gives; add an assignment, unless Odoo has a default");
  }
}

}  // namespace

std::vector<std::string> TargetSteps(const std::string& target) { return Split(target, '/'); }

bool IsOfItem(const FieldMetadata& metadata, const model::Rule& rule,
              const model::Assignment& assignment) {
  const std::vector<std::string> steps = TargetSteps(assignment.target);
  if (assignment.scope != model::Scope::kField || steps.size() < 2) return false;
  const FieldMeta* list = OwnField(metadata, rule.target_model, steps[0]);
  return list != nullptr && list->type == FieldType::kOne2many;
}

void CheckTargets(RuleFindings& findings, const FieldMetadata& metadata) {
  if (metadata.empty()) {
    findings.Error({},
                   "nothing is known of the fields it names; set an execution user who is active, "
                   "of the handler's company, and may use the target model");
    return;
  }
  if (findings.rule().target_model.empty()) return;  // said already
  CheckLookups(findings, metadata);
  CheckAssignments(findings, metadata);
  if (findings.rule().action != model::Action::kUpdateRecord) CheckRequired(findings, metadata);
}

}  // namespace webhook::rules
