// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/request_builder.h"

#include <doctest/doctest.h>

using namespace webhook::delivery;
namespace base = webhook::base;
namespace model = webhook::model;

namespace {

const RequestOptions kOptions{"webhook-worker/0.1.0", 65536};
const base::WallTime kNow = base::FromUnixMs(1767225600999);

model::Endpoint TheEndpoint() {
  model::Endpoint endpoint;
  endpoint.id = 3;
  endpoint.target_hostname = "https://example.com:8443";
  endpoint.target_path = "/hooks?x=1";
  endpoint.timeout = base::Milliseconds(15000);
  return endpoint;
}

model::Delivery TheDelivery() {
  model::Delivery delivery;
  delivery.id = 42;
  delivery.delivery_uid = "01890a5d-ac96-774b-bcce-b302099a8057";
  delivery.http_method = "post";
  delivery.payload = std::string("{\"a\": 1.0}\0\xFF", 12);
  return delivery;
}

// The values of the header, whatever its case.
std::vector<std::string> Values(const HttpRequest& request, const std::string& lower_name) {
  std::vector<std::string> values;
  for (const auto& [name, value] : request.headers) {
    std::string lower = name;
    for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    if (lower == lower_name) values.push_back(value);
  }
  return values;
}

HttpRequest Built(const model::Endpoint& endpoint, const model::Delivery& delivery,
                  base::WallTime now = kNow) {
  auto built = BuildRequest(endpoint, delivery, now, kOptions);
  REQUIRE(built.ok());
  return std::move(built).value();
}

}  // namespace

TEST_CASE("a request is the delivery's content on the endpoint's transport") {
  const HttpRequest request = Built(TheEndpoint(), TheDelivery());
  CHECK(request.method == "POST");
  CHECK(request.url == "https://example.com:8443/hooks?x=1");
  CHECK(request.body == TheDelivery().payload);
  CHECK(request.timeout == base::Milliseconds(15000));
  CHECK(request.response_bytes_max == 65536);
  using Texts = std::vector<std::string>;
  CHECK(Values(request, "webhook-id") == Texts{"01890a5d-ac96-774b-bcce-b302099a8057"});
  CHECK(Values(request, "idempotency-key") == Texts{"01890a5d-ac96-774b-bcce-b302099a8057"});
  CHECK(Values(request, "webhook-timestamp") == Texts{"1767225600"});
  CHECK(Values(request, "user-agent") == Texts{"webhook-worker/0.1.0"});
  CHECK(Values(request, "content-type") == Texts{"application/json"});
  CHECK(request.headers.size() == 5);
}

TEST_CASE("a repetition is the same request but for its timestamp") {
  HttpRequest first = Built(TheEndpoint(), TheDelivery());
  const HttpRequest second =
      Built(TheEndpoint(), TheDelivery(), kNow + std::chrono::milliseconds(61001));
  CHECK(first.body == second.body);
  REQUIRE(first.headers.size() == second.headers.size());
  for (std::size_t i = 0; i < first.headers.size(); ++i) {
    CHECK(first.headers[i].first == second.headers[i].first);
    if (first.headers[i].first == "webhook-timestamp") {
      CHECK(second.headers[i].second == "1767225662");
    } else {
      CHECK(first.headers[i].second == second.headers[i].second);
    }
  }
}

TEST_CASE("every method of the contract") {
  for (const auto& [lower, upper] :
       std::vector<std::pair<std::string, std::string>>{{"get", "GET"},
                                                        {"post", "POST"},
                                                        {"put", "PUT"},
                                                        {"patch", "PATCH"},
                                                        {"delete", "DELETE"}}) {
    model::Delivery delivery = TheDelivery();
    delivery.http_method = lower;
    CHECK(Built(TheEndpoint(), delivery).method == upper);
  }
}

TEST_CASE("the delivery's own headers go along; its content type replaces ours") {
  model::Delivery delivery = TheDelivery();
  delivery.request_headers = {{"X-Shop", "7"}, {"cOnTeNt-TyPe", "application/vnd.shop+json"}};
  const HttpRequest request = Built(TheEndpoint(), delivery);
  using Texts = std::vector<std::string>;
  CHECK(Values(request, "x-shop") == Texts{"7"});
  CHECK(Values(request, "content-type") == Texts{"application/vnd.shop+json"});
}

TEST_CASE("a delivery with headers of its own has our content type unless it sets one") {
  model::Delivery delivery = TheDelivery();
  delivery.request_headers = {{"X-Shop", "7"}};
  CHECK(Values(Built(TheEndpoint(), delivery), "content-type") ==
        std::vector<std::string>{"application/json"});
}

TEST_CASE("a delivery cannot set what belongs to the connection, the framing or to us") {
  for (const std::string name :
       {"Host", "content-length", "Transfer-Encoding", "Connection", "Keep-Alive", "TE", "Trailer",
        "Upgrade", "Expect", "Proxy-Authorization", "Proxy-Connection", "webhook-id", "Webhook-ID",
        "webhook-timestamp", "WEBHOOK-SIGNATURE", "idempotency-key", "User-Agent"}) {
    CAPTURE(name);
    model::Delivery delivery = TheDelivery();
    delivery.request_headers = {{"A", "1"}, {name, "x"}};
    const auto built = BuildRequest(TheEndpoint(), delivery, kNow, kOptions);
    REQUIRE_FALSE(built.ok());
    CHECK(built.error().reason == model::FailureReason::kRequestInvalid);
    std::string lower = name;
    for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    CHECK(built.error().message.find("header " + lower + " ") != std::string::npos);
  }
}

TEST_CASE("an empty payload is an empty body") {
  model::Delivery delivery = TheDelivery();
  delivery.payload.clear();
  CHECK(Built(TheEndpoint(), delivery).body.empty());
}
