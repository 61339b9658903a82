// SPDX-License-Identifier: LGPL-3.0-or-later
// Secrets are planted in an endpoint and echoed by its receiver in every way: nothing that the
// worker keeps or tells has them in it.
#include <doctest/doctest.h>

#include "lib/base/base64.h"
#include "lib/delivery/token_exchange.h"
#include "tests/unit/delivery/rules_world.h"
#include "tests/unit/delivery/sender_world.h"

using namespace webhook::delivery;
namespace base = webhook::base;
namespace model = webhook::model;

namespace {

const std::string kToken = "planted-bearer-token/+1";
const std::string kSigning = "whsec_" + base::EncodeBase64("planted signing secret, 32 bytes");
const std::string kClient = "planted client secret";
const std::string kAccess = "planted.access.token";

// A creating rule that reads the reply, so that what it read is in trace and record.
model::Handler ReplyReader() {
  model::Rule rule = CreatePartner(1, model::Phase::kResponse);
  rule.conditions = {Equals(From(model::SourceKind::kResponseHeader, "X-Echo"), "x")};
  rule.conditions[0].op = model::Operator::kNotEquals;
  rule.assignments = {
      Assign(model::Scope::kField, "name", From(model::SourceKind::kResponseBody, "echo"))};
  return HandlerOf({rule});
}

struct World : SenderWorld {
  World() {
    secrets.values = {{"sealed:1:t", kToken}, {"sealed:1:s", kSigning}, {"sealed:1:c", kClient}};
  }
  void UseBearer() {
    edit = [](model::Endpoint& endpoint) {
      endpoint.auth.mode = model::AuthMode::kBearer;
      endpoint.signature.mode = model::SignatureMode::kStandardWebhooks;
      endpoint.secrets = {{1, model::SecretPurpose::kBearerToken, "sealed:1:t", {}},
                          {2, model::SecretPurpose::kSigning, "sealed:1:s", {}}};
    };
  }
  void UseOauth2() {
    edit = [](model::Endpoint& endpoint) {
      endpoint.auth.mode = model::AuthMode::kOauth2ClientCredentials;
      endpoint.auth.token_url = "https://login.example/token";
      endpoint.auth.client_id = "worker";
      endpoint.secrets = {{3, model::SecretPurpose::kOauth2ClientSecret, "sealed:1:c", {}}};
      endpoint.redirects_max = 1;
    };
  }
  void SendHandled() {
    model::Delivery delivery = Delivery(1);
    delivery.handler_id = 7;
    SendNow({delivery}, {ReplyReader()});
  }
  // Everything that is kept or told.
  std::string Everything() {
    std::string text;
    const auto contents = Journaled();
    for (const auto& intent : contents.intents) text += intent.target_url + intent.frozen_json;
    for (const auto& settlement : contents.settlements) text += settlement.settlement_json;
    for (const auto& event : log.events()) {
      for (const auto& [name, value] : event.fields) text += name + '=' + value + '\n';
    }
    return text;
  }
  void CheckClean() {
    const std::string text = Everything();
    for (const std::string& secret : {kToken, kSigning, kClient, kAccess}) {
      CAPTURE(secret);
      CHECK(text.find(secret) == std::string::npos);
      CHECK(text.find(base::EncodeBase64(secret)) == std::string::npos);
    }
  }
};

std::string Echo(const std::string& secret) {
  return Json({{"echo", "you said " + secret}}).dump();
}

}  // namespace

TEST_CASE("echoed in header, body and reason, and read by a rule") {
  World world;
  world.UseBearer();
  world.SendHandled();
  const HttpRequest& request = world.transport.under_way.at(0).request;
  bool was_sent = false;
  for (const auto& [name, value] : request.headers) was_sent |= value == "Bearer " + kToken;
  CHECK(was_sent);
  world.CheckClean();
  world.Finish(Reply(200, {{"X-Echo", kToken}, {"X-Other", base::EncodeBase64(kSigning)}},
                     Echo(kToken + " " + kSigning)));
  CHECK(world.Journaled().settlements.size() == 1);
  CHECK(world.Everything().find("you said") != std::string::npos);  // the rest is still there
  CHECK(world.Recorded().at("operations").size() == 1);
  world.CheckClean();
}

TEST_CASE("in the detail of a failure") {
  World world;
  world.UseBearer();
  world.SendHandled();
  world.Finish(TransportError{TransportErrorKind::kConnectionLost, "reset after " + kToken, true});
  CHECK(world.Recorded().at("failure_message").get<std::string>().find("reset after") == 0);
  world.CheckClean();
}

TEST_CASE("an access token, echoed by the receiver and by a place it redirects to") {
  World world;
  world.UseOauth2();
  world.SendHandled();
  world.Finish(
      HttpReply{200, {}, R"({"access_token":")" + kAccess + R"(","token_type":"Bearer"})", false});
  world.Finish(Reply(307, {{"Location", "/next?t=" + kAccess}}));
  world.Finish(Reply(200, {{"X-Echo", kAccess}}, Echo(kAccess)));
  CHECK(world.Journaled().settlements.size() == 1);
  world.CheckClean();
}

TEST_CASE("a token server that echoes the client secret") {
  World world;
  world.UseOauth2();
  world.SendHandled();
  world.Finish(HttpReply{
      400, {}, R"({"error":")" + kClient + R"(","error_description":")" + kClient + "\"}", false});
  const Json settlement = world.Recorded();
  CHECK(settlement.at("failure_reason") == "auth");
  CHECK(settlement.at("attempt").at("maybe_delivered") == false);
  world.CheckClean();
}

TEST_CASE("a crash while sending leaves no secret in the journal") {
  World world;
  world.UseBearer();
  world.SendHandled();
  REQUIRE(world.Journaled().intents.size() == 1);
  world.CheckClean();
}
