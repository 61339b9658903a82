// SPDX-License-Identifier: LGPL-3.0-or-later
// Several calls at once, each in a process of its own.
#include <doctest/doctest.h>

#include <algorithm>

#include "tests/integration/callback/host_fixture.h"

namespace webhook::callback_host {
namespace {

HostOptions TwoProcesses(const fakes::TemporaryDirectory& folder) {
  return HostFixture::Options({CopiedLibrary(folder)}, 2);
}

}  // namespace

TEST_CASE("two calls that wait for each other run at the same time") {
  fakes::TemporaryDirectory folder;
  HostFixture fixture(TwoProcesses(folder));
  const std::string one =
      R"({"make": ")" + folder.File("one") + R"(", "until": ")" + folder.File("two") + R"("})";
  const std::string two =
      R"({"make": ")" + folder.File("two") + R"(", "until": ")" + folder.File("one") + R"("})";
  const auto ended =
      fixture.RunAll({{"test.meet", EventContextOf(one)}, {"test.meet", EventContextOf(two)}});
  for (const auto& call : ended) CHECK(call.result.ok());
}

TEST_CASE("one that loops and one that crashes harm only themselves") {
  fakes::TemporaryDirectory folder;
  HostFixture fixture(TwoProcesses(folder));
  const std::string context = EventContextOf("{}");
  std::vector<HostFixture::Wanted> calls = {{"test.loop", context, base::Milliseconds(1500)},
                                            {"test.segfault", context}};
  for (int i = 0; i < 20; ++i) calls.push_back({"test.raw", context});
  const auto ended = fixture.RunAll(calls);
  CHECK(std::count_if(ended.begin(), ended.end(),
                      [](const auto& call) { return call.result.ok(); }) == 20);
  CHECK(ended.back().callback == "test.loop");
  CHECK(ErrorOf(ended.back().result).kind == delivery::CallbackErrorKind::kDeadline);
}

TEST_CASE("a call that finds no process free within its deadline says so") {
  HostFixture fixture;
  const std::string context = EventContextOf("{}");
  const auto ended = fixture.RunAll({{"test.loop", context, base::Milliseconds(1500)},
                                     {"test.raw", context, base::Milliseconds(300)}});
  CHECK(ended[0].callback == "test.raw");
  CHECK(ErrorOf(ended[0].result).kind == delivery::CallbackErrorKind::kBusy);
  CHECK(ErrorOf(ended[0].result).message ==
        "the callback test.raw was not called, because no process was free within 300 ms "
        "(callbacks.processes_max)");
  CHECK(ErrorOf(ended[1].result).kind == delivery::CallbackErrorKind::kDeadline);
}

TEST_CASE("crashes in a row make the slot pause, a success ends that") {
  HostFixture fixture;
  const auto crash = [&] { return fixture.RunEvent("test.segfault").after; };
  crash();
  crash();
  crash();
  const auto fourth = crash();  // after 100, 200 and 400 ms
  CHECK(fourth >= base::Milliseconds(400));
  CHECK(fixture.RunEvent("test.raw").result.ok());
  CHECK(fixture.RunEvent("test.raw").after < base::Milliseconds(800));  // the pause it would be
}

TEST_CASE("a thousand calls in a row through one process") {
  HostFixture fixture;
  const pid_t pid = fixture.Pid();
  std::vector<HostFixture::Wanted> calls(1000, {"test.raw", EventContextOf("{}")});
  for (const auto& call : fixture.RunAll(calls)) CHECK(call.result.ok());
  CHECK(fixture.Pid() == pid);
}

}  // namespace webhook::callback_host
