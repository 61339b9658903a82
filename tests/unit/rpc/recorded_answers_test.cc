// SPDX-License-Identifier: LGPL-3.0-or-later
// What a real Odoo 19 (golden/record.py) and proxies answered, decoded by the three protocols.
#include <doctest/doctest.h>

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "rpc/json2.h"
#include "rpc/jsonrpc.h"
#include "rpc/xmlrpc.h"
#include "tests/unit/rpc/golden.h"

namespace webhook::rpc {
namespace {

constexpr const char* kAnswer = R"(text: {"echo": "{}"})";

struct Expectation {
  const char* json2;
  const char* jsonrpc;
  const char* xmlrpc;
};

// nullptr: not recorded for this protocol. Where the columns differ, the protocol does not say it.
const std::map<std::string, Expectation> kExpectations = {
    {"answer", {kAnswer, kAnswer, kAnswer}},
    {"version", {"NotOdoo", "version 19.0", "version 19.0"}},
    {"web_version", {"NotOdoo", nullptr, nullptr}},
    {"login", {nullptr, "5", "5"}},
    {"login_bad_key", {nullptr, "false", "false"}},
    {"login_unknown_database", {nullptr, "DatabaseMissing", "DatabaseMissing"}},
    {"bad_key", {"KeyRefused", "KeyRefused", "KeyRefused"}},
    {"no_key", {"KeyRefused", "KeyRefused", "KeyRefused"}},
    {"unknown_user", {nullptr, "Rejected", "Rejected"}},
    {"unknown_database", {"DatabaseMissing", "DatabaseMissing", "DatabaseMissing"}},
    {"unknown_model", {"AddonMissing", "AddonMissing", "AddonMissing"}},
    {"unknown_method", {"AddonMissing", "AddonMissing", "AddonMissing"}},
    {"private_method", {"AccessDenied", "AccessDenied", "AccessDenied"}},
    {"wrong_keyword", {"Rejected", "Unknown", "Unknown"}},
    {"unknown_path", {"AddonMissing", nullptr, nullptr}},
    {"bad_json", {"Rejected", nullptr, nullptr}},
    {"bad_body", {nullptr, "Rejected", "Unknown"}},
    {"fail_user", {"Rejected", "Rejected", "Rejected"}},
    {"fail_multiline", {"Rejected", "Rejected", "Rejected"}},
    {"fail_validation", {"Rejected", "Rejected", "Rejected"}},
    {"fail_missing", {"Rejected", "Rejected", "Rejected"}},
    {"fail_access", {"AccessDenied", "AccessDenied", "AccessDenied"}},
    {"fail_denied", {"KeyRefused", "KeyRefused", "KeyRefused"}},
    {"fail_zero", {"Unknown", "Unknown", "Unknown"}},
    {"fail_attribute", {"Unknown", "Unknown", "Unknown"}},
    {"fail_typeerror", {"Unknown", "Unknown", "Unknown"}},
    {"fail_fake_traceback", {"Unknown", "Unknown", "Unknown"}},
    // Odoo's own retrying turns our artificial one into a KeyError without a model.
    {"fail_serialization", {"Unknown", "Unknown", "Unknown"}},
    {"fail_shutdown", {"Unknown", "Unknown", "Unknown"}},
    {"fail_keyerror", {"Busy", "Busy", "Busy"}},
    {"fail_column", {"Busy", "Busy", "Busy"}},
    {"fail_table", {"Busy", "Busy", "Busy"}},
    {"fail_pool", {"Busy", "Busy", "Busy"}},
    {"fail_lock", {"Busy", "Busy", "Rejected"}},
    {"fail_none", {"NotOdoo", "other", "Unknown"}},
    {"fail_number", {"NotOdoo", "5", "5"}},
    {"fail_object", {"NotOdoo", "other", "other"}},
};

const std::map<std::string, Expectation> kProxyExpectations = {
    {"nginx_401", {"KeyRefused", "KeyRefused", "KeyRefused"}},
    {"nginx_403", {"NotOdoo", "NotOdoo", "NotOdoo"}},
    {"nginx_404", {"NotOdoo", "NotOdoo", "NotOdoo"}},
    {"nginx_413", {"Rejected", "Rejected", "Rejected"}},
    {"nginx_429", {"Busy", "Busy", "Busy"}},
    {"nginx_502", {"Unknown", "Unknown", "Unknown"}},
    {"nginx_503", {"Busy", "Busy", "Busy"}},
    {"nginx_504", {"Unknown", "Unknown", "Unknown"}},
    {"redirect", {"NotOdoo", "NotOdoo", "NotOdoo"}},
    {"html_200", {"NotOdoo", "NotOdoo", "NotOdoo"}},
    {"empty_200", {"Unknown", "Unknown", "Unknown"}},
    {"empty_500", {"Unknown", "Unknown", "Unknown"}},
};

CallContext ContextOf(std::string_view name) {
  CallContext call{"rec", "bwt.webhook.worker", "fail"};
  if (name.ends_with("unknown_database")) call.database = "no_such_database";
  if (name == "unknown_model") call.model = "bwt.webhook.nonsense";
  if (name == "unknown_method") call.method = "nonsense";
  return call;
}

void CheckDetail(const delivery::RpcFault& fault) {
  CAPTURE(fault.detail);
  CHECK_FALSE(fault.detail.empty());
  CHECK(fault.detail.size() <= 500);
  CHECK(fault.detail.find('\n') == std::string::npos);
  CHECK(fault.detail.find("File \"") == std::string::npos);
}

std::string Decoded(const ServiceCodec& codec, const HttpAnswer& answer, const CallContext& call) {
  const auto value = codec.Decode(answer, call);
  if (!value.ok()) {
    CheckDetail(value.error());
    return KindName(value.error().kind);
  }
  return std::visit(base::Overloaded{
                        [](const OtherValue&) { return std::string("other"); },
                        [](bool flag) { return std::string(flag ? "true" : "false"); },
                        [](std::int64_t number) { return std::to_string(number); },
                        [](const std::string& text) { return "text: " + text; },
                        [](const ServerVersion& version) { return "version " + version.text; },
                    },
                    value.value());
}

std::string DecodedJson2(const HttpAnswer& answer, const CallContext& call) {
  const auto reply = DecodeJson2(answer, call);
  if (!reply.ok()) CheckDetail(reply.error());
  return Summary(reply);
}

void CheckAll(const std::map<std::string, HttpAnswer>& answers,
              const std::map<std::string, Expectation>& expectations,
              const char* Expectation::*column,
              const std::function<std::string(const HttpAnswer&, const CallContext&)>& decode) {
  std::size_t expected = 0;
  for (const auto& entry : expectations) {
    const std::string& name = entry.first;
    const char* const wanted = entry.second.*column;
    if (wanted == nullptr) continue;
    ++expected;
    CAPTURE(name);
    REQUIRE(answers.contains(name));
    CHECK(decode(answers.at(name), ContextOf(name)) == wanted);
  }
  CHECK(answers.size() == expected);  // every recording is expected
}

TEST_CASE("JSON-2 answers of a real Odoo") {
  CheckAll(LoadGolden("json2"), kExpectations, &Expectation::json2, DecodedJson2);
  CheckAll(LoadGolden("proxy"), kProxyExpectations, &Expectation::json2, DecodedJson2);
}

TEST_CASE("JSON-RPC answers of a real Odoo") {
  const JsonRpc codec;
  const auto decode = [&](const auto& answer, const auto& call) {
    return Decoded(codec, answer, call);
  };
  CheckAll(LoadGolden("jsonrpc"), kExpectations, &Expectation::jsonrpc, decode);
  CheckAll(LoadGolden("proxy"), kProxyExpectations, &Expectation::jsonrpc, decode);
}

TEST_CASE("XML-RPC answers of a real Odoo") {
  const XmlRpc codec;
  const auto decode = [&](const auto& answer, const auto& call) {
    return Decoded(codec, answer, call);
  };
  CheckAll(LoadGolden("xmlrpc"), kExpectations, &Expectation::xmlrpc, decode);
  CheckAll(LoadGolden("proxy"), kProxyExpectations, &Expectation::xmlrpc, decode);
}

TEST_CASE("a good answer cut off anywhere is unknown, never an answer") {
  const auto json2 = LoadGolden("json2").at("answer");
  const auto jsonrpc = LoadGolden("jsonrpc").at("answer");
  const auto xmlrpc = LoadGolden("xmlrpc").at("answer");
  const auto cut_everywhere = [](HttpAnswer answer, const auto& decode) {
    std::string body = answer.body;
    while (body.ends_with('\n')) body.pop_back();
    for (std::size_t size = 0; size < body.size(); ++size) {
      answer.body = body.substr(0, size);
      CAPTURE(answer.body);
      CHECK(decode(answer, ContextOf("")) == "Unknown");
    }
  };
  cut_everywhere(json2, DecodedJson2);
  cut_everywhere(jsonrpc, [](const auto& answer, const auto& call) {
    return Decoded(JsonRpc(), answer, call);
  });
  cut_everywhere(
      xmlrpc, [](const auto& answer, const auto& call) { return Decoded(XmlRpc(), answer, call); });
}

}  // namespace
}  // namespace webhook::rpc
