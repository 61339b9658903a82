// SPDX-License-Identifier: LGPL-3.0-or-later
#include "rpc/embedded/shapes.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>

namespace webhook::embedded {
namespace {

using nlohmann::json;

const json kLease = {
    {"kind", "delivery"}, {"id", 1}, {"lease_token", "00000000-0000-7000-8000-000000000002"}};

json With(const char* key, const json& value) {
  json changed = kLease;
  changed[key] = value;
  return changed;
}

TEST_CASE("what fits has no misfit") {
  const Shapes shapes;
  CHECK(shapes.Misfit("lease", kLease) == "");
  CHECK(shapes.Misfit("renew_request", {{"worker_uid", kLease["lease_token"]},
                                        {"lease_seconds", 3600},
                                        {"leases", {kLease, kLease}},
                                        {"options", {{"any", nullptr}}}}) == "");
}

TEST_CASE("every keyword of the schemas refuses, and says where") {
  const Shapes shapes;
  const auto misfit = [&](const json& value) { return shapes.Misfit("lease", value); };
  CHECK(misfit(json::array()) == "request is not of type object");
  CHECK(misfit(json::object()) == "request lacks \"kind\"");
  CHECK(misfit(With("kind", "job")) == "request/kind is not one of [\"delivery\",\"event\"]");
  CHECK(misfit(With("id", "1")) == "request/id is not of type integer");
  CHECK(misfit(With("id", true)) == "request/id is not of type integer");
  CHECK(misfit(With("id", 1.5)) == "request/id is not of type integer");
  CHECK(misfit(With("id", 0)) == "request/id does not keep minimum 1");
  CHECK(misfit(With("id", 2147483648)) == "request/id does not keep maximum 2147483647");
  CHECK(misfit(With("id", std::uint64_t{1} << 63U)) ==
        "request/id does not keep maximum 2147483647");
  CHECK(misfit(With("lease_token", std::string(36, 'A'))).find("does not match") !=
        std::string::npos);
  CHECK(misfit(With("more", 1)) == "request has an unknown key \"more\"");
}

TEST_CASE("lengths count characters, and lists their items") {
  const Shapes shapes;
  json item = {{"record", {{"model", "m"}, {"id", 1}}}, {"severity", "error"}, {"message", ""}};
  const auto misfit = [&](const json& findings) {
    return shapes.Misfit("report_findings_request", {{"worker_uid", kLease["lease_token"]},
                                                     {"configuration_revision", 0},
                                                     {"findings", findings},
                                                     {"needs", json::array()}});
  };
  std::string umlauts;
  for (int i = 0; i < 2000; ++i) umlauts += "ü";
  item["message"] = umlauts;
  CHECK(misfit(json::array({item})) == "");
  item["message"] = umlauts + "ü";
  CHECK(misfit(json::array({item})) == "request/findings/0/message does not keep maxLength 2000");
  CHECK(misfit(json(1001, item)) == "request/findings does not keep maxItems 1000");
}

TEST_CASE("a very long text never reaches the pattern") {
  const Shapes shapes;
  CHECK(shapes.Misfit("uuid", std::string(1'000'000, 'a')).find("does not match") !=
        std::string::npos);
}

TEST_CASE("base64 fits its pattern, however long it is") {
  const Shapes shapes;
  for (const std::string text : {"", "QUJD", "+/A=", "QQ==", "QUJDR"}) {
    CHECK(shapes.Misfit("base64", text) == "");
  }
  CHECK(shapes.Misfit("base64", std::string(1'000'000, 'A')) == "");
  for (const std::string text : {"QUJD===", "QU=D", "QU JD", "QUJD\n", "-_", "=A"}) {
    CHECK(shapes.Misfit("base64", text).find("does not match") != std::string::npos);
  }
}

TEST_CASE("escapes that stand for no text become visible") {
  CHECK(WithVisibleEscapes(R"("\u0000")") == R"("\\u0000")");
  CHECK(WithVisibleEscapes(R"("\ud800")") == R"("\\ud800")");
  CHECK(WithVisibleEscapes(R"("\udc00\ud800")") == R"("\\udc00\\ud800")");
  CHECK(WithVisibleEscapes(R"("\ud800\ud83d\ude00")") == R"("\\ud800\ud83d\ude00")");
}

TEST_CASE("all other text is left alone") {
  for (const std::string text :
       {R"("\ud83d\ude00")", R"("\\u0000")", R"("\\\\ud800")", R"("\u0001\n\"")", R"("\u00)",
        R"("\u00zz")", R"(\)", R"({"a": [1, null]})", ""}) {
    CHECK(WithVisibleEscapes(text) == text);
  }
  CHECK(WithVisibleEscapes(R"("\\\u0000")") == R"("\\\\u0000")");
}

}  // namespace
}  // namespace webhook::embedded
