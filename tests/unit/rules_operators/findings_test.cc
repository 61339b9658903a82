// SPDX-License-Identifier: LGPL-3.0-or-later
#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <vector>

#include "lib/rules/compiled_rules.h"
#include "tests/unit/rules_operators/sample_rules.h"

using namespace webhook;         // NOLINT: a test
using namespace webhook::rules;  // NOLINT: a test
using model::Action;
using model::FieldType;
using model::Operator;
using model::Phase;
using model::Scope;
using model::SourceKind;

namespace {

model::FieldMeta Field(FieldType type, std::string relation = "") {
  model::FieldMeta field;
  field.type = type;
  field.relation = std::move(relation);
  return field;
}

model::FieldMetadata SampleMetadata() {
  model::FieldMetadata metadata;
  auto& order = metadata["sale.order"];
  order["name"] = Field(FieldType::kChar);
  order["total"] = Field(FieldType::kMonetary);
  order["total"].readonly = true;
  order["partner_id"] = Field(FieldType::kMany2one, "res.partner");
  order["tag_ids"] = Field(FieldType::kMany2many, "crm.tag");
  order["order_line"] = Field(FieldType::kOne2many, "sale.order.line");
  metadata["res.partner"]["ref"] = Field(FieldType::kChar);
  metadata["crm.tag"]["name"] = Field(FieldType::kChar);
  auto& line = metadata["sale.order.line"];
  line["name"] = Field(FieldType::kChar);
  line["sum"] = Field(FieldType::kMonetary);
  line["sum"].readonly = true;
  line["product_id"] = Field(FieldType::kMany2one, "product.product");
  line["sub_ids"] = Field(FieldType::kOne2many, "sale.order.line");
  metadata["product.product"]["default_code"] = Field(FieldType::kChar);
  return metadata;
}

model::Assignment Assign(std::string target, model::Source source = PayloadAt("x"),
                         Scope scope = Scope::kField) {
  model::Assignment assignment;
  assignment.scope = scope;
  assignment.target = std::move(target);
  assignment.source = std::move(source);
  return assignment;
}

model::Rule CreateOrder(std::vector<model::Assignment> assignments) {
  model::Rule rule = RuleOf(1, "Order");
  rule.action = Action::kCreateRecord;
  rule.target_model = "sale.order";
  rule.assignments = std::move(assignments);
  return rule;
}

model::Rule FindOrder(Action action, std::string field) {
  model::Rule rule = CreateOrder({Assign("name")});
  rule.action = action;
  rule.lookups.push_back({0, std::move(field), PayloadAt("ref")});
  return rule;
}

model::Rule Outbound(Phase phase, Action action) {
  model::Rule rule = RuleOf(1, "Out");
  rule.phase = phase;
  rule.action = action;
  return rule;
}

model::Rule WithCondition(model::Rule rule, model::Condition condition) {
  rule.conditions.push_back(std::move(condition));
  return rule;
}

model::Rule WithAssignment(model::Rule rule, model::Assignment assignment) {
  rule.assignments.push_back(std::move(assignment));
  return rule;
}

model::Condition IsSet(SourceKind kind, std::string expression = "x") {
  return ConditionOf(SourceOf(kind, std::move(expression)), Operator::kIsSet);
}

std::string FindingsOf(const model::Rule& rule) {
  model::Handler handler = HandlerOf({rule});
  handler.field_metadata = SampleMetadata();
  const CompiledHandler compiled = Compile(handler);
  std::string all;
  for (const model::Finding& finding : compiled.findings) {
    CHECK(finding.model == "bwt.webhook.handler");
    CHECK(finding.record_id == 7);
    CHECK(finding.field ==
          (rule.phase == Phase::kEvent ? "inbound_rule_ids" : "outbound_rule_ids"));
    CHECK(finding.message.size() <= 2000);
    all += (finding.is_error ? "E " : "W ") + finding.message + "\n";
  }
  CHECK(compiled.rules[0].problem.empty() == (all.find("E ") == std::string::npos));
  if (!compiled.rules[0].problem.empty()) CHECK(compiled.rules[0].conditions.empty());
  return all;
}

const model::Rule kEvent = RuleOf(1, "In");
const model::Rule kBefore = Outbound(Phase::kBeforeSend, Action::kSend);
const model::Rule kResponse = Outbound(Phase::kResponse, Action::kDone);

}  // namespace

TEST_CASE("each mistake is a finding that names rule and row, and says what to do") {
  struct Row {
    model::Rule rule;
    std::string finding;
  };
  const std::vector<Row> rows{
      // expressions
      {WithCondition(WithCondition(kEvent, IsSet(SourceKind::kPayloadPath, "ok")),
                     IsSet(SourceKind::kPayloadPath, "a[")),
       "E Rule \"In\", condition 2: "},
      {WithCondition(kEvent, IsSet(SourceKind::kTemplate, "{{ payload.x | shout }}")),
       "E Rule \"In\", condition 1: "},
      {WithCondition(kEvent, ConditionOf(PayloadAt("x"), Operator::kMatches, "(")),
       "E Rule \"In\", condition 1: the pattern \"(\" is no RE2 pattern"},
      {WithCondition(kEvent, ConditionOf(PayloadAt("x"), Operator::kLess, "soon")),
       "E Rule \"In\", condition 1: the expected value \"soon\" has no order"},
      {WithCondition(kEvent, ConditionOf(PayloadAt("x"), Operator::kIn)),
       "E Rule \"In\", condition 1: no value is expected; write one a line."},
      {WithCondition(kEvent, ConditionOf(PayloadAt("x"), Operator::kStartsWith)),
       "W Rule \"In\", condition 1: the expected value is empty"},
      {CreateOrder({Assign("name", {SourceKind::kLiteral, "", "{", true})}),
       "E Rule \"Order\", assignment 1: "},
      {FindOrder(Action::kUpdateRecord, "name"), ""},
      // actions
      {Outbound(Phase::kEvent, Action::kSend),
       "E Rule \"Out\": the action send does not exist in the phase event; choose done, "
       "dead_letter, retry, create_record, update_record or upsert_record."},
      {Outbound(Phase::kEvent, Action::kCancel),
       "E Rule \"Out\": the action cancel does not exist"},
      {Outbound(Phase::kBeforeSend, Action::kDone),
       "E Rule \"Out\": the action done does not exist in the phase before_send; choose send, "
       "cancel, dead_letter or retry."},
      {Outbound(Phase::kBeforeSend, Action::kCreateRecord),
       "E Rule \"Out\": the action create_record does not exist in the phase before_send"},
      {Outbound(Phase::kResponse, Action::kSend), "E Rule \"Out\": the action send does not exist"},
      {Outbound(Phase::kResponse, Action::kRetry), ""},
      {Outbound(Phase::kBeforeSend, Action::kDeadLetter), ""},
      {Outbound(Phase::kBeforeSend, Action::kCancel), ""},
      {Outbound(Phase::kResponse, Action::kUpdateRecord),
       "E Rule \"Out\": update_record has no target model; choose one."},
      {Outbound(Phase::kResponse, Action::kUpdateRecord),
       "E Rule \"Out\": update_record has no lookup, so it would not know which record; add one"},
      {Outbound(Phase::kEvent, Action::kUpsertRecord),
       "E Rule \"Out\": upsert_record has no lookup"},
      {FindOrder(Action::kCreateRecord, "name"),
       "W Rule \"Order\": create_record does not look for records; remove the lookups"},
      // sources
      {WithCondition(kEvent, IsSet(SourceKind::kResponseStatus, "")),
       "E Rule \"In\", condition 1: the source response_status exists only in rules of the "
       "response "
       "phase; choose another one."},
      {WithCondition(kBefore, IsSet(SourceKind::kResponseHeader)),
       "E Rule \"Out\", condition 1: the source response_header exists only in rules of the "
       "response"},
      {WithCondition(kResponse, IsSet(SourceKind::kResponseBody)), ""},
      {WithCondition(kEvent, IsSet(SourceKind::kDeliveryField)),
       "E Rule \"In\", condition 1: the source delivery_field exists only in rules of outbound"},
      {WithCondition(kEvent, IsSet(SourceKind::kPartnerField)),
       "the source partner_field exists only"},
      {WithCondition(kEvent, IsSet(SourceKind::kRecordField)),
       "the source record_field exists only"},
      {WithCondition(kEvent, IsSet(SourceKind::kContextKey)), "the source context_key exists only"},
      {WithCondition(kEvent, IsSet(SourceKind::kRequestField)),
       "the source request_field exists only"},
      {WithCondition(kBefore, IsSet(SourceKind::kEventField)),
       "the source event_field exists only in rules of inbound events"},
      {WithCondition(kBefore, IsSet(SourceKind::kQueryParameter)),
       "the source query_parameter exists only in rules of inbound events"},
      {WithCondition(kResponse, IsSet(SourceKind::kResolvedValue)), "resolved_value exists only"},
      {WithCondition(kResponse, IsSet(SourceKind::kSemanticField)), "semantic_field exists only"},
      {WithCondition(kBefore, IsSet(SourceKind::kRequestField, "payload.x")), ""},
      {WithCondition(kEvent, IsSet(SourceKind::kCompanyField)), ""},
      {WithCondition(kBefore, IsSet(SourceKind::kEndpointField)), ""},
      {WithCondition(kEvent, IsSet(SourceKind::kItemPath)),
       "E Rule \"In\", condition 1: the source item_path exists only in assignments to the fields "
       "of a list's items, like order_line/name; choose another one."},
      {WithCondition(kEvent, IsSet(SourceKind::kTemplate, "{{ response.status }}")),
       "E Rule \"In\", condition 1: the source response_status exists only"},
      {CreateOrder({Assign("name", SourceOf(SourceKind::kItemPath, "x"))}),
       "E Rule \"Order\", assignment 1: the source item_path exists only"},
      {CreateOrder({Assign("order_line", PayloadAt("lines[*]")),
                    Assign("order_line/name", SourceOf(SourceKind::kItemPath, "x")),
                    Assign("order_line/name", SourceOf(SourceKind::kTemplate, "{{ item.x }}"))}),
       ""},
      // scopes
      {WithAssignment(kEvent, Assign("name")),
       "E Rule \"In\", assignment 1: the action done writes no record, so no field can be "
       "assigned"},
      {CreateOrder({Assign("X-A", PayloadAt("x"), Scope::kHeader)}),
       "E Rule \"Order\", assignment 1: the header can be assigned only in the phase before_send"},
      {WithAssignment(kResponse, Assign("a.b", PayloadAt("x"), Scope::kPayload)),
       "E Rule \"Out\", assignment 1: the payload can be assigned only in the phase before_send"},
      {WithAssignment(kBefore, Assign("name")),
       "E Rule \"Out\", assignment 1: the action send writes no record"},
      {WithAssignment(kBefore, Assign("files", PayloadAt("x"), Scope::kRequest)),
       "E Rule \"Out\", assignment 1: a request has no \"files\"; the target is http_method, "
       "target_path or payload."},
      {WithAssignment(kBefore, Assign("X Y", PayloadAt("x"), Scope::kHeader)),
       "E Rule \"Out\", assignment 1: \"X Y\" is no name of a header"},
      {WithAssignment(kBefore, Assign("lines[*].x", PayloadAt("x"), Scope::kPayload)),
       "E Rule \"Out\", assignment 1: the target \"lines[*].x\" names several places"},
      {WithAssignment(kBefore, Assign("a[", PayloadAt("x"), Scope::kPayload)),
       "E Rule \"Out\", assignment 1: the target: "},
      {WithAssignment(
           WithAssignment(kBefore, Assign("target_path", PayloadAt("x"), Scope::kRequest)),
           Assign("X-A", PayloadAt("x"), Scope::kHeader)),
       ""},
      // fields
      {CreateOrder({Assign("name"), Assign("nope")}),
       "E Rule \"Order\", assignment 2: the execution user sees no field \"nope\" of sale.order"},
      {CreateOrder({Assign("total")}),
       "E Rule \"Order\", assignment 1: the field \"total\" of sale.order is computed and cannot "
       "be"},
      {CreateOrder({Assign("name/ref")}),
       "E Rule \"Order\", assignment 1: the field \"name\" is no relation, so nothing can follow"},
      {CreateOrder({Assign("partner_id/nope")}), "sees no field \"nope\" of res.partner"},
      {CreateOrder({Assign("partner_id/ref/x")}),
       "E Rule \"Order\", assignment 1: \"x\" cannot follow \"ref\""},
      {CreateOrder({Assign("partner_id/")}), "a field's name is missing after the slash"},
      {CreateOrder({Assign("partner_id/id"), Assign("partner_id/.id"), Assign("partner_id/ref"),
                    Assign("partner_id/country_id.code"), Assign("tag_ids/name")}),
       ""},
      {CreateOrder({Assign("order_line/name")}),
       "E Rule \"Order\", assignment 1: no row gives the list; add an assignment to "
       "\"order_line\""},
      {CreateOrder({Assign("order_line"), Assign("order_line/sum")}),
       "E Rule \"Order\", assignment 2: the field \"sum\" of sale.order.line is computed"},
      {CreateOrder({Assign("order_line"), Assign("order_line/id")}),
       "E Rule \"Order\", assignment 2: a list's items are new records"},
      {CreateOrder({Assign("order_line"), Assign("order_line/sub_ids")}),
       "E Rule \"Order\", assignment 2: \"sub_ids\" is a list inside a list's items"},
      {CreateOrder({Assign("order_line"), Assign("order_line/product_id/default_code")}), ""},
      {CreateOrder({Assign("order_line"), Assign("order_line/product_id/nope")}),
       "sees no field \"nope\" of product.product"},
      {FindOrder(Action::kUpdateRecord, "nope"),
       "E Rule \"Order\", lookup 1: the execution user sees no field \"nope\" of sale.order"},
      {FindOrder(Action::kUpsertRecord, "partner_id.ref"), ""},
      {FindOrder(Action::kUpdateRecord, "partner_id.nope"),
       "sees no field \"nope\" of res.partner"},
      {FindOrder(Action::kUpdateRecord, "name.x"),
       "the field \"name\" of sale.order is no relation"},
      {FindOrder(Action::kUpdateRecord, "id"), ""},
  };
  for (const Row& row : rows) {
    const std::string findings = FindingsOf(row.rule);
    CAPTURE(row.finding);
    CAPTURE(findings);
    if (row.finding.empty()) {
      CHECK(findings.empty());
    } else {
      CHECK(findings.find(row.finding) != std::string::npos);
    }
  }
}

TEST_CASE("a required field without a value is a warning where records are created") {
  model::Handler handler = HandlerOf({CreateOrder({Assign("name")})});
  handler.field_metadata = SampleMetadata();
  handler.field_metadata["sale.order"]["partner_id"].required = true;
  CompiledHandler compiled = Compile(handler);
  REQUIRE(compiled.findings.size() == 1);
  CHECK_FALSE(compiled.findings[0].is_error);
  CHECK(compiled.findings[0].message ==
        "Rule \"Order\": a new sale.order requires \"partner_id\", which no row gives; add an "
        "assignment, unless Odoo has a default.");
  CHECK(compiled.rules[0].problem.empty());

  handler.rules = {CreateOrder({Assign("partner_id/ref")})};
  CHECK(Compile(handler).findings.empty());
  handler.rules = {FindOrder(Action::kUpdateRecord, "name")};
  CHECK(Compile(handler).findings.empty());
}

TEST_CASE("without metadata one finding a rule says that the execution user is missing") {
  const CompiledHandler compiled = Compile(HandlerOf({CreateOrder({Assign("a"), Assign("b")})}));
  REQUIRE(compiled.findings.size() == 1);
  CHECK(compiled.findings[0].message.starts_with(
      "Rule \"Order\": nothing is known of the fields it names; set an execution user"));
}

TEST_CASE("every finding is told, also behind the first of a rule") {
  model::Rule rule = WithCondition(kEvent, ConditionOf(PayloadAt("a["), Operator::kMatches, "("));
  rule = WithCondition(rule, IsSet(SourceKind::kItemPath));
  const std::string findings = FindingsOf(rule);
  CHECK(std::count(findings.begin(), findings.end(), '\n') == 3);
}

TEST_CASE("findings are bounded, errors first, and the last says how many more") {
  std::vector<model::Rule> rules;
  for (int i = 1; i <= 150; ++i) {
    model::Rule rule = RuleOf(i, "r" + std::to_string(i));
    rule.conditions = {ConditionOf(PayloadAt("x"), Operator::kContains),
                       ConditionOf(PayloadAt("x"), Operator::kMatches, "(")};
    rules.push_back(rule);
  }
  const CompiledHandler compiled = Compile(HandlerOf(rules));
  REQUIRE(compiled.findings.size() == kFindingsMax);
  CHECK(compiled.findings[149].is_error);
  CHECK_FALSE(compiled.findings[150].is_error);
  CHECK(compiled.findings.back().message ==
        "And 101 more findings in its rules. Repair these first.");
}

TEST_CASE("needs are those of all rows, sorted, each once, bounded") {
  model::Rule rule = FindOrder(Action::kUpdateRecord, "name");
  rule.conditions = {IsSet(SourceKind::kEventField, "topic"),
                     IsSet(SourceKind::kCompanyField, "name")};
  rule.lookups[0].source = SourceOf(SourceKind::kEventField, "topic");
  rule.assignments[0].source =
      SourceOf(SourceKind::kTemplate, "{{ endpoint.code }} {{ event.event_uid }}");
  model::Handler handler = HandlerOf({rule});
  handler.field_metadata = SampleMetadata();
  CHECK(Compile(handler).needs ==
        std::vector<std::string>{"company_field:name", "endpoint_field:code",
                                 "event_field:event_uid", "event_field:topic"});
  handler.rules.clear();
  for (int i = 0; i < 11; ++i) {
    model::Rule many = RuleOf(i + 1, "many");
    for (int j = 0; j < 50; ++j) {
      many.conditions.push_back(
          IsSet(SourceKind::kEventField, "f" + std::to_string(i) + "_" + std::to_string(j)));
    }
    handler.rules.push_back(many);
  }
  const CompiledHandler compiled = Compile(handler);
  CHECK(compiled.needs.size() == kNeedsMax);
  REQUIRE(compiled.findings.size() == 1);
  CHECK(compiled.findings[0].is_error);
  CHECK(compiled.findings[0].message ==
        "The rules read 550 fields of records, more than 500. Remove some, or split the handler in "
        "two.");
}

TEST_CASE("rules of a handler that is not model-driven are not compiled") {
  model::Handler handler = HandlerOf({Outbound(Phase::kEvent, Action::kSend)});
  handler.execution_mode = model::ExecutionMode::kPython;
  const CompiledHandler compiled = Compile(handler);
  CHECK(compiled.rules.empty());
  CHECK(compiled.findings.empty());
}

TEST_CASE("the sources of a valid rule are kept in the order of its rows") {
  model::Rule rule =
      CreateOrder({Assign("name", PayloadAt("a")), Assign("partner_id", PayloadAt("b"))});
  model::Handler handler = HandlerOf({rule});
  handler.field_metadata = SampleMetadata();
  const CompiledHandler compiled = Compile(handler);
  REQUIRE(compiled.rules[0].assignment_sources.size() == 2);
  CHECK(compiled.rules[0].assignment_sources[0].source().expression == "a");
  CHECK(compiled.rules[0].assignment_sources[1].source().expression == "b");
}
