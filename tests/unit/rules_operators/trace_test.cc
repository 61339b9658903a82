// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/rules/trace.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "lib/rules/credential_source.h"
#include "lib/rules/evaluate.h"
#include "lib/rules/short_json.h"
#include "tests/unit/rules_operators/sample_rules.h"

using namespace webhook;         // NOLINT: a test
using namespace webhook::rules;  // NOLINT: a test
using model::Operator;
using model::Phase;
using model::SourceKind;

namespace {

struct Traced {
  std::string json;
  std::vector<std::string> lines;
};

Traced TraceOf(std::vector<model::Rule> rules, const std::string& payload,
               const std::string& headers = "{}") {
  const CompiledHandler compiled = Compile(HandlerOf(std::move(rules)));
  const model::Value body = Json(payload);
  const model::Value head = Json(headers);
  Facts facts;
  facts.payload = &body;
  facts.headers = &head;
  const Evaluation evaluation = Evaluate(compiled, Phase::kEvent, facts);
  return {evaluation.trace.ToJson(), evaluation.trace.ToLines()};
}

std::vector<model::Rule> OpenThenPaid() {
  model::Condition any_case = ConditionOf(PayloadAt("status"), Operator::kEquals, "PAID");
  any_case.ignore_case = true;
  return {
      RuleOf(4, "Open", {ConditionOf(PayloadAt("status"), Operator::kEquals, "open")}),
      RuleOf(5, "Paid \"in full\"",
             {any_case, ConditionOf(PayloadAt("total"), Operator::kGreater, "10"),
              ConditionOf(PayloadAt("note"), Operator::kNotSet)}),
  };
}

std::string ShortJson(const std::string& json, std::size_t bytes_max) {
  std::string out;
  AppendShortJson(out, Json(json), bytes_max);
  return out;
}

}  // namespace

TEST_CASE("the trace of a match") {
  const Traced trace = TraceOf(OpenThenPaid(), R"({"status":"paid","total":10.01})");
  CHECK(trace.json ==
        R"({"phase":"event","outcome":"rule \"Paid \"in full\"\" matched","rule_id":5,"rules":[)"
        R"({"id":4,"name":"Open","matched":false,"conditions":[)"
        R"({"source":"payload_path","expression":"status","operator":"equals","expected":"open",)"
        R"("found":"\"paid\"","holds":false}]},)"
        R"({"id":5,"name":"Paid \"in full\"","matched":true,"conditions":[)"
        R"({"source":"payload_path","expression":"status","operator":"equals","expected":"PAID",)"
        R"("ignore_case":true,"found":"\"paid\"","holds":true},)"
        R"({"source":"payload_path","expression":"total","operator":"gt","expected":"10",)"
        R"("found":"10.01","holds":true},)"
        R"({"source":"payload_path","expression":"note","operator":"not_set","found":"missing",)"
        R"("holds":true}]}]})");
  CHECK(trace.lines == std::vector<std::string>{
                           "rule \"Open\" (sequence 10, id 4)",
                           "  condition 1: payload_path status equals \"open\"; found \"paid\": no",
                           "rule \"Paid \"in full\"\" (sequence 10, id 5): matches",
                           "  condition 1: payload_path status equals \"PAID\" in any case; found "
                           "\"paid\": yes",
                           "  condition 2: payload_path total gt \"10\"; found 10.01: yes",
                           "  condition 3: payload_path note not_set; found missing: yes",
                           "rule \"Paid \"in full\"\" matched",
                       });
}

TEST_CASE("the trace of no match says why a value could not be compared") {
  const Traced trace = TraceOf(OpenThenPaid(), R"({"status":"PAID","total":"much"})");
  CHECK(trace.json.starts_with(R"({"phase":"event","outcome":"no rule matched","rules":[)"));
  CHECK(trace.json.find(R"("found":"\"much\"","holds":false,)"
                        R"("reason":"a number is expected, and what was found is none"})") !=
        std::string::npos);
  CHECK(trace.lines.back() == "no rule matched");
}

TEST_CASE("the trace of an error") {
  const Traced trace = TraceOf(
      {RuleOf(1, "T", {ConditionOf(SourceOf(SourceKind::kEventField, "topic"), Operator::kIsSet)})},
      "{}");
  const model::Value json = Json(trace.json);
  CHECK(json.Find("outcome")->text()->starts_with("error: rule \"T\", condition 1: "));
  CHECK(trace.json.find("\"error\":\"") != std::string::npos);
  CHECK(trace.json.find("\"rule_id\"") == std::string::npos);
  CHECK(TraceOf({}, "{}").json == R"({"phase":"event","outcome":"no rule matched","rules":[]})");
}

TEST_CASE("credentials are not shown, neither found nor expected") {
  const Traced trace = TraceOf(
      {RuleOf(1, "Key",
              {ConditionOf(SourceOf(SourceKind::kHeader, "X-Api-Key"), Operator::kEquals, "s3cret"),
               ConditionOf(SourceOf(SourceKind::kTemplate, "{{ header.authorization }}"),
                           Operator::kContains, "s3cret"),
               ConditionOf(SourceOf(SourceKind::kHeader, "Cookie"), Operator::kNotSet)})},
      "{}", R"({"x-api-key":"s3cret","authorization":"Bearer s3cret"})");
  CHECK(trace.json.find("s3cret") == std::string::npos);
  for (const std::string& line : trace.lines) CHECK(line.find("s3cret") == std::string::npos);
  CHECK(trace.json.find(R"x("expected":"(redacted)","found":"(redacted)","holds":true)x") !=
        std::string::npos);
  CHECK(trace.json.find(R"("operator":"not_set","found":"missing","holds":true)") !=
        std::string::npos);
}

TEST_CASE("credentials are not shown in errors either") {
  const Traced trace = TraceOf(
      {RuleOf(1, "Key",
              {ConditionOf(SourceOf(SourceKind::kTemplate, "{{ header.x-token | number(2) }}"),
                           Operator::kIsSet)})},
      "{}", R"({"x-token":"s3cret"})");
  CHECK(trace.json.find("s3cret") == std::string::npos);
  CHECK(
      trace.lines.back() ==
      "error: rule \"Key\", condition 1: it could not be read; why is not shown, as its value may "
      "be a credential");
}

TEST_CASE("which sources carry credentials") {
  const auto carries = [](SourceKind kind, const std::string& expression) {
    return CarriesCredential(SourceOf(kind, expression));
  };
  for (const char* name : {"Authorization", "proxy-authorization", "Cookie", "Set-Cookie",
                           "X-Hub-Signature", "webhook-signature", "X-Access-Token", "X-API-Key"}) {
    CAPTURE(name);
    CHECK(carries(SourceKind::kHeader, name));
    CHECK(carries(SourceKind::kResponseHeader, name));
    CHECK(carries(SourceKind::kRequestField, std::string("headers.") + name));
    CHECK(carries(SourceKind::kTemplate, std::string("a {{ header.") + name + " }}"));
  }
  CHECK(carries(SourceKind::kQueryParameter, "token"));
  CHECK(carries(SourceKind::kRequestField, "headers"));
  CHECK(carries(SourceKind::kRequestField, "$"));
  CHECK(carries(SourceKind::kTemplate, "{{ request | json }}"));
  CHECK_FALSE(carries(SourceKind::kHeader, "Content-Type"));
  CHECK_FALSE(carries(SourceKind::kRequestField, "headers.x-shop"));
  CHECK_FALSE(carries(SourceKind::kRequestField, "payload.total"));
  CHECK_FALSE(carries(SourceKind::kTemplate, "your token {{ payload.x }}"));
  CHECK_FALSE(carries(SourceKind::kPayloadPath, "token"));
}

TEST_CASE("a trace stays within its size, is JSON, and keeps the last rule") {
  const std::string long_text(9000, 'x');
  std::vector<model::Rule> rules;
  for (int i = 1; i <= 60; ++i) {
    rules.push_back(RuleOf(i, "r" + std::to_string(i) + long_text,
                           {ConditionOf(PayloadAt("a"), Operator::kIsSet),
                            ConditionOf(PayloadAt("a"), Operator::kEquals, "é" + long_text)}));
  }
  model::Rule last = RuleOf(100, "last");
  for (int i = 0; i < 50; ++i) {
    last.conditions.push_back(ConditionOf(PayloadAt("a"), Operator::kNotEquals, "y" + long_text));
  }
  rules.push_back(last);
  const std::string controls = "\"" + [] {
    std::string text;
    for (int i = 0; i < 1000; ++i) text += "\\u0001";
    return text;
  }() + "\"";
  for (const std::string& payload :
       {R"({"a":")" + long_text + "\"}", R"({"a":)" + controls + "}"}) {
    const Traced trace = TraceOf(rules, payload);
    CHECK(trace.json.size() <= kTraceBytesMax);
    CHECK(trace.json.size() > kTraceBytesMax / 2);
    const model::Value json = Json(trace.json);
    const model::Value::List& traced = *json.Find("rules")->list();
    CHECK(*traced.back().Find("name")->text() == "last");
    CHECK(traced.back().Find("conditions")->list()->back() == model::Value::Text("…truncated"));
    CHECK(traced[traced.size() - 2] == model::Value::Text("…truncated"));
    CHECK(*json.Find("outcome")->text() == "rule \"last\" matched");
  }
}

TEST_CASE("the beginning of a value as JSON") {
  CHECK(ShortJson(R"({"a":[1.10,null,true,"x\ny"],"b":{}})", 200) ==
        R"({"a":[1.10,null,true,"x\ny"],"b":{}})");
  CHECK(ShortJson(R"("abcdef")", 8) == R"("abcdef")");
  CHECK(ShortJson(R"("abcdef")", 7) == "\"abcdef…");
  CHECK(ShortJson(R"("aéé")", 3) == "\"a…");
  CHECK(ShortJson(R"("aéé")", 4) == "\"aé…");
  CHECK(ShortJson("[1,2,3,4,5,6,7,8]", 5) == "[1,2,…");
  CHECK(ShortJson("[[[[[[[[]]]]]]]]", 3) == "[[[…");
  CHECK(ShortJson(std::string(300, '1'), 200) == std::string(200, '1') + "…");
  CHECK(ShortJson("\"" + std::string(100'000, 'x') + "\"", 200).size() == 200 + 3);
  std::string missing;
  AppendShortJson(missing, model::Value(), 200);
  CHECK(missing == "missing");
}
