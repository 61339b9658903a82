// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/token_exchange.h"

#include <doctest/doctest.h>

#include "lib/base/base64.h"
#include "tests/unit/outbound/outbound_world.h"

using namespace webhook::delivery;
namespace base = webhook::base;
namespace model = webhook::model;

namespace {

model::Auth Settings() {
  model::Auth auth;
  auth.mode = model::AuthMode::kOauth2ClientCredentials;
  auth.token_url = "https://login.example/token";
  auth.client_id = "a client:1";
  return auth;
}

const base::Secret kSecret("p&ss w+rd/ü");

std::string ErrorOf(const std::string& body, int status = 200) {
  const auto token = ReadTokenReply(ReplyOf(status, body));
  REQUIRE_FALSE(token.ok());
  return token.error();
}

}  // namespace

TEST_CASE("client authentication by header: id and secret are form-encoded first") {
  const HttpRequest request = MakeTokenRequest(Settings(), kSecret, "worker/1");
  CHECK(request.method == "POST");
  CHECK(request.url == "https://login.example/token");
  CHECK(HeaderOf(request, "Authorization") ==
        "Basic " + base::EncodeBase64("a+client%3A1:p%26ss+w%2Brd%2F%C3%BC"));
  CHECK(HeaderOf(request, "Content-Type") == "application/x-www-form-urlencoded");
  CHECK(HeaderOf(request, "Accept") == "application/json");
  CHECK(HeaderOf(request, "User-Agent") == "worker/1");
  CHECK(request.body == "grant_type=client_credentials");
  CHECK(request.response_bytes_max == kTokenReplyBytesMax);
}

TEST_CASE("client authentication in the body, with scope and audience") {
  model::Auth auth = Settings();
  auth.client_authentication = model::ClientAuthentication::kBody;
  auth.scope = "read write";
  auth.audience = "https://api.example/";
  const HttpRequest request = MakeTokenRequest(auth, kSecret, "worker/1");
  CHECK(HeaderOf(request, "Authorization") == "(none)");
  CHECK(request.body ==
        "grant_type=client_credentials&client_id=a+client%3A1&client_secret=p%26ss+w%2Brd%2F%C3%BC"
        "&scope=read+write&audience=https%3A%2F%2Fapi.example%2F");
}

TEST_CASE("answers that hold a token") {
  const auto lifetime = [](const std::string& members) {
    const auto token = ReadTokenReply(ReplyOf(200, R"({"access_token":"abc.def~+/=",)" + members));
    REQUIRE(token.ok());
    CHECK(token.value().token.Reveal() == "abc.def~+/=");
    return token.value().lifetime.count();
  };
  CHECK(lifetime(R"("token_type":"Bearer","expires_in":3600})") == 3600);
  CHECK(lifetime(R"("token_type":"bearer","expires_in":"3600","scope":"x"})") == 3600);
  CHECK(lifetime(R"("token_type":"BEARER"})") == 300);
  CHECK(lifetime(R"("token_type":"Bearer","expires_in":null})") == 300);
  CHECK(lifetime(R"("token_type":"Bearer","expires_in":0})") == 0);
  CHECK(lifetime(R"("token_type":"Bearer","expires_in":999999999})") == 86400);
}

TEST_CASE("answers that hold none") {
  for (const std::string body :
       {"",
        "nothing",
        "[]",
        "null",
        "\"Bearer\"",
        "{",
        R"({"access_token":"a"})",
        R"({"access_token":"a","token_type":"mac"})",
        R"({"access_token":"a","token_type":1})",
        R"({"access_token":1,"token_type":"Bearer"})",
        R"({"access_token":"","token_type":"Bearer"})",
        R"({"access_token":"a b","token_type":"Bearer"})",
        R"({"access_token":"a\r\nX-Evil: 1","token_type":"Bearer"})",
        R"({"access_token":"a\u0000","token_type":"Bearer"})",
        R"({"access_token":"ü","token_type":"Bearer"})",
        R"({"token_type":"Bearer"})",
        R"({"access_token":"a","token_type":"Bearer","expires_in":-1})",
        R"({"access_token":"a","token_type":"Bearer","expires_in":1.5})",
        R"({"access_token":"a","token_type":"Bearer","expires_in":1e9})",
        R"({"access_token":"a","token_type":"Bearer","expires_in":99999999999999999999})",
        R"({"access_token":"a","token_type":"Bearer","expires_in":""})",
        R"({"access_token":"a","token_type":"Bearer","expires_in":true})"}) {
    CAPTURE(body);
    CHECK_FALSE(ReadTokenReply(ReplyOf(200, body)).ok());
  }
}

TEST_CASE("limits on the token and the answer") {
  const auto with = [](std::size_t bytes) {
    return ReadTokenReply(TokenReply(std::string(bytes, 'a'))).ok();
  };
  CHECK(with(kAccessTokenBytesMax));
  CHECK_FALSE(with(kAccessTokenBytesMax + 1));
  HttpReply cut = TokenReply("abc");
  cut.truncated = true;
  CHECK(ReadTokenReply(cut).error().find("too long") != std::string::npos);
  CHECK_FALSE(ReadTokenReply(ReplyOf(200, std::string(60000, '['))).ok());
}

TEST_CASE("an error names the status and a known code, and quotes nothing else") {
  CHECK(ErrorOf(R"({"error":"invalid_client","error_description":"p&ss"})", 401) ==
        "the token server answered HTTP 401 (invalid_client)");
  CHECK(ErrorOf(R"({"error":"p&ss w+rd"})", 400) == "the token server answered HTTP 400");
  CHECK(ErrorOf("<html>p&ss", 503) == "the token server answered HTTP 503");
  CHECK(ErrorOf("", 302) == "the token server answered HTTP 302");
  CHECK(ErrorOf(R"({"access_token":"a","token_type":"Bearer"})", 201) ==
        "the token server answered HTTP 201");
}
