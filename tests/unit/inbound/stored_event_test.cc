// SPDX-License-Identifier: LGPL-3.0-or-later
// What is kept of a request.
#include <doctest/doctest.h>

#include "lib/inbound/event_of_request.h"
#include "tests/unit/inbound/inbound_world.h"

namespace webhook::inbound {
namespace {

using Texts = std::map<std::string, std::string>;

TEST_CASE("an accepted event") {
  InboundWorld world;
  world.parts.url += "?a=1&b=%00";
  world.parts.received_at = world.now - std::chrono::milliseconds(5);
  world.SetBody(kJsonType, R"({"type": "order.paid", "handler": "orders"})");
  world.AddSource("kind", ValueSourceKind::kPayloadPath, "type");
  world.AddSource("who", ValueSourceKind::kPayloadPath, "handler");
  world.Bind("event_type", "kind");
  world.Bind("handler_selector", "who");
  const model::IngestedEvent event = world.Event();
  CHECK(event.event_uid == kUid);
  CHECK(event.endpoint_id == 7);
  CHECK(event.received_at == world.parts.received_at);
  CHECK_FALSE(event.rejected);
  CHECK(event.body == world.parts.body);
  CHECK(event.headers == Texts{{"content-type", "application/json"}});
  CHECK(event.query == Texts{{"a", "1"}, {"b", "\\u0000"}});
  CHECK(event.remote_address == "192.0.2.7");
  CHECK(event.resolved_values == Texts{{"kind", "order.paid"}, {"who", "orders"}});
  CHECK(event.semantics == Texts{{"event_type", "order.paid"}, {"handler_selector", "orders"}});
  CHECK(event.handler_selector == "orders");
  CHECK(event.payload == "");
  CHECK(event.files.empty());
  CHECK(event.rejection_category == "");
}

TEST_CASE("a handler selector that no handler can have is none") {
  InboundWorld world;
  world.AddSource("who", ValueSourceKind::kLiteral, std::string(256, 'x'));
  world.Bind("handler_selector", "who");
  CHECK(world.Event().handler_selector == "");
  CHECK(world.Event().semantics.at("handler_selector").size() == 256);
}

TEST_CASE("the payload of what is not JSON; the body stays byte for byte") {
  InboundWorld world;
  world.endpoint.payload_contract = model::PayloadContract::kAny;
  world.SetBody(kFormType, "a=1&b=x&a=%00");
  CHECK(world.Event().payload == R"({"a":["1","\\u0000"],"b":"x"})");
  world.SetBody("text/xml", std::string("<a>\0\xFF</a>", 9));
  CHECK(world.Event().payload == "\"<a>\\\\u0000\uFFFD</a>\"");
  CHECK(world.Event().body == std::string("<a>\0\xFF</a>", 9));
  world.SetBody("text/plain", R"({"a": 1})");
  CHECK(world.Event().payload == "");
  world.SetBody("text/plain", std::string(3'000'000, '\0'));
  CHECK(world.Event().payload == "");
}

TEST_CASE("files of a form") {
  InboundWorld world;
  world.endpoint.payload_contract = model::PayloadContract::kForm;
  world.SetBody("multipart/form-data; boundary=x",
                std::string("--x\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nhi\r\n"
                            "--x\r\nContent-Disposition: form-data; name=\"scan\"; "
                            "filename=\"a\xFF.pdf\"\r\nContent-Type: application/pdf\r\n\r\n") +
                    std::string("%PDF\0\xFF", 6) + "\r\n--x--\r\n");
  const model::IngestedEvent event = world.Event();
  REQUIRE(event.files.size() == 1);
  CHECK(event.files.front().name == "scan");
  CHECK(event.files.front().filename == "a\\xff.pdf");
  CHECK(event.files.front().content_type == "application/pdf");
  CHECK(event.files.front().content == std::string("%PDF\0\xFF", 6));
  CHECK(event.payload.starts_with(R"({"note":"hi","scan":{"filename":"a)"));
}

TEST_CASE("a rejected request: its headers, 16 KiB of its body, no values") {
  InboundWorld world;
  world.SignWith("topsecret");
  world.AddSource("k", ValueSourceKind::kLiteral, "v");
  world.SetBody(kJsonType, std::string(100'000, 'x'));
  world.SetHeader("X-Long", std::string(100'000, 'y'));
  const model::IngestedEvent event = world.Event();
  CHECK(event.rejected);
  CHECK(event.rejection_category == "signature");
  CHECK(event.rejection_reason == "the signature, or a part of what is signed, is missing");
  CHECK(event.body.size() == kRejectedBodyBytesMax);
  CHECK(event.headers.at("x-long").size() == kHeaderBytesMax);
  CHECK(event.identity_key == "");
  CHECK(event.identity_source == "");
  CHECK(event.resolved_values.empty());
  CHECK(event.event_uid == kUid);
}

}  // namespace
}  // namespace webhook::inbound
