// SPDX-License-Identifier: LGPL-3.0-or-later
// Questions of a callback to Odoo.
#include <doctest/doctest.h>

#include "tests/integration/callback/host_fixture.h"

namespace webhook::callback_host {

TEST_CASE("questions have the contract's members, and answers come back") {
  HostFixture fixture;
  std::vector<std::string> questions;
  fixture.read_as = [&](std::string question, std::function<void(std::string)> answer) {
    questions.push_back(question);
    const auto parsed = model::ParseJson(question);
    const std::string operation = *parsed.value().Find("operation")->text();
    if (operation == "search") return answer(R"({"records": [3, 4]})");
    if (operation == "search_count") return answer(R"({"records": 17})");
    answer(R"({"records": [{"id": 3, "name": "Ada"}]})");
  };
  CHECK(AnswerOf(fixture.RunEvent("test.read").result).note == "2 of 17: Ada, 1");
  CHECK(questions ==
        std::vector<std::string>{
            R"({"model":"res.partner","operation":"search","domain":[["ref","=","A"],)"
            R"(["active","=",true]],"order":"name","limit":5})",
            R"({"model":"res.partner","operation":"search_count","domain":[]})",
            R"({"model":"res.partner","operation":"read","record_ids":[3,4],"fields":["name"]})",
            R"({"model":"res.partner","operation":"search_read","domain":[],"fields":["name"]})"});
}

TEST_CASE("a refusal of Odoo, and an answer that makes no sense, are errors of the question") {
  HostFixture fixture;
  fixture.read_as = [](std::string, auto answer) { answer(R"({"error": "no access"})"); };
  CHECK(AnswerOf(fixture.RunEvent("test.read").result).note == "no access");
  for (const char* reply : {"", "nonsense", "{}", R"({"records": 5})", R"({"records": ["a"]})"}) {
    CAPTURE(reply);
    fixture.read_as = [&](std::string, auto answer) { answer(reply); };
    CHECK(AnswerOf(fixture.RunEvent("test.read").result).note ==
          "the answer to a question to Odoo makes no sense");
  }
  fixture.read_as = [](std::string, auto answer) { answer(std::string(17'000'000, ' ')); };
  CHECK(AnswerOf(fixture.RunEvent("test.read").result).note == "the answer is too long");
}

TEST_CASE("a question without an answer leaves the callback time for a last word") {
  HostFixture fixture;
  std::function<void(std::string)> late;
  fixture.read_as = [&](std::string, auto answer) { late = answer; };
  const auto ended = fixture.RunEvent("test.read", "{}", base::Milliseconds(1000));
  CHECK(AnswerOf(ended.result).note == "the callback's time is over");
  // The answer that comes after all reaches nobody, and not the next call either.
  const auto first = std::exchange(late, nullptr);
  fixture.read_as = [&, first](std::string, auto answer) {
    first(R"({"records": [1]})");
    answer(R"({"error": "for the second"})");
  };
  CHECK(AnswerOf(fixture.RunEvent("test.read").result).note == "for the second");
}

}  // namespace webhook::callback_host
