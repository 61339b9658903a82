// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/outbound_call.h"

#include <doctest/doctest.h>

#include "tests/unit/outbound/outbound_world.h"

using namespace webhook::delivery;
namespace base = webhook::base;
namespace model = webhook::model;

namespace {

struct World : OutboundWorld {
  void Send() {
    const HandlerBookPtr book = Book();
    HttpRequest request;
    request.method = "POST";
    request.url = "https://example.com/hook";
    request.headers = {{"User-Agent", "worker/1"}, {"webhook-id", "id"}};
    request.body = "{\"n\":1}";
    request.timeout = endpoint.timeout;
    request.response_bytes_max = 1000;
    calls.Send(book->configuration->endpoints.at(1), book, std::move(request),
               [this](OutboundResult result) { results.push_back(std::move(result)); });
    strand.RunReady();
  }
  const OutboundResult& Only() const {
    REQUIRE(results.size() == 1);
    return results.front();
  }
  int Status() const {
    REQUIRE(Only().result.ok());
    return Only().result.value().status_code;
  }
  const TransportError& Error() const {
    REQUIRE_FALSE(Only().result.ok());
    return Only().result.error();
  }

  OutboundCalls calls{ports};
  std::vector<OutboundResult> results;
};

struct Oauth2World : World {
  Oauth2World() { UseOauth2(); }
  void Token(const std::string& token) {
    CHECK(Asked().url == "https://login.example/token");
    Reply(TokenReply(token));
  }
  std::string Sent() const {
    CHECK(Asked().url == "https://example.com/hook");
    return HeaderOf(Asked(), "Authorization");
  }
};

HttpReply To(const std::string& location, int status = 307) {
  return ReplyOf(status, "", {{"Location", location}});
}

}  // namespace

TEST_CASE("without OAuth2 and redirects it is one request and its reply") {
  World world;
  world.Send();
  CHECK(world.Asked().timeout == seconds(30));
  CHECK(world.Asked().body == "{\"n\":1}");
  world.Reply(To("/elsewhere"));
  CHECK(world.Status() == 307);
  CHECK(world.Only().note.empty());
  CHECK(world.transport.count == 1);

  World dead;
  dead.Send();
  dead.Reply(TransportError{TransportErrorKind::kConnectionLost, "reset", true});
  CHECK(dead.Error().maybe_delivered);
  CHECK(dead.Error().detail == "reset");

  World not_asked;  // 401 means something else here
  not_asked.Send();
  not_asked.Reply(ReplyOf(401));
  CHECK(not_asked.Status() == 401);
}

TEST_CASE("a token is got first, and used by the next conversation too") {
  Oauth2World world;
  world.Send();
  world.Token("t1");
  CHECK(world.Sent() == "Bearer t1");
  CHECK(world.Asked().body == "{\"n\":1}");
  world.Reply(ReplyOf(200));
  CHECK(world.Status() == 200);
  REQUIRE(world.Only().access_tokens.size() == 1);
  CHECK(world.Only().access_tokens[0].Reveal() == "t1");
  world.Send();
  CHECK(world.Sent() == "Bearer t1");
  CHECK(world.transport.count == 3);
}

TEST_CASE("401: a fresh token, once, with the same bytes") {
  Oauth2World world;
  world.Send();
  world.Token("t1");
  world.Reply(ReplyOf(401));
  world.Token("t2");
  CHECK(world.Sent() == "Bearer t2");
  CHECK(world.Asked().body == "{\"n\":1}");
  CHECK(HeaderOf(world.Asked(), "webhook-id") == "id");
  SUBCASE("accepted") {
    world.Reply(ReplyOf(200));
    CHECK(world.Status() == 200);
  }
  SUBCASE("refused again: that is the answer") {
    world.Reply(ReplyOf(401));
    CHECK(world.Status() == 401);
    CHECK(world.transport.count == 4);
  }
  CHECK(world.Only().access_tokens.size() == 2);
}

TEST_CASE("many 401 at once ask for one fresh token") {
  Oauth2World world;
  world.Send();
  world.Token("t1");
  for (int i = 0; i < 3; ++i) world.Send();
  CHECK(world.transport.under_way.size() == 4);
  for (int i = 0; i < 4; ++i) world.Reply(ReplyOf(401));
  CHECK(world.transport.under_way.size() == 1);
  world.Token("t2");
  REQUIRE(world.transport.under_way.size() == 4);
  for (int i = 0; i < 4; ++i) {
    CHECK(world.Sent() == "Bearer t2");
    world.Reply(ReplyOf(200));
  }
  CHECK(world.results.size() == 4);
}

TEST_CASE("a receiver that refuses every token does not make us hammer the token server") {
  Oauth2World world;
  world.Send();
  world.Token("t1");
  world.Reply(ReplyOf(401));
  world.Token("t2");
  world.Reply(ReplyOf(401));
  for (int i = 0; i < 5; ++i) {
    world.Send();
    CHECK(world.Sent() == "Bearer t2");
    world.Reply(ReplyOf(401));
  }
  CHECK(world.results.size() == 6);
  CHECK(world.transport.count == 4 + 5);
}

TEST_CASE("no token: nothing has left, and the message has no secret") {
  Oauth2World world;
  world.Send();
  world.Reply(ReplyOf(400, R"({"error":"invalid_scope","x":")" + World::kClientSecret + "\"}"));
  CHECK(world.Error().kind == TransportErrorKind::kAuth);
  CHECK_FALSE(world.Error().maybe_delivered);
  CHECK(world.Error().detail ==
        "no access token: the token server answered HTTP 400 (invalid_scope)");
  CHECK(world.transport.count == 1);
}

TEST_CASE("a fresh token that cannot be had after 401") {
  Oauth2World world;
  world.Send();
  world.Token("t1");
  world.Reply(ReplyOf(401));
  world.Reply(ReplyOf(500));
  CHECK(world.Error().kind == TransportErrorKind::kAuth);
  CHECK_FALSE(world.Error().maybe_delivered);
  CHECK(world.Error().detail.find("the receiver answered 401") == 0);
}

TEST_CASE("the timeout is that of the whole conversation") {
  Oauth2World world;
  world.Send();
  world.Advance(seconds(4));
  world.Token("t1");
  CHECK(world.Asked().timeout == seconds(26));
  world.Advance(seconds(10));
  world.Reply(ReplyOf(401));
  world.Advance(seconds(6));
  world.Token("t2");
  CHECK(world.Asked().timeout == seconds(10));
}

TEST_CASE("who waits for a token waits no longer than its own timeout") {
  Oauth2World world;
  world.endpoint.timeout = seconds(2);
  world.Send();
  world.Advance(seconds(2) - Milliseconds(1));
  CHECK(world.results.empty());
  world.Advance(Milliseconds(1));
  CHECK(world.Error().kind == TransportErrorKind::kAuth);
  CHECK(world.Error().detail.find("in time") != std::string::npos);
  world.Reply(TokenReply("t1"));  // too late for it, not for the next one
  CHECK(world.results.size() == 1);
  world.Send();
  CHECK(world.Sent() == "Bearer t1");
}

TEST_CASE("a stop before anything left, and after an answer") {
  Oauth2World before;
  before.Send();
  before.Reply(TransportError{TransportErrorKind::kCanceled, "stopping", false});
  CHECK(before.Error().kind == TransportErrorKind::kCanceled);
  CHECK_FALSE(before.Error().maybe_delivered);

  Oauth2World after;
  after.Send();
  after.Token("t1");
  after.Reply(ReplyOf(401));
  after.Reply(TransportError{TransportErrorKind::kCanceled, "stopping", false});
  CHECK(after.Error().kind == TransportErrorKind::kCanceled);
  CHECK(after.Error().maybe_delivered);
}

TEST_CASE("our own trouble on the way to a fresh token is a failed attempt, else it is none") {
  Oauth2World before;
  before.Send();
  before.Reply(TransportError{TransportErrorKind::kOurTrouble, "the resolver is away", false});
  CHECK(before.Error().kind == TransportErrorKind::kOurTrouble);
  CHECK_FALSE(before.Only().was_answered);

  Oauth2World after;
  after.Send();
  after.Token("t1");
  after.Reply(ReplyOf(401));
  after.Reply(TransportError{TransportErrorKind::kOurTrouble, "the resolver is away", false});
  CHECK(after.Error().kind == TransportErrorKind::kAuth);
  CHECK(after.Error().detail == "the receiver answered 401; the resolver is away");
}

TEST_CASE("redirects are followed as often as the endpoint allows, each a request of its own") {
  World world;
  world.endpoint.redirects_max = 2;
  world.Send();
  world.Advance(seconds(5));
  world.Reply(To("/one"));
  CHECK(world.Asked().url == "https://example.com/one");
  CHECK(world.Asked().method == "POST");
  CHECK(world.Asked().body == "{\"n\":1}");
  CHECK(world.Asked().timeout == seconds(25));
  world.Reply(To("https://other.example/two", 301));
  CHECK(world.Asked().url == "https://other.example/two");
  SUBCASE("arrived") {
    world.Reply(ReplyOf(200));
    CHECK(world.Status() == 200);
    CHECK(world.Only().note == "after 2 redirects to https://other.example/two");
  }
  SUBCASE("one too many") {
    world.Reply(To("/three"));
    CHECK(world.Status() == 307);
    CHECK(world.Only().note ==
          "after 2 redirects to https://other.example/two; the redirect was not followed: there "
          "were 2 before it");
  }
  SUBCASE("refused by the guard: nothing of it is shown, and nothing was delivered") {
    world.Reply(
        TransportError{TransportErrorKind::kAddressRefused, "the address is refused", false});
    CHECK(world.Error().kind == TransportErrorKind::kAddressRefused);
    CHECK_FALSE(world.Error().maybe_delivered);
    CHECK(world.Error().detail ==
          "the address is refused (after 2 redirects to https://other.example/two)");
  }
  SUBCASE("broken: whether it was delivered is the last request's") {
    world.Reply(TransportError{TransportErrorKind::kConnectionLost, "reset", true});
    CHECK(world.Error().maybe_delivered);
  }
  SUBCASE("our own trouble: the receiver saw a request, so that it was an attempt") {
    world.Reply(TransportError{TransportErrorKind::kOurTrouble, "the resolver is away", false});
    CHECK(world.Error().kind == TransportErrorKind::kConnect);
    CHECK(world.Only().was_answered);
  }
  SUBCASE("stopped: the receiver saw a request all the same") {
    world.Reply(TransportError{TransportErrorKind::kCanceled, "stopping", false});
    CHECK(world.Error().maybe_delivered);
  }
}

TEST_CASE("no time left for another hop") {
  World world;
  world.endpoint.redirects_max = 2;
  world.Send();
  world.Advance(seconds(30));
  world.Reply(To("/one"));
  CHECK(world.Error().kind == TransportErrorKind::kTimeout);
  CHECK_FALSE(world.Error().maybe_delivered);
  CHECK(world.transport.count == 1);
}

TEST_CASE("an access token never reaches another origin") {
  Oauth2World world;
  world.endpoint.redirects_max = 3;
  world.Send();
  world.Token("t1");
  world.Reply(To("/same"));
  CHECK(HeaderOf(world.Asked(), "Authorization") == "Bearer t1");
  world.Reply(To("https://other.example/x"));
  CHECK(HeaderOf(world.Asked(), "Authorization") == "(none)");
  SUBCASE("and its 401 asks for none") {
    world.Reply(ReplyOf(401));
    CHECK(world.Status() == 401);
    CHECK(world.transport.count == 4);
  }
  SUBCASE("nor does it come back") {
    world.Reply(To("https://example.com/back"));
    CHECK(HeaderOf(world.Asked(), "Authorization") == "(none)");
  }
}

TEST_CASE("the API key's header and what is named like a credential stay with the origin") {
  World world;
  world.endpoint.redirects_max = 1;
  world.endpoint.auth.mode = model::AuthMode::kApiKey;
  world.endpoint.auth.header_name = "X-Door";
  world.endpoint.secrets = {{12, model::SecretPurpose::kApiKey, "sealed:1:client", {}}};
  world.endpoint.signature.mode = model::SignatureMode::kHmac;
  world.endpoint.signature.header_name = "X-Token-Signature";
  world.endpoint.signature.parts = {{model::SignaturePartKind::kRawBody, ""}};
  const HandlerBookPtr book = world.Book();
  HttpRequest request;
  request.method = "POST";
  request.url = "https://example.com/hook";
  request.headers = {{"x-door", "key"},
                     {"X-Auth-Token", "t"},
                     {"X-Token-Signature", "abc"},
                     {"Idempotency-Key", "id"},
                     {"X-Order", "5"}};
  request.timeout = seconds(30);
  world.calls.Send(book->configuration->endpoints.at(1), book, std::move(request),
                   [](const OutboundResult&) {});
  world.Reply(To("https://other.example/x"));
  const HttpHeaders expected = {
      {"X-Token-Signature", "abc"}, {"Idempotency-Key", "id"}, {"X-Order", "5"}};
  CHECK(world.Asked().headers == expected);
}

TEST_CASE("a place to go that has a secret in it is not told") {
  World world;
  world.endpoint.redirects_max = 1;
  world.Send();
  world.Reply(To("/x?access_token=sh0uld-not-show"));
  CHECK(world.Asked().url == "https://example.com/x?access_token=sh0uld-not-show");
  world.Reply(ReplyOf(200));
  CHECK(world.Only().note.find("sh0uld-not-show") == std::string::npos);
}
