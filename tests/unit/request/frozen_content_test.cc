// SPDX-License-Identifier: LGPL-3.0-or-later
// Content frozen, transport current: what the first attempt sent is what every later one sends,
// whatever became of the endpoint, its rules and the record meanwhile.
#include <doctest/doctest.h>

#include "lib/base/base64.h"
#include "lib/delivery/request_builder.h"
#include "lib/delivery/shape.h"
#include "tests/unit/request/endpoint_world.h"

using namespace webhook::delivery;
namespace base = webhook::base;
namespace model = webhook::model;
using model::BodyMode;
using model::SourceKind;

namespace {

const RequestOptions kOptions{"webhook-worker/0.1.0", 65536};

EndpointWorld FirstEndpoint() {
  EndpointWorld world;
  world.endpoint.target_path = "/orders/{id}";
  world.endpoint.content_type = "application/vnd.shop.v1+json";
  world.AddContextLine("id", SourceOf(SourceKind::kRecordField, "id"));
  world.AddHeaderRule("X-Shop", Literal("one"));
  world.AddHeaderRule("X-Name", SourceOf(SourceKind::kRecordField, "name"));
  world.AddPayloadRule("shop.name", SourceOf(SourceKind::kRecordField, "name"));
  return world;
}

// Everything that an administrator can edit is another.
EndpointWorld EditedEndpoint() {
  EndpointWorld world;
  world.endpoint.target_hostname = "https://new.example.com:8443";
  world.endpoint.target_path = "/v2/{id}";
  world.endpoint.content_type = "text/xml";
  world.AddContextLine("id", SourceOf(SourceKind::kRecordField, "id"));
  world.AddHeaderRule("X-Shop", Literal("two"));
  world.AddHeaderRule("X-New", Literal("new"));
  world.AddPayloadRule("shop", JsonLiteral("null"));
  world.AddPayloadRule("new", Literal("new"));
  world.endpoint.auth.mode = model::AuthMode::kBearer;
  world.AddSecret(model::SecretPurpose::kBearerToken, "token-2");
  world.endpoint.signature.mode = model::SignatureMode::kStandardWebhooks;
  world.AddSecret(model::SecretPurpose::kSigning,
                  "whsec_" + base::EncodeBase64(std::string(24, 'k')));
  return world;
}

model::Delivery Queued(BodyMode mode) {
  model::Delivery delivery;
  delivery.delivery_uid = "01890a5d-ac96-774b-bcce-b302099a8057";
  delivery.http_method = "post";
  delivery.body_mode = mode;
  delivery.payload = R"({"b": 1.10, "a": [true, null, "x y"]})";
  delivery.request_headers = {{"X-Own", "1"}};
  delivery.field_values = R"({"record_field:id": 7, "record_field:name": "Acme"})";
  return delivery;
}

HttpRequest Attempt(EndpointWorld& world, model::Delivery& delivery) {
  const CompiledEndpoint compiled = world.Compiled();
  REQUIRE(compiled.problem == "");
  const auto shaped = ApplyShape(compiled, world.endpoint, delivery);
  REQUIRE(shaped.ok());
  auto request = BuildRequest(world.endpoint, compiled, delivery, world.now, kOptions);
  REQUIRE_MESSAGE(request.ok(), (request.ok() ? "" : request.error().message));
  return std::move(request).value();
}

// Those of the content: without what is of an attempt, or of the endpoint's transport.
HttpHeaders ContentHeaders(const HttpRequest& request) {
  HttpHeaders headers;
  for (const auto& header : request.headers) {
    const bool is_transport =
        header.first == "webhook-signature" || header.first == "Authorization";
    if (!is_transport) headers.push_back(header);
  }
  return headers;
}

// What Odoo hands out for the next attempt: the row as it was queued, with what the first one
// fixed.
model::Delivery NextAttempt(const model::Delivery& first) {
  model::Delivery next = first;
  next.content_frozen = true;
  next.context_values = "{}";
  return next;
}

}  // namespace

TEST_CASE("the bytes of a later attempt are those of the first one") {
  for (const BodyMode mode : {BodyMode::kJson, BodyMode::kFormUrlencoded, BodyMode::kMultipart}) {
    CAPTURE(static_cast<int>(mode));
    model::Delivery delivery = Queued(mode);
    if (mode == BodyMode::kMultipart) delivery.files = {{"doc", "a.pdf", "", "\xFF%PDF"}};
    EndpointWorld before = FirstEndpoint();
    const HttpRequest first = Attempt(before, delivery);
    CHECK(first.url == "https://example.com/orders/7");

    model::Delivery next = NextAttempt(delivery);
    EndpointWorld after = EditedEndpoint();
    const HttpRequest second = Attempt(after, next);
    CHECK(second.body == first.body);
    CHECK(second.method == first.method);
    CHECK(ContentHeaders(second) == ContentHeaders(first));
    // The transport is the endpoint's as it is now, so that repairing it repairs what waits.
    CHECK(second.url == "https://new.example.com:8443/v2/7");
    CHECK(second.headers.back() ==
          std::pair<std::string, std::string>("Authorization", "Bearer token-2"));
  }
}

TEST_CASE("also where the first attempt changed nothing") {
  EndpointWorld before;
  model::Delivery delivery = Queued(BodyMode::kJson);
  const HttpRequest first = Attempt(before, delivery);
  model::Delivery next = NextAttempt(delivery);
  EndpointWorld after = EditedEndpoint();
  const HttpRequest second = Attempt(after, next);
  CHECK(second.body == first.body);
  CHECK(ContentHeaders(second) == ContentHeaders(first));
}

TEST_CASE("and over a replay with another id, but for what names it") {
  EndpointWorld world = FirstEndpoint();
  model::Delivery delivery = Queued(BodyMode::kMultipart);
  delivery.files = {{"doc", "a.pdf", "application/pdf", "%PDF"}};
  const HttpRequest first = Attempt(world, delivery);
  model::Delivery replay = NextAttempt(delivery);
  replay.delivery_uid = "01890a5d-ac96-774b-bcce-b302099a8058";
  const HttpRequest second = Attempt(world, replay);
  CHECK(second.body == first.body);
  CHECK(second.url == first.url);
}
