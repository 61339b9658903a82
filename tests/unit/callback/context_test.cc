// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/callback/context.h"

#include <doctest/doctest.h>

#include <stdexcept>

#include "lib/callback/context_json.h"

namespace webhook::callback {
namespace {

EventFacts Sample() {
  model::Event event;
  event.id = 9;
  event.event_uid = "u";
  event.attempt_count = 1;
  event.received_at = base::FromUnixMs(1'767'225'600'123);
  event.body = R"({"a": {"b": [1, 2.50, "x"]}, "none": null, "no": false})";
  event.headers = {{"content-type", "application/json"}};
  event.query = {{"Q", "1"}};
  event.semantics = {{"topic", "t"}};
  event.resolved_values = "no object";
  event.field_values = R"({"event_field:name": false})";
  return FactsOf(event, {"path", "code"});
}

EventFacts Again(const EventFacts& facts) {
  const auto decoded = DecodeContext(EncodeContext(facts));
  REQUIRE(decoded.ok());
  return std::get<EventFacts>(decoded.value());
}

}  // namespace

TEST_CASE("an event goes through JSON unchanged") {
  const EventFacts facts = Again(Sample());
  CHECK(facts.common.uid == "u");
  CHECK(facts.common.record_id == 9);
  CHECK(facts.common.attempt == 2);
  CHECK(facts.common.created_at == base::FromUnixMs(1'767'225'600'123));
  CHECK(facts.common.body == Sample().common.body);
  CHECK(facts.common.payload == Sample().common.payload);
  CHECK(facts.headers == Sample().headers);
  CHECK(facts.resolved_values == Value::ObjectOf({}));
  EventFacts raw = Sample();
  raw.common.body = std::string("\x00\xFF", 2);
  CHECK(Again(raw).common.body == raw.common.body);
  CHECK(Again(raw).common.payload.is_missing());
}

TEST_CASE("paths, texts, headers and fields") {
  const EventContext context("acme.x", Sample(), {});
  CHECK(context.At("a.b[-1]") == Value::Text("x"));
  CHECK(context.At("nothing").is_missing());
  CHECK(context.At("none").is_null());
  CHECK(context.Text("a.b[1]") == "2.50");
  CHECK_FALSE(context.Text("no"));
  CHECK_FALSE(context.Text("a"));
  CHECK(context.RequireText("a.b[0]") == "1");
  CHECK_THROWS_AS(context.RequireText("none"), std::runtime_error);
  CHECK_THROWS_AS(context.At("a[["), std::invalid_argument);
  CHECK(context.header("Content-TYPE") == "application/json");
  CHECK_FALSE(context.header("X"));
  CHECK(context.query("Q") == "1");
  CHECK_FALSE(context.query("q"));
  CHECK(context.semantic("topic") == "t");
  CHECK(context.resolved("x").is_missing());
  CHECK(context.field("event_field:name") == Value::Bool(false));
  CHECK(context.field("event_field:other").is_missing());
}

TEST_CASE("a delivery goes through JSON unchanged, and knows when it was changed") {
  model::Delivery delivery;
  delivery.http_method = "post";
  delivery.request_headers = {{"A", "1"}};
  delivery.payload = "raw \xFF";
  delivery.context_values = R"({"k": 1.10})";
  const auto decoded = DecodeContext(EncodeContext(FactsOf(delivery, "/p", {"shop", "code"})));
  REQUIRE(decoded.ok());
  DeliveryContext context("acme.x", std::get<DeliveryFacts>(decoded.value()), {});
  CHECK(context.request().target_path == "/p");
  CHECK(context.request().payload == "raw \xFF");
  CHECK(context.context_value("k") == Value::Decimal("1.10"));
  CHECK_FALSE(context.request_changed());
  context.request().SetHeader("a", "1");
  CHECK_FALSE(context.request_changed());
  context.request().SetHeader("a", "2");
  CHECK(context.request_changed());
  CHECK(context.request().headers.size() == 1);
}

TEST_CASE("contexts that are none") {
  for (const char* json :
       {"", "{}", "[]", R"({"kind":"other"})", R"({"kind":"event"})", R"({"kind":"delivery"})"}) {
    CAPTURE(json);
    CHECK_FALSE(DecodeContext(json).ok());
  }
}

}  // namespace webhook::callback
