// SPDX-License-Identifier: LGPL-3.0-or-later
#include <doctest/doctest.h>

#include "lib/model/contract.h"
#include "tests/unit/model/answers.h"

using namespace webhook::model;
using Json = nlohmann::json;

namespace {

Json Good() { return Answer({{"resealed_ids", {7, 2147483647}}}); }

}  // namespace

TEST_CASE("a reseal request says what replaces what") {
  CHECK(SchemaErrors("reseal_request", EncodeReseal(kUid, {})) == "");
  const std::string text = EncodeReseal(kUid, {{7, "sealed:1:AAAA", "sealed:1:BBBB"}});
  CHECK(SchemaErrors("reseal_request", text) == "");
  CHECK(IsAscii(text));
  CHECK(Json::parse(text) ==
        Json{{"worker_uid", kUid},
             {"secrets",
              {{{"id", 7}, {"previous_value", "sealed:1:AAAA"}, {"value", "sealed:1:BBBB"}}}}});
}

TEST_CASE("a reseal request has no more secrets than one call takes") {
  const std::string text = EncodeReseal(kUid, std::vector<ResealedSecret>(1001, {1, "a", "b"}));
  CHECK(SchemaErrors("reseal_request", text) == "");
  CHECK(Json::parse(text).at("secrets").size() == 1000);
}

TEST_CASE("a reseal answer names what was replaced") {
  REQUIRE(SchemaErrors("reseal_answer", Good().dump()) == "");
  const auto decoded = DecodeReseal(Good().dump());
  REQUIRE(decoded.ok());
  CHECK(decoded.value().envelope.configuration_revision == 7);
  CHECK(decoded.value().resealed_ids == std::vector<RecordId>{7, 2147483647});
  CHECK(
      DecodeReseal(Answer({{"resealed_ids", Json::array()}}).dump()).value().resealed_ids.empty());
}

TEST_CASE("a reseal answer that is not what the contract says is refused by name") {
  for (const char* member : kEnvelopeMembers) {
    CheckRequired(Good(), std::string("/") + member, DecodeReseal);
  }
  CheckRequired(Good(), "/resealed_ids", DecodeReseal);
  CheckMistyped(Good(), "/resealed_ids", kNoLists, DecodeReseal);
  for (const Json& id : kNoIntegers) {
    const auto decoded = DecodeReseal(Answer({{"resealed_ids", {7, id}}}).dump());
    REQUIRE_FALSE(decoded.ok());
    CHECK(decoded.error().message.find("resealed_ids") != std::string::npos);
  }
  CheckNeverThrows(Good().dump(), DecodeReseal);
}
