// SPDX-License-Identifier: LGPL-3.0-or-later
#include "app/webhook_worker/explain_event.h"

#include <doctest/doctest.h>

using namespace webhook;
using namespace webhook::app;

namespace {

ExplainedEvent Read(const std::string& text) {
  auto event = ReadEventFile(text, model::Phase::kResponse);
  REQUIRE_MESSAGE(event.ok(), text);
  return std::move(event).value();
}

std::string Problem(const std::string& text) {
  const auto event = ReadEventFile(text, model::Phase::kEvent);
  return event.ok() ? "none" : event.error();
}

}  // namespace

TEST_CASE("an event with everything") {
  const ExplainedEvent event = Read(R"({
    "body": {"id": 1.10}, "headers": {"X-A": "b", "X-N": 5}, "query": {"q": "1"},
    "resolved_values": {"k": "v"}, "semantics": {"topic": "t"}, "field_values": {"event_field:x": 1},
    "context_values": {"c": true}, "request": {"http_method": "put", "target_path": "/p", "headers": {"X-R": "1"}},
    "response": {"status": 201, "headers": {"Location": "/5"}, "body": {"ok": true}}})");
  const model::ProbeSample& sample = event.sample;
  CHECK(sample.phase == model::Phase::kResponse);
  CHECK(sample.body == R"({"id":1.10})");
  CHECK(sample.headers == std::map<std::string, std::string>{{"X-A", "b"}, {"X-N", "5"}});
  CHECK(sample.query.at("q") == "1");
  CHECK(sample.resolved_values == R"({"k":"v"})");
  CHECK(sample.semantics.at("topic") == "t");
  CHECK(sample.field_values == R"({"event_field:x":1})");
  CHECK(sample.context_values == R"({"c":true})");
  CHECK(sample.response_status_code == 201);
  CHECK(sample.response_headers.at("Location") == "/5");
  CHECK(sample.response_body == R"({"ok":true})");
  const rules::RequestDraft draft = event.Draft();
  CHECK(draft.http_method == "put");
  CHECK(draft.target_path == "/p");
  CHECK(draft.headers.at("X-R") == "1");
  CHECK(draft.payload == sample.body);
}

TEST_CASE("a body that is a text stays as it is") {
  CHECK(Read(R"({"body": "{ \"a\": 1 }"})").sample.body == R"({ "a": 1 })");
  CHECK(Read(R"({"body": "a=1"})").sample.body == "a=1");
}

TEST_CASE("any other JSON is the payload itself, byte for byte") {
  for (const char* payload :
       {R"({ "order": 5 })", "[1, 2]", "5", R"({"body": "x", "other": 1})", R"({"headers": {}})"}) {
    const ExplainedEvent event = Read(payload);
    CHECK(event.sample.body == payload);
    CHECK(event.sample.headers.empty());
    CHECK(event.Draft().http_method == "post");
    CHECK(event.Draft().target_path == "/");
  }
}

TEST_CASE("what is wrong with a file") {
  CHECK(Problem("{").starts_with("not JSON at byte "));
  CHECK(Problem(R"({"body": "", "headers": []})") == "\"headers\" must be an object");
  CHECK(Problem(R"({"body": "", "resolved_values": "x"})") ==
        "\"resolved_values\" must be an object");
  CHECK(Problem(R"({"body": "", "response": 200})") == "\"response\" must be an object");
  for (const char* status : {"\"x\"", "99", "1000", "200.5", "null"}) {
    CHECK(Problem(std::string(R"({"body": "", "response": {"status": )") + status + "}}") ==
          "the response's \"status\" must be a number from 100 to 999");
  }
}
