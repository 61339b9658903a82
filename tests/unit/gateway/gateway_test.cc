// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/inbound/gateway.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "lib/base/uuid.h"
#include "tests/unit/gateway/gateway_world.h"

using namespace webhook::inbound;
using Json = nlohmann::json;
using World = GatewayWorld;
using webhook::base::Milliseconds;

namespace {

std::vector<Json> Stored(const World& world) {
  std::vector<Json> events;
  const webhook::fakes::InboxContents contents = world.inbox.contents();
  for (const auto& [sequence, item] : contents.rows) {
    events.push_back(Json::parse(item.event_json));
  }
  return events;
}

bool AreSame(const webhook::delivery::ReceiverAnswer& a,
             const webhook::delivery::ReceiverAnswer& b) {
  return a.status_code == b.status_code && a.headers == b.headers && a.body == b.body;
}

}  // namespace

TEST_CASE("before the first configuration nothing is known to be wrong") {
  World world;
  for (const char* path : {"open", "unknown"}) {
    const auto answer = world.Ask(World::Head(path));
    CHECK(answer->status_code == 503);
    CHECK(answer->headers.at(1).first == "Retry-After");
  }
  CHECK(world.gateway.counts().unavailable == 2);
}

TEST_CASE("a request is stored, then answered with its uid") {
  World world;
  world.Publish();
  std::optional<webhook::delivery::ReceiverAnswer> answer;
  world.gateway.OnRequest({World::Head("open?a=1"), R"({"n": 1})"},
                          [&](webhook::delivery::ReceiverAnswer given) { answer = given; });
  CHECK_FALSE(answer.has_value());  // not on disk yet
  world.strand.AdvanceTo(world.clock.SteadyNow() + Milliseconds(1));
  REQUIRE(answer.has_value());
  CHECK(answer->status_code == 202);
  const std::string uid = Json::parse(answer->body).at("event_id");
  CHECK(webhook::base::IsUuid(uid));
  CHECK(uid[14] == '7');
  const std::vector<Json> events = Stored(world);
  REQUIRE(events.size() == 1);
  CHECK(events[0].at("event_uid") == uid);
  CHECK(events[0].at("endpoint_id") == 1);
  CHECK(events[0].at("state") == "received");
  CHECK(events[0].at("query").at("a") == "1");
  CHECK(events[0].at("remote_address") == "192.0.2.7");
  CHECK(world.inbox.contents().rows.begin()->second.identity_key.starts_with("body_sha256:"));
  CHECK(world.inbox.contents().rows.begin()->second.replay_key.empty());
  CHECK(world.stored == 1);
  CHECK(world.gateway.counts().accepted == 1);
}

TEST_CASE("a duplicate is answered with the first uid and counted") {
  World world;
  world.Publish();
  const auto first = world.Ask(World::Head("open"), R"({"n": 1})");
  const auto second = world.Ask(World::Head("open"), R"({"n": 1})");
  CHECK(AreSame(*first, *second));
  CHECK(world.Ask(World::Head("open"), R"({"n": 2})")->body != first->body);
  CHECK(world.gateway.counts().accepted == 2);
  CHECK(world.gateway.counts().duplicates == 1);
  CHECK(world.counted == 1);
}

TEST_CASE("where replays block, one with the same replay identity is a duplicate") {
  World world;
  world.Publish();
  const auto head = World::Head("replay", "POST", {{"X-Event-Id", "evt_1"}});
  const auto first = world.Ask(head, R"({"n": 1})");
  CHECK(first->status_code == 202);
  CHECK(world.Ask(head, R"({"n": 2})")->body == first->body);
  CHECK(world.inbox.contents().rows.begin()->second.replay_key == "event_id:evt_1");
}

TEST_CASE("unknown, draft and archived are the same bytes") {
  World world;
  world.Publish();
  const auto unknown = world.Ask(World::Head("nobody"));
  CHECK(unknown->status_code == 404);
  for (const char* path : {"draft", "", "open/", "a/b", "%zz", "draft?x=1", "OPEN"}) {
    CAPTURE(path);
    CHECK(AreSame(*world.Ask(World::Head(path)), *unknown));
  }
  for (const char* method : {"GET", "PUT", "OPTIONS"}) {
    CHECK(AreSame(*world.Ask(World::Head("draft", method)), *unknown));
  }
  CHECK(world.gateway.counts().unknown == 11);
  CHECK(world.Status(World::Head("op%65n")) == 202);
}

TEST_CASE("an endpoint that was archived while the body was on its way") {
  World world;
  world.Publish();
  CHECK_FALSE(world.gateway.OnHead(World::Head("open")).has_value());
  world.gateway.Publish(std::make_shared<const GatewayBook>());
  int status = 0;
  world.gateway.OnRequest({World::Head("open"), "{}"},
                          [&](const auto& answer) { status = answer.status_code; });
  CHECK(status == 404);
}

TEST_CASE("methods and sizes are refused before the body") {
  World world({.body_bytes_max = 100});
  world.Publish();
  const auto method = world.gateway.OnHead(World::Head("open", "GET"));
  CHECK(method->status_code == 405);
  CHECK(method->headers.at(1) == std::pair<std::string, std::string>("Allow", "POST"));
  CHECK(world.gateway.OnHead(World::Head("meta", "PUT"))->headers.at(1).second == "GET, POST");
  const auto sized = [](const char* length) {
    return World::Head("open", "POST", {{"content-length", length}});
  };
  CHECK_FALSE(world.gateway.OnHead(sized("100")));
  CHECK(world.gateway.OnHead(sized("101"))->status_code == 413);
  CHECK(world.gateway.OnHead(sized("99999999999999999999999"))->status_code == 413);
  CHECK(world.Status(World::Head("open"), '"' + std::string(100, 'x') + '"') == 413);  // chunked
  CHECK(world.gateway.counts().rejected == 5);
}

TEST_CASE("rejected requests are recorded without identity, and answered without detail") {
  World world;
  world.Publish();
  const auto answer = world.Ask(World::Head("bearer", "POST", {{"Authorization", "Bearer guess"}}));
  CHECK(answer->status_code == 401);
  CHECK(answer->headers.at(1).second == R"(Bearer realm="webhooks")");
  CHECK(answer->body == R"({"status":"rejected"})");
  CHECK(world.Status(World::Head("open"), "{") == 400);
  const std::vector<Json> events = Stored(world);
  REQUIRE(events.size() == 2);
  CHECK(events[0].at("state") == "rejected");
  CHECK(events[0].at("rejection_category") == "authentication");
  CHECK(events[0].dump().find("guess") == std::string::npos);
  CHECK(world.inbox.contents().identities.empty());
  CHECK(world.gateway.counts().rejected == 2);
  CHECK(world.log.Named("request.rejected").size() == 2);
  // A forged request does not stand in the way of the true one.
  CHECK(world.Status(World::Head("bearer", "POST", {{"Authorization", "Bearer open sesame"}})) ==
        202);
}

TEST_CASE("beyond the budget rejected requests are counted only") {
  World world(
      {.source_limits = {.failures_per_minute_max = 0}, .rejections = {.per_minute_max = 3}});
  world.Publish();
  for (int i = 0; i < 10; ++i) CHECK(world.Status(World::Head("open"), "{") == 400);
  CHECK(Stored(world).size() == 3);
  CHECK(world.log.Named("request.rejected").size() == 3);
  const auto counts = world.gateway.TakeRejectedCounts();
  REQUIRE(counts.size() == 1);
  CHECK(counts[0].endpoint_id == 1);
  CHECK(counts[0].category == "payload");
  CHECK(counts[0].count == 7);
  CHECK(world.gateway.TakeRejectedCounts().empty());
}

TEST_CASE("our own fault is 503: the sender comes again, nothing is stored") {
  World world;
  world.Publish();
  const auto answer = world.Ask(World::Head("broken", "POST", {{"Authorization", "Bearer x"}}));
  CHECK(answer->status_code == 503);
  CHECK(answer->headers.at(1).first == "Retry-After");
  CHECK(Stored(world).empty());
  CHECK(world.gateway.counts().unavailable == 1);
  CHECK(world.gateway.TakeRejectedCounts().at(0).category == "configuration");
}

TEST_CASE("challenges are answered at once") {
  World world;
  world.Publish();
  const std::string query =
      "meta?hub.mode=subscribe&hub.verify_token=meta%20token&hub.challenge=4711";
  const auto answer = world.Ask(World::Head(query, "GET"));
  CHECK(answer->status_code == 200);
  CHECK(answer->body == "4711");
  CHECK(world.Status(World::Head("meta?hub.mode=subscribe&hub.challenge=1", "GET")) == 403);
}

TEST_CASE("no room is 503, said seldom; then room again") {
  World world;
  world.Publish();
  world.inbox.SetFull(true);
  for (int i = 0; i < 5; ++i) CHECK(world.Status(World::Head("open")) == 503);
  CHECK(world.Status(World::Head("open"), "{") == 400);  // not recorded, but counted
  CHECK(world.gateway.TakeRejectedCounts().size() == 1);
  CHECK(world.log.Named("inbox.no_room").size() == 1);
  world.inbox.SetFull(false);
  CHECK(world.Status(World::Head("open")) == 202);
}

TEST_CASE("a source that asks too much, or fails too often, waits; others do not") {
  World world({.source_limits = {.requests_per_second_max = 2, .failures_per_minute_max = 3}});
  world.Publish();
  for (int i = 0; i < 4; ++i) CHECK(world.Status(World::Head("open")) == 202);
  const auto limited = world.gateway.OnHead(World::Head("open"));
  CHECK(limited->status_code == 429);
  CHECK(limited->headers.at(1) == std::pair<std::string, std::string>("Retry-After", "1"));
  auto other = World::Head("open");
  other.remote_address = "192.0.2.8";
  CHECK(world.Status(other) == 202);
  world.strand.AdvanceTo(world.clock.SteadyNow() + Milliseconds(5000));
  for (int i = 0; i < 3; ++i) CHECK(world.Status(World::Head("open"), "{") == 400);
  CHECK(world.gateway.OnHead(World::Head("open"))->status_code == 429);
  CHECK(world.gateway.counts().limited == 2);
  CHECK(world.log.Named("source.limited").size() == 1);
}

TEST_CASE("the url of a request is the public one where it is known") {
  for (const char* url : {"https://hooks.example.com/", ""}) {
    World world({.public_url = url});
    webhook::model::Configuration configuration = SomeEndpoints();
    webhook::model::InboundEndpoint& endpoint = configuration.inbound_endpoints[1];
    endpoint.verification.mode = webhook::model::VerificationMode::kHmac;
    endpoint.verification.parts = {{1, webhook::model::VerifiedPartKind::kRequestUrl}};
    endpoint.sources = {{1, "sig", 10, "", webhook::model::ValueSourceKind::kHeader, "X-Sig"}};
    endpoint.bindings = {{2, "signature", "sig"}};
    endpoint.secrets = {{3, webhook::model::SecretPurpose::kSigning, "env:KEY"}};
    world.secrets.values["env:KEY"] = "key";
    world.gateway.Publish(CompileGateway(configuration, world.secrets, world.clock.Now()).book);
    // openssl dgst -sha256 -hmac key, of the URL and of what it would be without the setting
    const char* signature =
        *url != '\0' ? "68b259834ad3455ab053666f95da063dbc2430447546d1e54e0f43dd20ccd24e"
                     : "05f09944155abc3156d833e880f9487f904b0e17a875dfd88c7a22d61dade9a7";
    CHECK(world.Status(World::Head("open?x=%20", "POST", {{"X-Sig", signature}})) == 202);
  }
}

TEST_CASE("log lines hold nothing of what was sent") {
  World world;
  world.Publish();
  const auto head = World::Head("open?token=swordfish", "POST", {{"X-Key", "swordfish"}});
  world.Ask(head, R"({"swordfish": 1})");
  world.Ask(head, R"({"swordfish)");
  world.Ask(World::Head("bearer", "POST", {{"Authorization", "Bearer swordfish"}}));
  CHECK(world.log.events().size() >= 3);
  for (const auto& event : world.log.events()) {
    for (const auto& [name, value] : event.fields) {
      CHECK(value.find("swordfish") == std::string::npos);
    }
  }
}
