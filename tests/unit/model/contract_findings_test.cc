// SPDX-License-Identifier: LGPL-3.0-or-later
#include <doctest/doctest.h>

#include "lib/model/contract.h"
#include "tests/unit/model/answers.h"

using namespace webhook::model;
using Json = nlohmann::json;

namespace {

Json Report(const std::vector<Finding>& findings, const std::vector<HandlerNeeds>& needs) {
  const std::string text = EncodeReportFindings(kUid, 7, findings, needs);
  CHECK(IsAscii(text));
  CHECK(SchemaErrors("report_findings_request", text) == "");
  return Json::parse(text);
}

Json AnswerOf(const ProbeAnswer& answer) {
  const std::string text = EncodeAnswerProbe(kUid, kOtherUid, answer);
  CHECK(IsAscii(text));
  CHECK(SchemaErrors("answer_probe_request", text) == "");
  return Json::parse(text).at("answer");
}

}  // namespace

TEST_CASE("a report says what was found where, and what handlers read") {
  const Json json = Report({{"bwt.webhook.handler", 2, "rule_ids", true, "no such filter"},
                            {"bwt.webhook.inbound.endpoint", 3, "", false, "odd"}},
                           {{2, {"event_field:topic", "record_field:partner_id.email"}}, {3, {}}});
  CHECK(json.at("worker_uid") == kUid);
  CHECK(json.at("configuration_revision") == 7);
  CHECK(json.at("findings") == Json::parse(R"([
    {"record": {"model": "bwt.webhook.handler", "id": 2}, "field": "rule_ids",
     "severity": "error", "message": "no such filter"},
    {"record": {"model": "bwt.webhook.inbound.endpoint", "id": 3}, "severity": "warning",
     "message": "odd"}])"));
  CHECK(json.at("needs") == Json::parse(R"([
    {"handler_id": 2, "expressions": ["event_field:topic", "record_field:partner_id.email"]},
    {"handler_id": 3, "expressions": []}])"));
}

TEST_CASE("what would make Odoo refuse the whole report is cut or left out") {
  const Finding odd{std::string(200, 'm'), 1, std::string(200, 'f'), true,
                    std::string(3000, '\xFF')};
  const Json cut = Report({odd, {"m", 0, "", true, "of no record"}}, {});
  REQUIRE(cut.at("findings").size() == 1);
  CHECK(cut.at("findings")[0].at("record").at("model") == std::string(128, 'm'));
  const std::vector<std::string> unfit = {"payload_path:a",
                                          "event_field:",
                                          "event_field:\n",
                                          "EVENT_FIELD:a",
                                          "",
                                          "event_field:" + std::string(300, 'x')};
  CHECK(Report({}, {{1, unfit}, {0, {}}}).at("needs") ==
        Json::parse(R"([{"handler_id": 1, "expressions": []}])"));
  CHECK(Report(std::vector<Finding>(1001, odd), {}).at("findings").size() == 1000);
  const HandlerNeeds many{1, std::vector<std::string>(501, "event_field:a")};
  CHECK(Report({}, {many}).at("needs")[0].at("expressions").size() == 500);
}

TEST_CASE("a report says what endpoints read, and of an event they read nothing") {
  const std::string text = EncodeReportFindings(
      kUid, 7, {}, {},
      {{5, {"record_field:name", "endpoint_field:code", "event_field:topic", "payload_path:a"}},
       {0, {"record_field:name"}},
       {6, {}}});
  CHECK(SchemaErrors("report_findings_request", text) == "");
  CHECK(Json::parse(text).at("endpoint_needs") == Json::parse(R"([
    {"endpoint_id": 5, "expressions": ["record_field:name", "endpoint_field:code"]},
    {"endpoint_id": 6, "expressions": []}])"));
  CHECK_FALSE(Report({}, {}).contains("endpoint_needs"));
  const EndpointNeeds many{1, std::vector<std::string>(501, "record_field:a")};
  const std::string most =
      EncodeReportFindings(kUid, 7, {}, {}, std::vector<EndpointNeeds>(10001, many));
  CHECK(Json::parse(most).at("endpoint_needs").size() == 10000);
  CHECK(Json::parse(most).at("endpoint_needs")[0].at("expressions").size() == 500);
}

TEST_CASE("an answer to a probe says what each sample came to") {
  ProbeResult bare;
  bare.name = "b";
  bare.action = "none";
  CHECK(AnswerOf({"1 of 2 change", {{"a", "done", 5, "Done", true, "m", "{}"}, bare}}) ==
        Json::parse(R"({"summary": "1 of 2 change", "results": [
          {"name": "a", "action": "done", "rule_id": 5, "rule_name": "Done", "changed": true,
           "message": "m", "trace": "{}"},
          {"name": "b", "action": "none", "changed": false}]})"));
}

TEST_CASE("an answer to a send test brings what was sent and answered") {
  Attempt attempt;
  attempt.attempt_uid = kOtherUid;
  attempt.duration = webhook::base::Milliseconds(12);
  attempt.http_method = "put";
  attempt.target_url = "https://example.com/" + std::string(5000, 'x');
  attempt.request_headers = {{"webhook-test", "1"}};
  attempt.request_body = "{}";
  attempt.response_status_code = 503;
  attempt.response_headers = {{"Retry-After", "5"}};
  attempt.response_body = std::string("b\x00\xFF", 3);
  ProbeResult result;
  result.name = "shop";
  result.action = "retry";
  result.attempt = attempt;
  const Json told = AnswerOf({"503", {result}}).at("results").at(0).at("attempt");
  CHECK(told.at("http_method") == "put");
  CHECK(told.at("request_headers") == Json({{"webhook-test", "1"}}));
  CHECK(told.at("response_status_code") == 503);
  CHECK(told.at("duration_ms") == 12);
  CHECK(told.at("target_url").get<std::string>().size() == 4096);
  CHECK_FALSE(told.contains("error_kind"));
  result.attempt = std::nullopt;
  CHECK_FALSE(AnswerOf({"", {result}}).at("results").at(0).contains("attempt"));
}

TEST_CASE("an answer to a probe is cut to what the schema allows") {
  ProbeResult result{"\xFF",
                     std::string(100, 'a'),
                     -1,
                     "r",
                     false,
                     std::string(20000, '\x01'),
                     std::string(30000, 't')};
  const Json json = AnswerOf({std::string(3000, 's'), std::vector<ProbeResult>(1001, result)});
  CHECK(json.at("summary") == std::string(2000, 's'));
  CHECK(json.at("results").size() == 1000);
  CHECK(json.at("results")[0].at("trace") == std::string(20000, 't'));
}

TEST_CASE("the answers say whether it was accepted") {
  for (const auto& decode : {DecodeReportFindings, DecodeAnswerProbe}) {
    const Json good = Answer({{"accepted", true}});
    REQUIRE(SchemaErrors("answer_probe_answer", good.dump()) == "");
    REQUIRE(SchemaErrors("report_findings_answer", good.dump()) == "");
    CHECK(decode(good.dump()).value().accepted);
    CHECK(decode(good.dump()).value().envelope.configuration_revision == 7);
    CHECK_FALSE(decode(Answer({{"accepted", false}}).dump()).value().accepted);
    for (const char* member : kEnvelopeMembers) {
      CheckRequired(good, std::string("/") + member, decode);
    }
    CheckRequired(good, "/accepted", decode);
    CheckMistyped(good, "/accepted", kNoFlags, decode);
    CheckNeverThrows(good.dump(), decode);
  }
}
