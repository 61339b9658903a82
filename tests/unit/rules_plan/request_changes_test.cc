// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/rules/request_changes.h"

#include <doctest/doctest.h>

#include "tests/unit/rules_plan/planned_rule.h"

using namespace webhook;
using namespace webhook::rules;
using model::Scope;

namespace {

const std::string kPayload = "{ \"id\": 1.10,\n \"tags\": [\"a\"] }";

struct Row {
  Scope scope;
  std::string target;
  model::Source source;
};

struct Changed {
  RequestDraft draft;
  bool changed = false;
  std::string error;
};

Changed Apply(const std::vector<Row>& rows, const std::string& payload = kPayload) {
  PlannedRule rule(model::Action::kSend, "");
  for (const Row& row : rows) {
    rule.Assign(row.target, row.source, model::ListMode::kReplace, row.scope);
  }
  const model::Value facts_payload = Json(R"({"n": null, "id": 5, "list": [1], "name": "A/B"})");
  Facts facts;
  facts.payload = &facts_payload;
  Changed result{{"post", "/hook", {{"X-Kept", "1"}, {"content-type", "a/b"}}, payload}, false, ""};
  const RequestDraft before = result.draft;
  const auto applied = ApplyAssignments(rule.compiled(), facts, result.draft);
  if (applied.ok()) {
    result.changed = applied.value();
    return result;
  }
  result.error = PlanErrorText(applied.error());
  CHECK(result.draft.payload == before.payload);
  CHECK(result.draft.headers == before.headers);
  CHECK(result.draft.target_path == before.target_path);
  return result;
}

std::string Error(Scope scope, const std::string& target, const std::string& literal) {
  return Apply({{scope, target, Typed(literal)}}).error;
}

}  // namespace

TEST_CASE("nothing to do changes nothing") {
  CHECK_FALSE(Apply({}).changed);
  CHECK_FALSE(Apply({{Scope::kPayload, "x", Payload("none")},
                     {Scope::kHeader, "X-Kept", Payload("none")},
                     {Scope::kRequest, "target_path", Payload("none")}})
                  .changed);
}

TEST_CASE("a payload that stays the same keeps its bytes") {
  const Changed same =
      Apply({{Scope::kPayload, "id", TypedJson("1.10")}, {Scope::kHeader, "X-New", Typed("y")}});
  CHECK(same.changed);
  CHECK(same.draft.payload == kPayload);
  CHECK(Apply({{Scope::kPayload, "id", TypedJson("1.1")}}).draft.payload ==
        R"({"id":1.1,"tags":["a"]})");
}

TEST_CASE("the request's own") {
  const Changed changed =
      Apply({{Scope::kRequest, "http_method", Typed("PUT")},
             {Scope::kRequest, "target_path", TemplateText("/orders/{{ payload.id }}?full=1")}});
  CHECK(changed.changed);
  CHECK(changed.draft.http_method == "put");
  CHECK(changed.draft.target_path == "/orders/5?full=1");
  CHECK(changed.draft.payload == kPayload);
  CHECK(Apply({{Scope::kRequest, "payload", Payload("list")}}).draft.payload == "[1]");
  CHECK(Apply({{Scope::kRequest, "payload", Typed("a=1&b=2")}}).draft.payload == "a=1&b=2");
  CHECK(Apply({{Scope::kRequest, "payload", Payload("n")}}).draft.payload == "null");
}

TEST_CASE("the request's own: what does not fit") {
  CHECK(
      Error(Scope::kRequest, "http_method", "head") ==
      "rule \"Import\", assignment 1 (http_method): found \"head\", expected get, post, put, patch "
      "or delete");
  CHECK(Error(Scope::kRequest, "target_url", "/x")
            .ends_with("expected one of the targets http_method, target_path and payload"));
  const std::vector<std::string> paths = {"",
                                          "x",
                                          "//evil.example",
                                          "/\\evil.example",
                                          "/a#b",
                                          "/a b",
                                          "/a\nb",
                                          "https://evil.example/",
                                          "/a\x7f",
                                          "/" + std::string(kTargetPathBytesMax, 'a')};
  for (const std::string& path : paths) {
    CAPTURE(path);
    CHECK(Error(Scope::kRequest, "target_path", path)
              .find("expected a path on the endpoint's host") != std::string::npos);
  }
  CHECK_FALSE(Apply({{Scope::kRequest, "target_path", Payload("n")}}).error.empty());
}

TEST_CASE("headers: one of a name, whatever its case; null takes it away") {
  const Changed changed = Apply({{Scope::kHeader, "Content-Type", Typed("text/plain")},
                                 {Scope::kHeader, "X-Id", Payload("id")},
                                 {Scope::kHeader, "X-Flag", TypedJson("true")},
                                 {Scope::kHeader, "x-kept", Payload("n")}});
  CHECK(changed.changed);
  CHECK(changed.draft.headers == std::map<std::string, std::string>{{"Content-Type", "text/plain"},
                                                                    {"X-Id", "5"},
                                                                    {"X-Flag", "true"}});
}

TEST_CASE("headers: what does not fit names the header") {
  const std::string expected =
      "expected a text in one line, of at most 8192 characters, for the header X-A";
  CHECK(Error(Scope::kHeader, "X-A", "a\r\nX-B: c").ends_with(expected));
  CHECK(Error(Scope::kHeader, "X-A", std::string("a\0b", 3)).ends_with(expected));
  CHECK(Error(Scope::kHeader, "X-A", std::string(8193, 'a')).ends_with(expected));
  CHECK(Apply({{Scope::kHeader, "X-A", Payload("list")}}).error.ends_with(expected));
  CHECK(Error(Scope::kHeader, "X A", "a") ==
        "rule \"Import\", assignment 1 (X A): the target is no name of a header");
  CHECK(Error(Scope::kHeader, "", "a").ends_with("the target is no name of a header"));
  std::vector<Row> many;
  for (int i = 0; i < 99; ++i)
    many.push_back({Scope::kHeader, "X-" + std::to_string(i), Typed("a")});
  CHECK(Apply(many).error.ends_with("expected at most 100 headers"));
  many.pop_back();
  CHECK(Apply(many).error.empty());
}

TEST_CASE("the payload by paths, row after row") {
  const Changed changed = Apply({{Scope::kPayload, "tags[1]", Typed("b")},
                                 {Scope::kPayload, "meta.ref", Typed("00123")},
                                 {Scope::kPayload, "id", Payload("n")}});
  CHECK(changed.draft.payload == R"({"id":null,"tags":["a","b"],"meta":{"ref":"00123"}})");
  CHECK(Apply({{Scope::kPayload, "a", Typed("x")}}, "").draft.payload == R"({"a":"x"})");
  CHECK(Apply({{Scope::kPayload, "a", Typed("x")},
               {Scope::kRequest, "payload", TypedJson("{}")},
               {Scope::kPayload, "b", Typed("y")}})
            .draft.payload == R"({"b":"y"})");
  // Defect 35: a list is no object, and is not replaced by one.
  CHECK(Apply({{Scope::kPayload, "a", Typed("x")}}, "[1]").error ==
        "rule \"Import\", assignment 1 (a): \"a\" is no index of the list");
}

TEST_CASE("the payload: what does not fit") {
  CHECK(Error(Scope::kPayload, "id.x", "a") ==
        "rule \"Import\", assignment 1 (id.x): \"x\" collides with a value that is no object or "
        "list");
  CHECK(Error(Scope::kPayload, "a[", "a")
            .starts_with("rule \"Import\", assignment 1 (a[): the target is no path: "));
  CHECK(Apply({{Scope::kPayload, "a", Typed("x")}}, "a=1")
            .error.ends_with("the payload is not JSON: nothing in it can be set"));
  CHECK(Apply({{Scope::kField, "name", Typed("x")}})
            .error.ends_with("a rule before sending writes no fields"));
}

TEST_CASE("the payload: at most 10 MiB") {
  const std::string large = "\"" + std::string(6 << 20, 'x') + "\"";
  const std::string error = "the payload becomes larger than 10 MiB";
  CHECK(Apply({{Scope::kPayload, "a", TypedJson(large)}}).error.empty());
  CHECK(Apply({{Scope::kPayload, "a", TypedJson(large)}, {Scope::kPayload, "b", TypedJson(large)}})
            .error.ends_with(error));
  CHECK(Apply({{Scope::kPayload, "a", TypedJson(large)}}, R"({"b": )" + large + "}").error ==
        "rule \"Import\": " + error);
}

TEST_CASE("an error never quotes what may be a credential") {
  PlannedRule rule(model::Action::kSend, "");
  rule.Assign("http_method", {model::SourceKind::kRequestField, "headers.Authorization", {}, false},
              model::ListMode::kReplace, Scope::kRequest);
  const model::Value request = Json(R"({"headers": {"authorization": "hunter2"}})");
  Facts facts;
  facts.request = &request;
  RequestDraft draft{"post", "/hook", {}, kPayload};
  const auto applied = ApplyAssignments(rule.compiled(), facts, draft);
  REQUIRE_FALSE(applied.ok());
  CHECK(PlanErrorText(applied.error()).find("hunter2") == std::string::npos);
}
