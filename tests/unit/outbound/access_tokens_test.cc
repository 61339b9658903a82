// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/access_tokens.h"

#include <doctest/doctest.h>

#include "tests/unit/outbound/outbound_world.h"

using namespace webhook::delivery;
namespace base = webhook::base;
namespace model = webhook::model;

namespace {

struct World : OutboundWorld {
  World() { UseOauth2(); }

  void Fetch() {
    book = Book();
    tokens.Fetch(
        book->configuration->endpoints.at(1), book->endpoints.at(1), "worker/1",
        [this](const AccessTokens::Result& result) {
          got.push_back(result.ok() ? result.value().Reveal() : "error: " + result.error().detail);
          kinds.push_back(result.ok() ? std::nullopt : std::optional(result.error().kind));
        });
    strand.RunReady();
  }
  std::string Found() {
    book = Book();
    const base::Secret* token =
        tokens.Find(book->configuration->endpoints.at(1), book->endpoints.at(1));
    return token == nullptr ? "" : token->Reveal();
  }

  AccessTokens tokens{ports};
  HandlerBookPtr book;
  std::vector<std::string> got;
  std::vector<std::optional<TransportErrorKind>> kinds;
};

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("those who wait share one request, and one token") {
  World world;
  for (int i = 0; i < 3; ++i) world.Fetch();
  CHECK(world.transport.count == 1);
  CHECK(world.Asked().url == "https://login.example/token");
  CHECK(world.Asked().timeout == seconds(15));
  CHECK(world.got.empty());
  world.Reply(TokenReply("t1"));
  CHECK(world.got == Texts{"t1", "t1", "t1"});
  world.Fetch();
  CHECK(world.got.size() == 4);
  CHECK(world.transport.count == 1);
  CHECK(world.Found() == "t1");
}

TEST_CASE("a short endpoint timeout is the token request's too") {
  World world;
  world.endpoint.timeout = seconds(4);
  world.Fetch();
  CHECK(world.Asked().timeout == seconds(4));
}

TEST_CASE("a token is used until shortly before it expires") {
  World world;
  world.Fetch();
  world.Advance(seconds(2));  // what the exchange takes counts
  world.Reply(TokenReply("t1", 3600));
  world.Advance(seconds(3600 - 30 - 2) - Milliseconds(1));
  CHECK(world.Found() == "t1");
  world.Advance(Milliseconds(1));
  CHECK(world.Found() == "");

  World brief;
  brief.Fetch();
  brief.Reply(TokenReply("t2", 100));
  brief.Advance(seconds(90) - Milliseconds(1));
  CHECK(brief.Found() == "t2");
  brief.Advance(Milliseconds(1));
  CHECK(brief.Found() == "");
}

TEST_CASE("a token that lives no time serves those who waited for it") {
  World world;
  world.Fetch();
  world.Reply(TokenReply("t1", 0));
  CHECK(world.got == Texts{"t1"});
  CHECK(world.Found() == "");
}

TEST_CASE("what authenticates otherwise now has another token") {
  const std::vector<std::pair<const char*, std::function<void(World&)>>> changes = {
      {"token_url", [](World& w) { w.endpoint.auth.token_url = "https://login.example/v2"; }},
      {"client_id", [](World& w) { w.endpoint.auth.client_id = "other"; }},
      {"scope", [](World& w) { w.endpoint.auth.scope = "write"; }},
      {"audience", [](World& w) { w.endpoint.auth.audience = "api"; }},
      {"client_authentication",
       [](World& w) {
         w.endpoint.auth.client_authentication = model::ClientAuthentication::kBody;
       }},
      {"secret", [](World& w) { w.SetClientSecret("rotated-secret"); }},
  };
  for (const auto& [what, change] : changes) {
    CAPTURE(what);
    World world;
    world.Fetch();
    world.Reply(TokenReply("t1"));
    change(world);
    CHECK(world.Found() == "");
    world.Fetch();
    world.Reply(TokenReply("t2"));
    CHECK(world.got == Texts{"t1", "t2"});
  }
  World same;
  same.Fetch();
  same.Reply(TokenReply("t1"));
  same.endpoint.target_path = "/elsewhere";
  same.endpoint.timeout = seconds(3);
  same.tokens.OnConfiguration(*same.Book());
  CHECK(same.Found() == "t1");
}

TEST_CASE("an answer for the settings of before does not become the token of those of now") {
  World world;
  world.Fetch();
  world.SetClientSecret("rotated-secret");
  world.Fetch();
  CHECK(world.transport.count == 2);
  world.Reply(TokenReply("old"));
  CHECK(world.got == Texts{"old"});
  CHECK(world.Found() == "");
  world.Reply(TokenReply("new"));
  CHECK(world.got == Texts{"old", "new"});
  CHECK(world.Found() == "new");
}

TEST_CASE("a configuration without the endpoint forgets its token") {
  World world;
  world.Fetch();
  world.Reply(TokenReply("t1"));
  auto empty = std::make_shared<model::Configuration>();
  world.tokens.OnConfiguration(*MakeHandlerBook(empty, {}, world.secrets, world.clock.Now()));
  CHECK(world.Found() == "");
}

TEST_CASE("a failure is remembered for a moment: a dead token server is not hammered") {
  World world;
  world.Fetch();
  world.Reply(ReplyOf(401, R"({"error":"invalid_client"})"));
  CHECK(world.got.back() ==
        "error: no access token: the token server answered HTTP 401 (invalid_client)");
  CHECK(world.kinds.back() == TransportErrorKind::kAuth);
  for (int i = 0; i < 5; ++i) world.Fetch();
  CHECK(world.transport.count == 1);
  CHECK(world.got.size() == 6);
  CHECK(world.got.back() == world.got.front());
  world.Advance(seconds(5));
  world.Fetch();
  CHECK(world.transport.count == 2);
  world.Reply(TokenReply("t1"));
  CHECK(world.got.back() == "t1");
}

TEST_CASE("a token server that says when to come again is heeded, within limits") {
  World world;
  world.Fetch();
  world.Reply(ReplyOf(429, "", {{"Retry-After", "20"}}));
  world.Advance(seconds(20) - Milliseconds(1));
  world.Fetch();
  CHECK(world.transport.count == 1);
  world.Advance(Milliseconds(1));
  world.Fetch();
  CHECK(world.transport.count == 2);
  world.Reply(ReplyOf(503, "", {{"Retry-After", "99999"}}));
  world.Advance(seconds(60));
  world.Fetch();
  CHECK(world.transport.count == 3);
}

TEST_CASE("new settings are tried at once, whatever failed before") {
  World world;
  world.Fetch();
  world.Reply(ReplyOf(401));
  world.SetClientSecret("the right one");
  world.Fetch();
  CHECK(world.transport.count == 2);
}

TEST_CASE("transport failures: the field is named; ours and a stop are told apart") {
  World world;
  const std::pair<TransportErrorKind, TransportErrorKind> rows[] = {
      {TransportErrorKind::kConnect, TransportErrorKind::kAuth},
      {TransportErrorKind::kAddressRefused, TransportErrorKind::kAuth},
      {TransportErrorKind::kTls, TransportErrorKind::kAuth},
      {TransportErrorKind::kTimeout, TransportErrorKind::kAuth},
      {TransportErrorKind::kOurTrouble, TransportErrorKind::kOurTrouble},
      {TransportErrorKind::kCanceled, TransportErrorKind::kCanceled},
  };
  for (const auto& [from, to] : rows) {
    world.Fetch();
    world.Reply(TransportError{from, "what happened", true});
    CHECK(world.kinds.back() == to);
    if (to == TransportErrorKind::kAuth) {
      CHECK(world.got.back().find("token_url") != std::string::npos);
    }
    world.Advance(seconds(6));
  }
}

TEST_CASE("a refusal takes back the present token only, and not again within a moment") {
  World world;
  world.Fetch();
  world.Reply(TokenReply("t1"));
  CHECK(world.tokens.Reject(1, base::Secret("older")));
  CHECK(world.Found() == "t1");
  CHECK(world.tokens.Reject(1, base::Secret("t1")));
  CHECK(world.Found() == "");
  world.Fetch();
  world.Reply(TokenReply("t2"));
  CHECK(world.tokens.Reject(1, base::Secret("t1")));
  CHECK(world.Found() == "t2");
  CHECK_FALSE(world.tokens.Reject(1, base::Secret("t2")));
  CHECK(world.Found() == "t2");
  world.Advance(seconds(5));
  CHECK(world.tokens.Reject(1, base::Secret("t2")));
  CHECK(world.Found() == "");
}

TEST_CASE("the endpoint's identity is shown to the token server of its own origin only") {
  World world;
  world.endpoint.tls.ca_certificate_pem = "not used by this fake";
  const auto with_tls = [&](const std::string& token_url) {
    world.endpoint.auth.token_url = token_url;
    model::Endpoint endpoint = world.endpoint;
    CompiledEndpoint compiled;
    auto identity = std::make_shared<TlsIdentity>();
    identity->id = "client";
    compiled.tls = identity;
    world.tokens.Fetch(endpoint, compiled, "worker/1", [](const AccessTokens::Result&) {});
    const bool shown = world.transport.under_way.back().request.tls != nullptr;
    world.transport.under_way.clear();
    return shown;
  };
  CHECK(with_tls("https://example.com/oauth/token"));
  CHECK(with_tls("https://EXAMPLE.com:443/token"));
  CHECK_FALSE(with_tls("https://example.com:8443/token"));
  CHECK_FALSE(with_tls("https://login.example/token"));
}

TEST_CASE("no line of the log has the secret or the token") {
  World world;
  world.Fetch();
  world.Reply(ReplyOf(400, "{\"error\":\"" + World::kClientSecret + "\"}"));
  world.Advance(seconds(5));
  world.Fetch();
  world.Reply(TokenReply("t0ken-in-clear"));
  for (const auto& event : world.log.events()) {
    for (const auto& [name, value] : event.fields) {
      CHECK(value.find(World::kClientSecret) == std::string::npos);
      CHECK(value.find("t0ken-in-clear") == std::string::npos);
    }
  }
  CHECK(world.log.Named("access_token.fetched").size() == 2);
}
