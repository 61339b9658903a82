// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/model/contract_json.h"

#include <doctest/doctest.h>

#include "tests/unit/model/answers.h"

using namespace webhook::model;

TEST_CASE("dumped JSON is ASCII for every byte") {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string text = Dump(Json(std::string("a") + static_cast<char>(byte) + "b"));
    CAPTURE(byte);
    CHECK(IsAscii(text));
    CHECK(Json::accept(text));
  }
}

TEST_CASE("bytes that are no UTF-8 become U+FFFD, valid text stays what it was") {
  CHECK(Dump(Json("\xFF")) == "\"\\ufffd\"");
  CHECK(Dump(Json("\xED\xA0\x80")).find("\\ufffd") != std::string::npos);
  CHECK(Dump(Json("\xC3\xBC\xF0\x9F\x98\x80")) == "\"\\u00fc\\ud83d\\ude00\"");
  CHECK(Json::parse(Dump(Json("\xC3\xBC\xF0\x9F\x98\x80"))) == "\xC3\xBC\xF0\x9F\x98\x80");
}

TEST_CASE("the error says whose answer it was, and nothing of what the answer held") {
  const std::string cut = R"({"wake_secret": "c2VjcmV0LW9mLXRoZS13YWtl)";
  const auto decoded = DecodeHello(cut);
  REQUIRE_FALSE(decoded.ok());
  CHECK(decoded.error().message.rfind("hello answer", 0) == 0);
  CHECK(decoded.error().message.find("c2VjcmV0") == std::string::npos);
  CHECK(DecodeClaim("{").error().message.rfind("claim answer", 0) == 0);
  CHECK(DecodeSettle("{").error().message.rfind("settle answer", 0) == 0);
  CHECK(DecodeRenew("{").error().message.rfind("renew answer", 0) == 0);
  CHECK(DecodeRelease("{").error().message.rfind("release answer", 0) == 0);
  CHECK(DecodeReadAs("{").error().message.rfind("read_as answer", 0) == 0);
  CHECK(DecodeConfiguration("{").error().message.rfind("configuration answer", 0) == 0);
}
