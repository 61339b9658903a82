// SPDX-License-Identifier: LGPL-3.0-or-later
#include <doctest/doctest.h>

#include "lib/base/random.h"
#include "lib/model/contract.h"
#include "tests/unit/model/answers.h"

using namespace webhook::model;
namespace base = webhook::base;
using Json = nlohmann::json;
using std::chrono::seconds;

namespace {

Json Row() {
  return {{"id", 42},
          {"delivery_uid", kUid},
          {"endpoint_id", 3},
          {"lease_token", kOtherUid},
          {"lease_expires_at_ms", 1767225720123},
          {"lease_count", 1},
          {"attempt_count", 2},
          {"queued_at_ms", 1767225500000},
          {"http_method", "post"},
          {"request_body_mode", "json"},
          {"request_headers", {{"X-Shop", "1"}}},
          {"payload", "{\"a\": 1.0}"}};
}

Json Good() {
  return Answer({{"deliveries", {Row()}},
                 {"interrupted", 1},
                 {"poisoned", 2},
                 {"next_due_at_ms", 1767225601000}});
}

Json GoodRenew() {
  return Answer({{"lost", {{{"kind", "delivery"}, {"id", 42}, {"lease_token", kUid}}}}});
}

std::string Utf8(char32_t point) {
  std::string bytes;
  const auto put = [&](char32_t byte) { bytes += static_cast<char>(byte); };
  if (point < 0x80) {
    put(point);
  } else if (point < 0x800) {
    put(0xC0 | (point >> 6));
    put(0x80 | (point & 0x3F));
  } else if (point < 0x10000) {
    put(0xE0 | (point >> 12));
    put(0x80 | ((point >> 6) & 0x3F));
    put(0x80 | (point & 0x3F));
  } else {
    put(0xF0 | (point >> 18));
    put(0x80 | ((point >> 12) & 0x3F));
    put(0x80 | ((point >> 6) & 0x3F));
    put(0x80 | (point & 0x3F));
  }
  return bytes;
}

std::string DecodedPayload(const std::string& payload) {
  Json json = Good();
  json["deliveries"][0]["payload"] = payload;
  const std::string text = json.dump(-1, ' ', true);  // ASCII, as the addon writes it
  REQUIRE(IsAscii(text));
  const auto decoded = DecodeClaim(text);
  REQUIRE(decoded.ok());
  return decoded.value().deliveries.at(0).payload;
}

}  // namespace

TEST_CASE("a claim request fits its schema and says what it was given") {
  ClaimRequest request;
  request.worker_uid = kUid;
  request.claim_token = kOtherUid;
  CHECK(EncodeClaim(request).find("\"quotas\":[]") != std::string::npos);

  request.limit = 500;
  request.lease = seconds(120);
  request.takeover = true;
  request.quotas = {{3, 10}, {1, 1000}, {2147483647, 1}};
  const std::string text = EncodeClaim(request);
  CHECK(SchemaErrors("claim_request", text) == "");
  CHECK(IsAscii(text));
  const Json json = Json::parse(text);
  CHECK(json.at("worker_uid") == kUid);
  CHECK(json.at("claim_token") == kOtherUid);
  CHECK(json.at("limit") == 500);
  CHECK(json.at("lease_seconds") == 120);
  CHECK(json.at("takeover") == true);
  CHECK(
      json.at("quotas").dump() ==
      R"([{"endpoint_id":3,"free":10},{"endpoint_id":1,"free":1000},{"endpoint_id":2147483647,"free":1}])");
}

TEST_CASE("a claim answer is read member by member") {
  REQUIRE(SchemaErrors("claim_answer", Good().dump()) == "");
  const auto decoded = DecodeClaim(Good().dump());
  REQUIRE(decoded.ok());
  const ClaimAnswer& answer = decoded.value();
  CHECK(answer.interrupted == 1);
  CHECK(answer.poisoned == 2);
  REQUIRE(answer.next_due_at.has_value());
  CHECK(base::ToUnixMs(*answer.next_due_at) == 1767225601000);
  REQUIRE(answer.deliveries.size() == 1);
  const Delivery& delivery = answer.deliveries[0];
  CHECK(delivery.id == 42);
  CHECK(delivery.delivery_uid == kUid);
  CHECK(delivery.endpoint_id == 3);
  CHECK(delivery.lease_token == kOtherUid);
  CHECK(base::ToUnixMs(delivery.lease_expires_at) == 1767225720123);
  CHECK(delivery.lease_count == 1);
  CHECK(delivery.attempt_count == 2);
  CHECK(base::ToUnixMs(delivery.queued_at) == 1767225500000);
  CHECK(delivery.http_method == "post");
  CHECK(delivery.request_headers == std::map<std::string, std::string>{{"X-Shop", "1"}});
  CHECK(delivery.payload == "{\"a\": 1.0}");
  CHECK_FALSE(delivery.handler_id.has_value());
  CHECK_FALSE(delivery.content_frozen);
  CHECK(delivery.target_path.empty());
  CHECK(delivery.context_values == "{}");
  CHECK(delivery.field_values == "{}");
}

TEST_CASE("what rules need of a delivery is read when it is there") {
  Json json = Good();
  json["deliveries"][0].update({{"handler_id", 9},
                                {"content_frozen", true},
                                {"target_path", "/b"},
                                {"context_values", "{\"a\": 1}"},
                                {"field_values", "{\"record_field:name\": \"x\"}"}});
  REQUIRE(SchemaErrors("claim_answer", json.dump()) == "");
  const auto decoded = DecodeClaim(json.dump());
  REQUIRE(decoded.ok());
  const Delivery& delivery = decoded.value().deliveries.at(0);
  CHECK(delivery.handler_id == 9);
  CHECK(delivery.content_frozen);
  CHECK(delivery.target_path == "/b");
  CHECK(delivery.context_values == "{\"a\": 1}");
  CHECK(delivery.field_values == "{\"record_field:name\": \"x\"}");
  CheckMistyped(json, "/deliveries/0/handler_id", kNoIntegers, DecodeClaim);
  CheckMistyped(json, "/deliveries/0/content_frozen", kNoFlags, DecodeClaim);
  for (const char* member : {"target_path", "context_values", "field_values"}) {
    CheckMistyped(json, std::string("/deliveries/0/") + member, kNoTexts, DecodeClaim);
  }
}

TEST_CASE("a delivery's lane, body, files and expiry are read when they are there") {
  Json json = Good();
  Json& row = json["deliveries"][0];
  row.update({{"lane", "partner/7"},
              {"expires_at_ms", 1767225900000},
              {"files",
               {{{"name", "f"},
                 {"filename", "a.pdf"},
                 {"content_type", "application/pdf"},
                 {"content_base64", "AP8iYQ=="}}}}});
  json["workers_alive"] = 3;
  for (const auto& [spelling, mode] :
       std::vector<std::pair<const char*, BodyMode>>{{"json", BodyMode::kJson},
                                                     {"form_urlencoded", BodyMode::kFormUrlencoded},
                                                     {"raw", BodyMode::kRaw},
                                                     {"multipart", BodyMode::kMultipart}}) {
    row["request_body_mode"] = spelling;
    CHECK(DecodeClaim(json.dump()).value().deliveries.at(0).body_mode == mode);
  }
  REQUIRE(SchemaErrors("claim_answer", json.dump()) == "");
  const ClaimAnswer answer = DecodeClaim(json.dump()).value();
  CHECK(answer.workers_alive == 3);
  const Delivery& delivery = answer.deliveries.at(0);
  CHECK(delivery.lane == "partner/7");
  REQUIRE(delivery.expires_at.has_value());
  CHECK(base::ToUnixMs(*delivery.expires_at) == 1767225900000);
  REQUIRE(delivery.files.size() == 1);
  CHECK(delivery.files[0].name == "f");
  CHECK(delivery.files[0].filename == "a.pdf");
  CHECK(delivery.files[0].content_type == "application/pdf");
  CHECK(delivery.files[0].content == std::string("\x00\xFF\"a", 4));

  const ClaimAnswer bare = DecodeClaim(Good().dump()).value();
  CHECK(bare.workers_alive == 1);
  CHECK(bare.deliveries.at(0).lane.empty());
  CHECK(bare.deliveries.at(0).files.empty());
  CHECK_FALSE(bare.deliveries.at(0).expires_at.has_value());

  const std::string at = "/deliveries/0/";
  CheckMistyped(json, at + "files", kNoLists, DecodeClaim);
  for (const char* member : {"lane", "files/0/name", "files/0/filename", "files/0/content_type",
                             "files/0/content_base64"})
    CheckMistyped(json, at + member, kNoTexts, DecodeClaim);
  for (const char* member : {"name", "filename", "content_type", "content_base64"})
    CheckRequired(json, at + "files/0/" + member, DecodeClaim);
  CheckRefused(json, {at + "files/0/content_base64", "not base64!"}, DecodeClaim);
  CheckMistyped(json, at + "expires_at_ms", kNoIntegers, DecodeClaim);
  CheckMistyped(json, "/workers_alive", kNoIntegers, DecodeClaim);
  CheckRefused(json, {"/workers_alive", 0}, DecodeClaim);
  CheckNeverThrows(json.dump(), DecodeClaim);
}

TEST_CASE("a claim without rows and without a next time is fine, and so are additions") {
  Json json = Answer({{"deliveries", Json::array()}, {"interrupted", 0}, {"poisoned", 0}});
  const auto decoded = DecodeClaim(json.dump());
  REQUIRE(decoded.ok());
  CHECK_FALSE(decoded.value().next_due_at.has_value());
  json = Good();
  json["events"] = Json::array();
  json["deliveries"][0]["lane"] = "partner/7";
  json["deliveries"][0]["later"] = nullptr;
  CHECK(DecodeClaim(json.dump()).ok());
}

TEST_CASE("a claim answer without a required member is refused by that member's name") {
  for (const char* member : kEnvelopeMembers) {
    CheckRequired(Good(), std::string("/") + member, DecodeClaim);
  }
  for (const char* member : {"deliveries", "interrupted", "poisoned"}) {
    CheckRequired(Good(), std::string("/") + member, DecodeClaim);
  }
  const Json row = Row();
  for (const auto& [member, value] : row.items()) {
    CheckRequired(Good(), "/deliveries/0/" + member, DecodeClaim);
  }
}

TEST_CASE("a claim answer with a member of another type or range is refused by its name") {
  CheckMistyped(Good(), "/deliveries", kNoLists, DecodeClaim);
  for (const char* member :
       {"/interrupted", "/poisoned", "/next_due_at_ms", "/deliveries/0/id",
        "/deliveries/0/endpoint_id", "/deliveries/0/lease_expires_at_ms",
        "/deliveries/0/lease_count", "/deliveries/0/attempt_count", "/deliveries/0/queued_at_ms"}) {
    CheckMistyped(Good(), member, kNoIntegers, DecodeClaim);
  }
  for (const char* member :
       {"/deliveries/0/delivery_uid", "/deliveries/0/lease_token", "/deliveries/0/http_method",
        "/deliveries/0/request_body_mode", "/deliveries/0/payload"}) {
    CheckMistyped(Good(), member, kNoTexts, DecodeClaim);
  }
  CheckMistyped(Good(), "/deliveries/0/request_headers",
                {nullptr, true, 1, "x", Json::array(), {{"X", 1}}, {{"X", nullptr}}}, DecodeClaim);
}

TEST_CASE("values of a claimed row that the contract excludes are refused by their name") {
  const std::int64_t huge = 9223372036854775807;
  for (const auto& [pointer, value] : std::vector<Spoilt>{
           {"/deliveries/0/id", 0},
           {"/deliveries/0/id", std::int64_t{1} << 31},
           {"/deliveries/0/endpoint_id", 0},
           {"/deliveries/0/lease_count", 0},
           {"/deliveries/0/lease_count", (std::int64_t{1} << 32) + 1},
           {"/deliveries/0/attempt_count", std::int64_t{1} << 32},
           {"/deliveries/0/lease_expires_at_ms", huge},
           {"/deliveries/0/queued_at_ms", huge},
           {"/next_due_at_ms", huge},
           {"/deliveries/0/delivery_uid", ""},
           {"/deliveries/0/delivery_uid", "a\r\nX-Evil: 1"},
           {"/deliveries/0/lease_token", "token"},
           {"/deliveries/0/http_method", "POST"},
           {"/deliveries/0/http_method", "head"},
           {"/deliveries/0/request_body_mode", "form"},
       }) {
    CheckRefused(Good(), {pointer, value}, DecodeClaim);
  }
}

TEST_CASE("decoding a claim answer never throws") { CheckNeverThrows(Good().dump(), DecodeClaim); }

TEST_CASE("a payload of every class of code points comes through byte for byte") {
  for (const char32_t point :
       {U'\u0001', U'\b',     U'\t',     U'\n',     U'\r',         U'\u001F',     U' ',
        U'"',      U'\\',     U'/',      U'\u007F', U'\u0080',     U'\u009F',     U'\u00A0',
        U'\u00FF', U'\u07FF', U'\u0800', U'\u2028', U'\u2029',     U'\uD7FF',     U'\uE000',
        U'\uFEFF', U'\uFFFD', U'\uFFFE', U'\uFFFF', U'\U00010000', U'\U0001F600', U'\U0010FFFF'}) {
    CAPTURE(static_cast<unsigned>(point));
    const std::string payload = "{\"a\":\"" + Utf8(point) + "\"}";
    CHECK(DecodedPayload(payload) == payload);
  }
}

TEST_CASE("random payloads come through byte for byte") {
  constexpr std::uint64_t kSeed = 20260101;
  CAPTURE(kSeed);
  base::SeededRandom random(kSeed);
  for (int run = 0; run < 1000; ++run) {
    std::string payload;
    for (std::uint64_t i = random.Next() % 50; i > 0; --i) {
      auto point = static_cast<char32_t>(random.Next() % 0x110000);
      if (random.Next() % 2 == 0) point %= 0x300;
      if (point == 0 || (point >= 0xD800 && point < 0xE000)) continue;
      payload += Utf8(point);
    }
    CAPTURE(run);
    CHECK(DecodedPayload(payload) == payload);
  }
}

TEST_CASE("a lone surrogate in a claim answer is refused, not repaired") {
  std::string text = Good().dump();
  const std::string payload = R"({\"a\": 1.0})";
  text.replace(text.find(payload), payload.size(), R"(\ud800)");
  CHECK_FALSE(DecodeClaim(text).ok());
}

TEST_CASE("renew and release requests fit their schemas") {
  const std::vector<Lease> leases = {{1, kUid}, {2147483647, kOtherUid}};
  const std::string renew = EncodeRenew(kUid, seconds(120), leases);
  CHECK(SchemaErrors("renew_request", renew) == "");
  CHECK(Json::parse(renew).at("lease_seconds") == 120);
  CHECK(Json::parse(renew).at("leases").at(1) ==
        Json({{"kind", "delivery"}, {"id", 2147483647}, {"lease_token", kOtherUid}}));
  const std::string release = EncodeRelease(kUid, leases);
  CHECK(SchemaErrors("release_request", release) == "");
  CHECK(Json::parse(release).at("leases").at(0) ==
        Json({{"kind", "delivery"}, {"id", 1}, {"lease_token", kUid}}));
  CHECK(SchemaErrors("release_request", EncodeRelease(kUid, {})) == "");
  const std::string event = EncodeRelease(kUid, {{3, kUid, JobKind::kEvent}});
  CHECK(SchemaErrors("release_request", event) == "");
  CHECK(Json::parse(event).at("leases").at(0).at("kind") == "event");
}

TEST_CASE("a renew answer names what is lost") {
  REQUIRE(SchemaErrors("renew_answer", GoodRenew().dump()) == "");
  const auto decoded = DecodeRenew(GoodRenew().dump());
  REQUIRE(decoded.ok());
  REQUIRE(decoded.value().lost.size() == 1);
  CHECK(decoded.value().lost[0].job_id == 42);
  CHECK(decoded.value().lost[0].lease_token == kUid);
  CHECK(decoded.value().lost[0].kind == JobKind::kDelivery);
  Json event = GoodRenew();
  event["lost"][0]["kind"] = "event";
  CHECK(DecodeRenew(event.dump()).value().lost.at(0).kind == JobKind::kEvent);
  CheckRefused(GoodRenew(), {"/lost/0/kind", "probe"}, DecodeRenew);
  CHECK(DecodeRenew(Answer({{"lost", Json::array()}}).dump()).ok());
}

TEST_CASE("a renew answer that is not what the contract says is refused by name") {
  for (const char* member :
       {"/lost", "/lost/0/kind", "/lost/0/id", "/lost/0/lease_token", "/fingerprint"}) {
    CheckRequired(GoodRenew(), member, DecodeRenew);
  }
  CheckMistyped(GoodRenew(), "/lost", kNoLists, DecodeRenew);
  CheckMistyped(GoodRenew(), "/lost/0/id", kNoIntegers, DecodeRenew);
  CheckMistyped(GoodRenew(), "/lost/0/lease_token", kNoTexts, DecodeRenew);
  CheckNeverThrows(GoodRenew().dump(), DecodeRenew);
}

TEST_CASE("a release answer is its envelope") {
  const Json good = Answer({{"released", 2}});
  REQUIRE(SchemaErrors("release_answer", good.dump()) == "");
  const auto decoded = DecodeRelease(good.dump());
  REQUIRE(decoded.ok());
  CHECK(decoded.value().settlement_number == 12345678);
  for (const char* member : kEnvelopeMembers) {
    CheckRequired(good, std::string("/") + member, DecodeRelease);
  }
  CheckNeverThrows(good.dump(), DecodeRelease);
}
