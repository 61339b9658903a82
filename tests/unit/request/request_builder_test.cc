// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/request_builder.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "lib/base/base64.h"
#include "tests/fakes/fake_secrets.h"

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
  auto built = BuildRequest(endpoint, CompiledEndpoint(), delivery, now, kOptions);
  REQUIRE(built.ok());
  return std::move(built).value();
}

std::string Refusal(const model::Endpoint& endpoint, const model::Delivery& delivery,
                    const CompiledEndpoint& compiled = CompiledEndpoint()) {
  const auto built = BuildRequest(endpoint, compiled, delivery, kNow, kOptions);
  REQUIRE_FALSE(built.ok());
  CHECK(built.error().reason == model::FailureReason::kRequestInvalid);
  return built.error().message;
}

using Texts = std::vector<std::string>;

// An endpoint with its secrets as they are: file:x opens to x.
struct Ready {
  model::Endpoint endpoint = TheEndpoint();
  webhook::fakes::FakeSecrets secrets;
  model::RetryPolicy policy;

  void Add(model::SecretPurpose purpose, const std::string& clear,
           std::optional<base::WallTime> expires_at = std::nullopt) {
    const auto id = static_cast<model::RecordId>(endpoint.secrets.size() + 1);
    endpoint.secrets.push_back({id, purpose, "file:" + clear, expires_at});
    secrets.values["file:" + clear] = clear;
  }
  CompiledEndpoint Compiled() { return CompileEndpoint(endpoint, &policy, secrets, kNow); }
  HttpRequest Build(const model::Delivery& delivery, base::WallTime now = kNow) {
    const CompiledEndpoint compiled = Compiled();
    CHECK(compiled.problem == "");
    auto built = BuildRequest(endpoint, compiled, delivery, now, kOptions);
    REQUIRE(built.ok());
    return std::move(built).value();
  }
};

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
  for (const std::string name : {"Host",
                                 "content-length",
                                 "Transfer-Encoding",
                                 "Connection",
                                 "Keep-Alive",
                                 "TE",
                                 "Trailer",
                                 "Upgrade",
                                 "Expect",
                                 "Proxy-Authorization",
                                 "Proxy-Connection",
                                 "webhook-id",
                                 "Webhook-ID",
                                 "webhook-timestamp",
                                 "WEBHOOK-SIGNATURE",
                                 "idempotency-key",
                                 "User-Agent",
                                 "webhook-test",
                                 "Proxy-Anything",
                                 "Content-Encoding",
                                 "HTTP2-Settings",
                                 "X-Amz-Security-Token",
                                 "X-aws-ec2-metadata-token",
                                 "X-Goog-Api-Key",
                                 "X-Google-Metadata-Request",
                                 "x-azure-anything",
                                 "Metadata",
                                 "Metadata-Flavor"}) {
    CAPTURE(name);
    model::Delivery delivery = TheDelivery();
    delivery.request_headers = {{"A", "1"}, {name, "x"}};
    const auto built = BuildRequest(TheEndpoint(), CompiledEndpoint(), delivery, kNow, kOptions);
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

TEST_CASE("a header of a delivery is one line, and its name is one") {
  for (const std::string value : {"a\rb", "a\nb", "a\r\nX: 1", "\n", "a\x7F", "\x01", " a", "a "}) {
    CAPTURE(value);
    model::Delivery delivery = TheDelivery();
    delivery.request_headers = {{"X-Shop", value}};
    CHECK(Refusal(TheEndpoint(), delivery).find("header x-shop ") != std::string::npos);
  }
  model::Delivery zero = TheDelivery();
  zero.request_headers = {{"X-Shop", std::string("a\0b", 3)}};
  CHECK(Refusal(TheEndpoint(), zero).find("header x-shop ") != std::string::npos);
  model::Delivery longer = TheDelivery();
  longer.request_headers = {{"X-Shop", std::string(8193, 'x')}};
  CHECK(Refusal(TheEndpoint(), longer).find("8192") != std::string::npos);
  for (const std::string name : {"", "X Shop", "X:Shop", "X\r\nA", "X-\xC3\xA9"}) {
    CAPTURE(name);
    model::Delivery delivery = TheDelivery();
    delivery.request_headers = {{name, "1"}};
    CHECK(Refusal(TheEndpoint(), delivery).find("no name of a header") != std::string::npos);
  }
  model::Delivery many = TheDelivery();
  for (int i = 0; i < 101; ++i) many.request_headers["X-" + std::to_string(i)] = "1";
  CHECK(Refusal(TheEndpoint(), many).find("more than 100") != std::string::npos);
}

TEST_CASE("values in the path come from the context, percent-encoded") {
  model::Endpoint endpoint = TheEndpoint();
  endpoint.target_path = "/orders/{order.name}/lines/{line}?q={q}";
  model::Delivery delivery = TheDelivery();
  delivery.context_values = R"({"order": {"name": "S/1 ?#&"}, "line": 1.50, "q": "\u00e9"})";
  CHECK(Built(endpoint, delivery).url ==
        "https://example.com:8443/orders/S%2F1%20%3F%23%26/lines/1.50?q=%C3%A9");
  delivery.context_values = R"({"order": {"name": ""}, "line": 1, "q": "x"})";
  CHECK(Refusal(endpoint, delivery) == "target_path: {order.name}: the context value is empty");
  delivery.context_values = "no json";
  CHECK(Refusal(endpoint, delivery).find("{order.name}") != std::string::npos);
  endpoint.target_path = "/a/{x}";
  for (const std::string climbing : {R"({"x": ".."})", R"({"x": "."})"}) {
    delivery.context_values = climbing;
    CHECK(Refusal(endpoint, delivery).find("segment") != std::string::npos);
  }
  delivery.target_path = "/frozen/{x}";
  delivery.context_values = R"({"x": 7})";
  CHECK(Built(endpoint, delivery).url == "https://example.com:8443/frozen/7");
}

TEST_CASE("what a GET sends is its URL") {
  model::Delivery delivery = TheDelivery();
  delivery.http_method = "get";
  HttpRequest request = Built(TheEndpoint(), delivery);
  CHECK(request.body.empty());
  CHECK(request.url == "https://example.com:8443/hooks?x=1");
  CHECK(Values(request, "content-type").empty());
  delivery.body_mode = model::BodyMode::kFormUrlencoded;
  delivery.payload = R"({"a": {"b": "c d"}, "e": [1.0, null]})";
  request = Built(TheEndpoint(), delivery);
  CHECK(request.body.empty());
  CHECK(request.url == "https://example.com:8443/hooks?x=1&a%5Bb%5D=c+d&e%5B0%5D=1.0&e%5B1%5D=");
  model::Endpoint plain = TheEndpoint();
  plain.target_path = "/hooks";
  CHECK(Built(plain, delivery).url.starts_with("https://example.com:8443/hooks?a%5Bb%5D="));
  delivery.payload = R"({"a": ")" + std::string(9000, 'x') + R"("})";
  CHECK(Refusal(plain, delivery).starts_with("payload: the URL becomes longer"));
}

TEST_CASE("a body is called what its mode says, the endpoint or the delivery itself") {
  model::Delivery delivery = TheDelivery();
  model::Endpoint endpoint = TheEndpoint();
  const auto type = [&] {
    const Texts values = Values(Built(endpoint, delivery), "content-type");
    REQUIRE(values.size() == 1);
    return values.front();
  };
  CHECK(type() == "application/json");
  delivery.body_mode = model::BodyMode::kRaw;
  CHECK(type() == "text/plain; charset=utf-8");
  delivery.payload = R"({"a": 1})";
  delivery.body_mode = model::BodyMode::kFormUrlencoded;
  CHECK(type() == "application/x-www-form-urlencoded");
  endpoint.content_type = "text/xml";
  CHECK(type() == "text/xml");
  delivery.request_headers = {{"content-type", "text/csv"}};
  CHECK(type() == "text/csv");
  delivery.body_mode = model::BodyMode::kMultipart;
  CHECK(type().starts_with("multipart/form-data; boundary=webhook-"));
}

TEST_CASE("a body that cannot be made names what is wrong") {
  model::Delivery delivery = TheDelivery();
  delivery.files = {{"f", "a.txt", "text/plain", "x"}};
  CHECK(Refusal(TheEndpoint(), delivery).starts_with("files: "));
  delivery.files.clear();
  delivery.body_mode = model::BodyMode::kFormUrlencoded;
  delivery.payload = "[1]";
  CHECK(Refusal(TheEndpoint(), delivery).starts_with("payload: it is no object"));
}

TEST_CASE("a compiled problem is a dead letter") {
  CompiledEndpoint compiled;
  compiled.problem = "target_path: it has a { without its }";
  CHECK(Refusal(TheEndpoint(), TheDelivery(), compiled) == compiled.problem);
}

TEST_CASE("credentials go into their header, and nothing of a delivery replaces them") {
  model::Delivery delivery = TheDelivery();
  delivery.request_headers = {{"authorization", "Bearer record-data"}, {"X-KEY", "record-data"}};
  CHECK(Values(Built(TheEndpoint(), delivery), "authorization") == Texts{"Bearer record-data"});

  Ready basic;
  basic.endpoint.auth.mode = model::AuthMode::kBasic;
  basic.endpoint.auth.username = "shop";
  basic.Add(model::SecretPurpose::kBasicPassword, "pass:word");
  const HttpRequest with_basic = basic.Build(delivery);
  CHECK(Values(with_basic, "authorization") ==
        Texts{"Basic " + base::EncodeBase64("shop:pass:word")});
  CHECK(with_basic.headers.back().first == "Authorization");
  CHECK(Values(with_basic, "x-key") == Texts{"record-data"});

  Ready bearer;
  bearer.endpoint.auth.mode = model::AuthMode::kBearer;
  bearer.Add(model::SecretPurpose::kBearerToken, "token-1");
  CHECK(Values(bearer.Build(delivery), "authorization") == Texts{"Bearer token-1"});

  Ready api_key;
  api_key.endpoint.auth.mode = model::AuthMode::kApiKey;
  api_key.endpoint.auth.header_name = "X-Key";
  api_key.Add(model::SecretPurpose::kApiKey, "key-1");
  const HttpRequest with_key = api_key.Build(delivery);
  CHECK(Values(with_key, "x-key") == Texts{"key-1"});
  CHECK(Values(with_key, "authorization") == Texts{"Bearer record-data"});
}

TEST_CASE("the access token of OAuth2 comes later, and again when it is refreshed") {
  Ready ready;
  ready.endpoint.auth.mode = model::AuthMode::kOauth2ClientCredentials;
  ready.endpoint.auth.token_url = "https://login.example.com/token";
  ready.endpoint.auth.client_id = "shop";
  ready.Add(model::SecretPurpose::kOauth2ClientSecret, "client-secret");
  model::Delivery delivery = TheDelivery();
  delivery.request_headers = {{"Authorization", "Bearer record-data"}};
  HttpRequest request = ready.Build(delivery);
  CHECK(Values(request, "authorization").empty());
  Authorize(base::Secret("first"), request);
  CHECK(Values(request, "authorization") == Texts{"Bearer first"});
  Authorize(base::Secret("second"), request);
  CHECK(Values(request, "authorization") == Texts{"Bearer second"});
}

TEST_CASE("Standard Webhooks: all secrets that are valid now sign, the newest first") {
  Ready ready;
  ready.endpoint.signature.mode = model::SignatureMode::kStandardWebhooks;
  const std::string old_secret = "whsec_" + base::EncodeBase64(std::string(24, 'o'));
  const std::string new_secret = "whsec_" + base::EncodeBase64(std::string(24, 'n'));
  const base::WallTime end = kNow + std::chrono::hours(1);
  ready.Add(model::SecretPurpose::kSigning, old_secret, end);
  ready.Add(model::SecretPurpose::kSigning, new_secret);
  const auto signature = [&](base::WallTime now) {
    const Texts values = Values(ready.Build(TheDelivery(), now), "webhook-signature");
    REQUIRE(values.size() == 1);
    return values.front();
  };
  const std::string both = signature(kNow);
  CHECK(std::count(both.begin(), both.end(), ' ') == 1);
  const std::string later = signature(end);
  CHECK(std::count(later.begin(), later.end(), ' ') == 0);

  Ready only_new;
  only_new.endpoint.signature.mode = model::SignatureMode::kStandardWebhooks;
  only_new.Add(model::SecretPurpose::kSigning, new_secret);
  CHECK(Values(only_new.Build(TheDelivery(), kNow), "webhook-signature").front() ==
        both.substr(0, both.find(' ')));
  CHECK(Values(only_new.Build(TheDelivery(), end), "webhook-signature").front() == later);
}

TEST_CASE("a signature whose secrets have all expired is a dead letter") {
  Ready ready;
  ready.endpoint.signature.mode = model::SignatureMode::kStandardWebhooks;
  ready.Add(model::SecretPurpose::kSigning, "whsec_" + base::EncodeBase64(std::string(24, 'o')),
            kNow + std::chrono::hours(1));
  const CompiledEndpoint compiled = ready.Compiled();
  CHECK(compiled.problem == "");
  const auto built =
      BuildRequest(ready.endpoint, compiled, TheDelivery(), kNow + std::chrono::hours(2), kOptions);
  REQUIRE_FALSE(built.ok());
  CHECK(built.error().message.find("no signing secret") != std::string::npos);
}

TEST_CASE("an HMAC's headers replace a delivery's own of the same names") {
  Ready ready;
  ready.endpoint.signature.mode = model::SignatureMode::kHmac;
  ready.endpoint.signature.header_name = "X-Hub-Signature-256";
  ready.endpoint.signature.prefix = "sha256=";
  ready.endpoint.signature.parts = {{model::SignaturePartKind::kRawBody, ""}};
  ready.Add(model::SecretPurpose::kSigning, "topsecret");
  model::Delivery delivery = TheDelivery();
  delivery.payload = R"({"ok": true})";
  delivery.request_headers = {{"x-hub-signature-256", "sha256=forged"}};
  CHECK(Values(ready.Build(delivery), "x-hub-signature-256") ==
        Texts{"sha256=67254c991e15735c1feafd599471b02761c217625c2bd3f139125077ca48354b"});
}
