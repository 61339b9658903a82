// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/request_body.h"

#include <doctest/doctest.h>

#include "lib/delivery/body_form.h"

using namespace webhook::delivery;
namespace model = webhook::model;
using model::BodyMode;

namespace {

model::Delivery DeliveryOf(BodyMode mode, std::string payload, std::string method = "post") {
  model::Delivery delivery;
  delivery.http_method = std::move(method);
  delivery.body_mode = mode;
  delivery.payload = std::move(payload);
  return delivery;
}

RequestBody Made(const model::Delivery& delivery) {
  auto body = MakeRequestBody(delivery);
  REQUIRE_MESSAGE(body.ok(), (body.ok() ? "" : body.error()));
  return std::move(body).value();
}

}  // namespace

TEST_CASE("json and raw bodies are the payload, byte for byte") {
  const std::string bytes("{\"a\": 1.0,\n\"a\":2}\0\xFF", 21);
  for (const BodyMode mode : {BodyMode::kJson, BodyMode::kRaw}) {
    const RequestBody body = Made(DeliveryOf(mode, bytes));
    CHECK(body.is_sent);
    CHECK(body.bytes == bytes);
    CHECK_FALSE(body.content_type_is_fixed);
  }
  CHECK(Made(DeliveryOf(BodyMode::kJson, bytes)).content_type == "application/json");
  CHECK(Made(DeliveryOf(BodyMode::kRaw, bytes)).content_type == "text/plain; charset=utf-8");
}

TEST_CASE("forms are made of the payload's object") {
  const RequestBody form = Made(DeliveryOf(BodyMode::kFormUrlencoded, R"({"a": [1]})"));
  CHECK(form.bytes == "a%5B0%5D=1");
  CHECK(form.content_type == "application/x-www-form-urlencoded");
  const RequestBody multipart = Made(DeliveryOf(BodyMode::kMultipart, R"({"a": [1]})"));
  CHECK(multipart.bytes.find("name=\"a[0]\"\r\n\r\n1\r\n") != std::string::npos);
  CHECK(multipart.content_type_is_fixed);
  const std::string boundary = multipart.content_type.substr(30);
  CHECK(multipart.content_type == "multipart/form-data; boundary=" + boundary);
  CHECK(multipart.bytes.starts_with("--" + boundary + "\r\n"));
  for (const BodyMode mode : {BodyMode::kFormUrlencoded, BodyMode::kMultipart}) {
    const auto wrong = MakeRequestBody(DeliveryOf(mode, "[1]"));
    REQUIRE_FALSE(wrong.ok());
    CHECK(wrong.error().starts_with("payload: "));
  }
}

TEST_CASE("only a multipart body carries files") {
  for (const BodyMode mode : {BodyMode::kJson, BodyMode::kRaw, BodyMode::kFormUrlencoded}) {
    model::Delivery delivery = DeliveryOf(mode, "{}");
    delivery.files = {{"f", "a", "", "x"}};
    const auto body = MakeRequestBody(delivery);
    REQUIRE_FALSE(body.ok());
    CHECK(body.error().starts_with("files: "));
  }
  model::Delivery delivery = DeliveryOf(BodyMode::kMultipart, "{}", "get");
  delivery.files = {{"f", "a", "", "x"}};
  CHECK_FALSE(MakeRequestBody(delivery).ok());
}

TEST_CASE("a GET has no body, the other methods have one") {
  const RequestBody json = Made(DeliveryOf(BodyMode::kJson, "{}", "get"));
  CHECK_FALSE(json.is_sent);
  CHECK(json.bytes.empty());
  CHECK(json.query.empty());
  const RequestBody form = Made(DeliveryOf(BodyMode::kFormUrlencoded, R"({"a": "b c"})", "get"));
  CHECK_FALSE(form.is_sent);
  CHECK(form.bytes.empty());
  CHECK(form.query == "a=b+c");
  for (const std::string method : {"post", "put", "patch", "delete"}) {
    CHECK(Made(DeliveryOf(BodyMode::kJson, "{}", method)).bytes == "{}");
    CHECK(Made(DeliveryOf(BodyMode::kFormUrlencoded, R"({"a": 1})", method)).query.empty());
  }
}

TEST_CASE("a body beyond the limit is an error") {
  CHECK(MakeRequestBody(DeliveryOf(BodyMode::kRaw, std::string(kBodyBytesMax, 'x'))).ok());
  CHECK_FALSE(
      MakeRequestBody(DeliveryOf(BodyMode::kRaw, std::string(kBodyBytesMax + 1, 'x'))).ok());
  // Three bytes for each.
  const std::string encoded(kBodyBytesMax / 2, '/');
  CHECK_FALSE(
      MakeRequestBody(DeliveryOf(BodyMode::kFormUrlencoded, R"({"a": ")" + encoded + R"("})"))
          .ok());
}
