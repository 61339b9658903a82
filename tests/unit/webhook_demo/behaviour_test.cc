// SPDX-License-Identifier: LGPL-3.0-or-later
#include "app/webhook_demo/receiver/behaviour.h"

#include <doctest/doctest.h>

#include <map>
#include <string>

namespace webhook::demo {
namespace {

Answer Of(const std::string& path, const std::string& body = "") {
  HttpRequest request;
  request.path = path;
  request.body = body;
  return Behave(request, 1, {});
}

bool SameAs(const Answer& left, const Answer& right) {
  return left.ending == right.ending && left.status == right.status && left.delay == right.delay;
}

TEST_CASE("the path says what happens") {
  CHECK(Of("/healthy").status == 200);
  CHECK(Of("/dead").status == 500);
  CHECK(Of("/gone").status == 410);
  CHECK(Of("/refusing").status == 422);
  CHECK(Of("/nowhere").status == 404);
  CHECK(Of("/hang").ending == Ending::kNever);
  CHECK(Of("/echo", "abc").body == "abc");
  CHECK(Of("/slow/250").delay == base::Milliseconds(250));
  CHECK(Of("/slow/250").status == 200);
  CHECK(Of("/slow/x").status == 404);
  CHECK(Of("/slow/-1").status == 404);
  CHECK(Of("/slow/99999999999").delay == kSlowReplyMax);
}

TEST_CASE("/bytes has what no text column holds") {
  const std::string body = Of("/bytes").body;
  CHECK(body.find('\0') != std::string::npos);
  CHECK(body.find("\\ud800") != std::string::npos);
  CHECK(body.find('\xff') != std::string::npos);
}

TEST_CASE("flaky: the same again, of all kinds, and well in the end") {
  std::map<std::string, int> kinds;
  for (int i = 0; i < 2000; ++i) {
    const std::string id = "id-" + std::to_string(i);
    for (int number = 1; number <= 3; ++number) {
      const Answer answer = Flaky(id, number, {});
      CHECK(SameAs(answer, Flaky(id, number, {})));
      if (number == 3) CHECK((answer.status == 200 && answer.ending == Ending::kReply));
      if (number > 1) continue;
      if (answer.status == 503) CHECK(answer.retry_after_seconds == 1);
      if (answer.status == 503) ++kinds["503"];
      if (answer.ending == Ending::kReset) ++kinds["reset"];
      if (answer.ending == Ending::kResetMidway) ++kinds["midway"];
      if (answer.delay == kSlowReply) ++kinds["slow"];
    }
  }
  CHECK(kinds["503"] == doctest::Approx(500).epsilon(0.15));
  CHECK(kinds["reset"] == doctest::Approx(250).epsilon(0.2));
  CHECK(kinds["midway"] == doctest::Approx(125).epsilon(0.3));
  CHECK(kinds["slow"] == doctest::Approx(56).epsilon(0.4));
}

TEST_CASE("flaky: another seed is another history") {
  int different = 0;
  for (int i = 0; i < 200; ++i) {
    const std::string id = "id-" + std::to_string(i);
    if (!SameAs(Flaky(id, 1, {.seed = 1}), Flaky(id, 1, {.seed = 2}))) ++different;
  }
  CHECK(different > 50);
}

}  // namespace
}  // namespace webhook::demo
