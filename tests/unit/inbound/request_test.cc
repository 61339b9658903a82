// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/inbound/request.h"

#include <doctest/doctest.h>

namespace webhook::inbound {
namespace {

using Texts = std::vector<std::string>;

Request With(std::vector<std::pair<std::string, std::string>> headers,
             std::string url = "https://h.example/webhooks/in/x", std::string body = "") {
  RequestParts parts;
  parts.method = "POST";
  parts.url = std::move(url);
  parts.headers = std::move(headers);
  parts.body = std::move(body);
  return Request(std::move(parts));
}

TEST_CASE("headers are found in any case, of several the last, as they are") {
  const Request request = With({{"X-A", "1"}, {"x-a", " Two "}, {"X-Empty", ""}});
  CHECK(request.Header("X-a") == " Two ");
  CHECK(request.Header("x-empty") == "");
  CHECK_FALSE(request.Header("x-b"));
  CHECK_FALSE(request.Header(""));
  CHECK(request.headers().size() == 2);
}

TEST_CASE("parameters of a structured header: all of them, in their order") {
  const Request request =
      With({{"Sig", "t=1700000000, v1=\"ab==\" ;V1 = cd=; x; =y; v0=z,v1="}, {"Plain", "v1"}});
  CHECK(request.HeaderParameters("sig", "v1") == Texts{"ab==", "cd=", ""});
  CHECK(request.HeaderParameters("sig", "T") == Texts{"1700000000"});
  CHECK(request.HeaderParameters("sig", "x").empty());
  CHECK(request.HeaderParameters("plain", "v1").empty());
  CHECK(request.HeaderParameters("absent", "v1").empty());
  CHECK(request.HeaderParameters("", "v1").empty());
}

TEST_CASE("the query is decoded, of several the last") {
  const Request request = With({}, "https://h.example/in/x?a=1&b=%C3%A9+x&a=2&c&=d&%zz=%#e=f");
  CHECK(request.query().at("a") == "2");
  CHECK(request.query().at("b") == "é x");
  CHECK(request.query().at("c") == "");
  CHECK(request.query().at("%zz") == "%");
  CHECK_FALSE(request.query().contains("e"));
  CHECK(With({}).query().empty());
}

TEST_CASE("nothing is parsed before it is asked for") {
  const Request request = With({}, "https://h.example", R"({"a": 1})");
  CHECK_FALSE(request.payload_was_parsed());
  CHECK(request.payload().value.Find("a") != nullptr);
  CHECK(request.payload_was_parsed());
}

TEST_CASE("the hash of the body") {
  CHECK(With({}).body_sha256() ==
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(With({}, "u", "{}").body_sha256() ==
        "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
}

}  // namespace
}  // namespace webhook::inbound
