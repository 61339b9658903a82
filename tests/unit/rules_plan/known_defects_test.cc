// SPDX-License-Identifier: LGPL-3.0-or-later
// What the framework before this product got wrong about values in requests and conditions.
#include <doctest/doctest.h>

#include "lib/rules/operators.h"
#include "lib/rules/percent_encoding.h"
#include "lib/rules/request_changes.h"
#include "tests/unit/rules_plan/planned_rule.h"

using namespace webhook;         // NOLINT: a test
using namespace webhook::rules;  // NOLINT: a test

namespace {

struct Applied {
  RequestDraft draft;
  std::string error;
};

Applied AssignTo(model::Scope scope, const std::string& target, const model::Source& source,
                 const std::string& payload) {
  PlannedRule rule(model::Action::kSend, "");
  rule.Assign(target, source, model::ListMode::kReplace, scope);
  const model::Value parsed = Json(payload);
  Facts facts;
  facts.payload = &parsed;
  Applied applied{{"post", "/hook", {}, payload}, ""};
  const auto result = ApplyAssignments(rule.compiled(), facts, applied.draft);
  if (!result.ok()) applied.error = PlanErrorText(result.error());
  return applied;
}

Applied PathFrom(const std::string& text, const std::string& payload) {
  return AssignTo(model::Scope::kRequest, "target_path", TemplateText(text), payload);
}

bool Holds(model::Operator op, const std::string& expected, const std::string& found) {
  model::Condition condition;
  condition.op = op;
  condition.expected = expected;
  const auto test = CompiledTest::Compile(condition);
  REQUIRE(test.ok());
  return test.value().Test(Json(found)).holds;
}

}  // namespace

TEST_CASE("defect 9: a value in a path adds no segment, no query and no host") {
  const std::string path = "/orders/{{ payload.id }}/lines?full=1";
  CHECK(PathFrom(path, R"({"id": "A-1_b.c~"})").draft.target_path ==
        "/orders/A-1_b.c~/lines?full=1");
  CHECK(PathFrom(path, R"({"id": "5/../admin"})").draft.target_path ==
        "/orders/5%2F..%2Fadmin/lines?full=1");
  CHECK(PathFrom(path, R"({"id": "5?full=0&x=#"})").draft.target_path ==
        "/orders/5%3Ffull%3D0%26x%3D%23/lines?full=1");
  CHECK(PathFrom(path, R"({"id": "a b\r\nX: y%"})").draft.target_path ==
        "/orders/a%20b%0D%0AX%3A%20y%25/lines?full=1");
  CHECK(PathFrom(path, R"({"id": "Ü"})").draft.target_path == "/orders/%C3%9C/lines?full=1");
  CHECK(PathFrom("{{ payload.id }}/x", R"({"id": "//evil.example"})").error != "");
  CHECK(PathFrom("/{{ payload.id }}/x", R"({"id": "/evil.example"})").draft.target_path ==
        "/%2Fevil.example/x");
}

TEST_CASE("defect 9: a path does not climb out of its folder") {
  for (const std::string id : {".", "..", "%2e", ".%2E"}) {
    CAPTURE(id);
    const std::string payload = R"({"id": ")" + id + R"("})";
    const bool is_encoded = id.find('%') != std::string::npos;  // its % is written as %25: a name
    CHECK((PathFrom("/a/{{ payload.id }}/b", payload).error == "") == is_encoded);
    CHECK((PathFrom("/a/{{ payload.id }}", payload).error == "") == is_encoded);
  }
  for (const std::string path :
       {"/a/../b", "/a/%2e%2E/b", "/./a", "/a/..", "/a\\..\\b", "/..?a=1"}) {
    CAPTURE(path);
    CHECK(AssignTo(model::Scope::kRequest, "target_path", Typed(path), "{}")
              .error.find("without . and .. as segments") != std::string::npos);
    CHECK(HasDotSegment(path));
  }
  for (const std::string path : {"/a...b/...", "/a.b/.c/d.", "/a?../b", "", "/"}) {
    CAPTURE(path);
    CHECK_FALSE(HasDotSegment(path));
  }
}

TEST_CASE("defect 23: zero is a value, in conditions, headers and paths") {
  CHECK(Holds(model::Operator::kIsSet, "", "0"));
  CHECK(Holds(model::Operator::kIsSet, "", "0.0"));
  CHECK(Holds(model::Operator::kEquals, "0", "0"));
  CHECK_FALSE(Holds(model::Operator::kEquals, "", "0"));
  const std::string payload = R"({"n": 0, "f": 0.0})";
  const auto& headers = AssignTo(model::Scope::kHeader, "X-N", Payload("n"), payload).draft.headers;
  CHECK(headers == std::map<std::string, std::string>{{"X-N", "0"}});
  CHECK(PathFrom("/orders/{{ payload.n }}", payload).draft.target_path == "/orders/0");
}

TEST_CASE("defect 24: what looks like a number, a version or a word of JSON stays as typed") {
  for (const std::string typed : {"1.10", "1e5", "00123", "true", "null", "-0", "NaN", " 5 "}) {
    CAPTURE(typed);
    CHECK(AssignTo(model::Scope::kPayload, "v", Typed(typed), "{}").draft.payload ==
          R"({"v":")" + typed + R"("})");
  }
  CHECK(AssignTo(model::Scope::kPayload, "v", TypedJson("1.10"), "{}").draft.payload ==
        R"({"v":1.10})");
}

TEST_CASE("defect 27: a partner's field is read, and false only when it is") {
  const model::Source source{model::SourceKind::kPartnerField, "vat", {}, false};
  PlannedRule rule(model::Action::kSend, "");
  rule.Assign("X-Vat", source, model::ListMode::kReplace, model::Scope::kHeader);
  const model::Value fields = Json(R"({"partner_field:vat": "DE1"})");
  Facts facts;
  facts.fields = &fields;
  RequestDraft draft{"post", "/hook", {}, "{}"};
  REQUIRE(ApplyAssignments(rule.compiled(), facts, draft).ok());
  CHECK(draft.headers == std::map<std::string, std::string>{{"X-Vat", "DE1"}});
  const model::Value without = Json("{}");
  facts.fields = &without;
  CHECK_FALSE(ApplyAssignments(rule.compiled(), facts, draft).ok());
}
