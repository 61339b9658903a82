// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/shape.h"

#include <doctest/doctest.h>

#include "tests/unit/request/endpoint_world.h"

using namespace webhook::delivery;
namespace model = webhook::model;
using model::SourceKind;

namespace {

using Headers = std::map<std::string, std::string>;

struct ShapeWorld : EndpointWorld {
  ShapeWorld() {
    delivery.delivery_uid = "01890a5d-ac96-774b-bcce-b302099a8057";
    delivery.http_method = "post";
    delivery.payload = R"({"order": {"id": 7}, "total": 1.10})";
  }

  bool Apply() {
    const CompiledEndpoint compiled = Compiled();
    REQUIRE(compiled.problem == "");
    const auto changed = ApplyShape(compiled, endpoint, delivery);
    REQUIRE_MESSAGE(changed.ok(), (changed.ok() ? "" : changed.error().message));
    return changed.value();
  }

  std::string Problem() {
    const model::Delivery before = delivery;
    const auto changed = ApplyShape(Compiled(), endpoint, delivery);
    REQUIRE_FALSE(changed.ok());
    CHECK(changed.error().reason == model::FailureReason::kRuleInvalid);
    CHECK(delivery.payload == before.payload);
    CHECK(delivery.request_headers == before.request_headers);
    return changed.error().message;
  }

  model::Delivery delivery;
};

}  // namespace

TEST_CASE("without rules nothing changes") {
  ShapeWorld world;
  CHECK_FALSE(world.Apply());
  CHECK(world.delivery.payload == R"({"order": {"id": 7}, "total": 1.10})");
  CHECK(world.delivery.request_headers.empty());
  CHECK(world.delivery.context_values == "{}");
}

TEST_CASE("header rules: texts, numbers as written, true and false; null takes away") {
  ShapeWorld world;
  world.delivery.request_headers = {{"x-gone", "1"}, {"X-Kept", "2"}, {"x-shop", "old"}};
  world.AddHeaderRule("X-Shop", Literal("00123"));
  world.AddHeaderRule("X-Total", SourceOf(SourceKind::kPayloadPath, "total"));
  world.AddHeaderRule("X-Flag", JsonLiteral("false"));
  world.AddHeaderRule("X-Gone", JsonLiteral("null"));
  world.AddHeaderRule("X-Missing", SourceOf(SourceKind::kPayloadPath, "nowhere"));
  world.AddHeaderRule("X-Twice", Literal("a"));
  world.AddHeaderRule("x-twice", Literal("b"));
  CHECK(world.Apply());
  CHECK(world.delivery.request_headers == Headers{{"X-Kept", "2"},
                                                  {"X-Shop", "00123"},
                                                  {"X-Total", "1.10"},
                                                  {"X-Flag", "false"},
                                                  {"x-twice", "b"}});
}

TEST_CASE("payload rules: paths, JSON literals; a missing value changes nothing, null is null") {
  ShapeWorld world;
  world.AddPayloadRule("order.name", Literal("1.0"));
  world.AddPayloadRule("order.lines", JsonLiteral("[1.50, null]"));
  world.AddPayloadRule("order.id", SourceOf(SourceKind::kPayloadPath, "nowhere"));
  world.AddPayloadRule("gone", JsonLiteral("null"));
  CHECK(world.Apply());
  CHECK(world.delivery.payload ==
        R"({"order":{"id":7,"name":"1.0","lines":[1.50,null]},"total":1.10,"gone":null})");
}

TEST_CASE("a payload whose value stays the same keeps its bytes") {
  ShapeWorld world;
  world.AddPayloadRule("order.id", SourceOf(SourceKind::kPayloadPath, "order.id"));
  CHECK_FALSE(world.Apply());
  CHECK(world.delivery.payload == R"({"order": {"id": 7}, "total": 1.10})");
}

TEST_CASE("an empty path is the whole payload") {
  ShapeWorld world;
  world.AddPayloadRule("", SourceOf(SourceKind::kPayloadPath, "order"));
  CHECK(world.Apply());
  CHECK(world.delivery.payload == R"({"id":7})");
}

TEST_CASE("context lines see those before them; what was handed along wins") {
  ShapeWorld world;
  world.delivery.context_values = R"({"given": "by the caller", "empty": null})";
  world.AddContextLine("id", SourceOf(SourceKind::kPayloadPath, "order.id"));
  world.AddContextLine("path", TemplateOf("orders-{{ context.id }}"));
  world.AddContextLine("given", Literal("by the line"));
  world.AddContextLine("empty", Literal("by the line"));
  world.AddContextLine("twice", Literal("a"));
  world.AddContextLine("twice", JsonLiteral("2"));
  world.AddContextLine("nothing", SourceOf(SourceKind::kPayloadPath, "nowhere"));
  world.AddHeaderRule("X-Path", SourceOf(SourceKind::kContextKey, "path"));
  CHECK(world.Apply());
  CHECK(world.delivery.context_values ==
        R"({"given":"by the caller","empty":null,"id":7,"path":"orders-7","twice":2})");
  CHECK(world.delivery.request_headers == Headers{{"X-Path", "orders-7"}});
}

TEST_CASE("context lines alone change nothing that would have to be fixed") {
  ShapeWorld world;
  world.AddContextLine("id", SourceOf(SourceKind::kPayloadPath, "order.id"));
  CHECK_FALSE(world.Apply());
  CHECK(world.delivery.context_values == R"({"id":7})");
}

TEST_CASE("of a frozen delivery only the context values are set") {
  ShapeWorld world;
  world.delivery.content_frozen = true;
  world.endpoint.content_type = "text/xml";
  world.AddContextLine("id", SourceOf(SourceKind::kPayloadPath, "order.id"));
  world.AddHeaderRule("X-Shop", Literal("1"));
  world.AddPayloadRule("a", Literal("1"));
  CHECK_FALSE(world.Apply());
  CHECK(world.delivery.request_headers.empty());
  CHECK(world.delivery.payload == R"({"order": {"id": 7}, "total": 1.10})");
  CHECK(world.delivery.context_values == R"({"id":7})");
}

TEST_CASE("the endpoint's content type is fixed with the headers") {
  ShapeWorld world;
  world.endpoint.content_type = "application/vnd.shop+json";
  CHECK(world.Apply());
  CHECK(world.delivery.request_headers == Headers{{"Content-Type", "application/vnd.shop+json"}});
  ShapeWorld own;
  own.endpoint.content_type = "text/xml";
  own.delivery.request_headers = {{"content-type", "text/csv"}};
  CHECK_FALSE(own.Apply());
  ShapeWorld by_rule;
  by_rule.endpoint.content_type = "text/xml";
  by_rule.AddHeaderRule("content-type", Literal("text/csv"));
  CHECK(by_rule.Apply());
  CHECK(by_rule.delivery.request_headers == Headers{{"content-type", "text/csv"}});
  ShapeWorld multipart;
  multipart.endpoint.content_type = "text/xml";
  multipart.delivery.body_mode = model::BodyMode::kMultipart;
  CHECK_FALSE(multipart.Apply());
}

TEST_CASE("fields come from Odoo; one that could not be read is a dead letter naming the rule") {
  ShapeWorld world;
  world.AddHeaderRule("X-A", Literal("1"));
  world.AddHeaderRule("X-Mail", SourceOf(SourceKind::kRecordField, "partner_id.email"));
  world.AddContextLine("name", SourceOf(SourceKind::kCompanyField, "name"));
  const CompiledEndpoint compiled = world.Compiled();
  CHECK_FALSE(HasShapeFields(compiled, world.delivery));
  world.delivery.field_values = R"({"company_field:name": "ACME"})";
  CHECK_FALSE(HasShapeFields(compiled, world.delivery));
  // Its headers are fixed: only the context is still computed.
  world.delivery.content_frozen = true;
  CHECK(HasShapeFields(compiled, world.delivery));
  world.delivery.content_frozen = false;
  world.delivery.field_values =
      R"({"company_field:name": "ACME", "record_field:partner_id.email!": "no access"})";
  CHECK(HasShapeFields(compiled, world.delivery));
  const std::string problem = world.Problem();
  CHECK(problem.starts_with("header rule 2 (X-Mail): "));
  CHECK(problem.find("no access") != std::string::npos);
  world.delivery.field_values =
      R"({"company_field:name": "ACME", "record_field:partner_id.email": "a@example.com"})";
  CHECK(world.Apply());
  CHECK(world.delivery.request_headers == Headers{{"X-A", "1"}, {"X-Mail", "a@example.com"}});
  world.delivery.context_values = "{}";
  world.delivery.field_values = R"({"company_field:name!": "no access",
                                    "record_field:partner_id.email": "a@example.com"})";
  CHECK(world.Problem().starts_with("context line 1 (name): "));
}

TEST_CASE("a value that fits no header is a dead letter naming the rule") {
  for (const std::string value : {"\"a\\r\\nX-Evil: 1\"", "\"a\\u0000b\"", "[1]", "{}"}) {
    CAPTURE(value);
    ShapeWorld world;
    world.delivery.payload = R"({"v": )" + value + "}";
    world.AddHeaderRule("X-V", SourceOf(SourceKind::kPayloadPath, "v"));
    CHECK(world.Problem().starts_with("header rule 1 (X-V): "));
    ShapeWorld rendered;
    rendered.delivery.payload = world.delivery.payload;
    rendered.AddHeaderRule("X-V", TemplateOf("v: {{ payload.v }}"));
    if (value.starts_with('"')) {
      CHECK(rendered.Problem().starts_with("header rule 1 (X-V): "));
    }
  }
}

TEST_CASE("a payload in which nothing can be set is a dead letter naming the rule") {
  ShapeWorld collides;
  collides.AddPayloadRule("total.net", Literal("1"));
  CHECK(collides.Problem().starts_with("payload rule 1 (total.net): "));
  ShapeWorld no_json;
  no_json.delivery.payload = "<xml/>";
  no_json.AddPayloadRule("a", Literal("1"));
  CHECK(no_json.Problem().starts_with("payload rule 1 (a): "));
  ShapeWorld raw;
  raw.delivery.body_mode = model::BodyMode::kRaw;
  raw.AddPayloadRule("a", Literal("1"));
  CHECK(raw.Problem().starts_with("payload rule 1 (a): the body is raw text"));
}

TEST_CASE("values are bounded") {
  ShapeWorld world;
  world.delivery.payload = R"({"v": ")" + std::string(600'000, 'x') + R"("})";
  world.AddContextLine("a", SourceOf(SourceKind::kPayloadPath, "v"));
  world.AddContextLine("b", SourceOf(SourceKind::kPayloadPath, "v"));
  CHECK(world.Problem().starts_with("context line 2 (b): "));
  ShapeWorld header;
  header.delivery.payload = R"({"v": ")" + std::string(9'000, 'x') + R"("})";
  header.AddHeaderRule("X-V", SourceOf(SourceKind::kPayloadPath, "v"));
  CHECK(header.Problem().starts_with("header rule 1 (X-V): "));
}

TEST_CASE("a credential that a rule reads is not quoted") {
  ShapeWorld world;
  world.delivery.request_headers = {{"Authorization", "Bearer hunter2-token\tx"}};
  world.AddPayloadRule("total.net", SourceOf(SourceKind::kHeader, "Authorization"));
  CHECK(world.Problem().find("hunter2") == std::string::npos);
}

TEST_CASE("an endpoint that is broken is a dead letter before its handler is asked") {
  ShapeWorld world;
  world.endpoint.target_path = "/{";
  const auto changed = ApplyShape(world.Compiled(), world.endpoint, world.delivery);
  REQUIRE_FALSE(changed.ok());
  CHECK(changed.error().reason == model::FailureReason::kRequestInvalid);
  CHECK(changed.error().message.starts_with("target_path: "));
}
