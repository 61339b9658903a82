// SPDX-License-Identifier: LGPL-3.0-or-later
// Whatever a callback does, its call ends with the right error, in time, and the next one works.
#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>

#include "tests/integration/callback/host_fixture.h"

namespace webhook::callback_host {
namespace {

using delivery::CallbackErrorKind;

struct Case {
  const char* callback;
  CallbackErrorKind kind;
  const char* message;
};

void CheckFailure(HostFixture& fixture, const Case& expected,
                  const std::string& context = EventContextOf("{}")) {
  CAPTURE(expected.callback);
  const auto ended = fixture.Run(expected.callback, context);
  CHECK(ErrorOf(ended.result).kind == expected.kind);
  CHECK(ErrorOf(ended.result).message == expected.message);
}

}  // namespace

TEST_CASE("what a callback throws is its error, and its process goes on") {
  HostFixture fixture;
  const pid_t pid = fixture.Pid();
  CheckFailure(fixture, {"test.throw", CallbackErrorKind::kThrew,
                         "the callback test.throw threw: no \\u0001 customer"});
  CheckFailure(fixture,
               {"test.throw_number", CallbackErrorKind::kThrew,
                "the callback test.throw_number threw: something that is no std::exception"});
  CHECK(ErrorOf(fixture.RunEvent("test.bad_path").result).kind == CallbackErrorKind::kThrew);
  CHECK(ErrorOf(fixture.RunEvent("test.operations", "no JSON").result).message ==
        "the callback test.operations threw: the payload has no text or number at customer.name");
  CHECK(fixture.Pid() == pid);
}

TEST_CASE("a process that dies is told by its signal, and replaced") {
  HostFixture fixture;
  const Case cases[] = {
      {"test.segfault", CallbackErrorKind::kCrashed,
       "the process died while it ran the callback test.segfault: signal 11 (Segmentation fault)"},
      {"test.abort", CallbackErrorKind::kCrashed,
       "the process died while it ran the callback test.abort: signal 6 (Aborted)"},
      {"test.overflow", CallbackErrorKind::kCrashed,
       "the process died while it ran the callback test.overflow: signal 11 (Segmentation fault)"},
      {"test.kill_thread", CallbackErrorKind::kCrashed,
       "the process died while it ran the callback test.kill_thread: signal 6 (Aborted)"},
      {"test.exit", CallbackErrorKind::kCrashed,
       "the process died while it ran the callback test.exit: exit code 0"}};
  for (const Case& expected : cases) {
    CheckFailure(fixture, expected);
    CHECK(fixture.RunEvent("test.raw").result.ok());
  }
  bool last_words = false;
  for (const auto& line : fixture.log.Named("callback.output")) {
    last_words = last_words || line.Get("text") == "the last words";
  }
  CHECK(last_words);
}

TEST_CASE("an endless loop ends at the deadline") {
  HostFixture fixture;
  const auto ended = fixture.RunEvent("test.loop", "{}", base::Milliseconds(700));
  CHECK(ErrorOf(ended.result).kind == CallbackErrorKind::kDeadline);
  CHECK(ErrorOf(ended.result).message ==
        "the callback test.loop did not answer within 700 ms and was ended");
  CHECK(ended.after >= base::Milliseconds(700));
  CHECK(ended.after <= base::Milliseconds(1200));  // a few ms late; more where all are busy
  CHECK(fixture.RunEvent("test.raw").result.ok());
}

TEST_CASE("a process that closes everything has crashed, not succeeded") {
  HostFixture fixture;
  const auto ended = fixture.RunEvent("test.close_all");
  CHECK(ErrorOf(ended.result).kind == CallbackErrorKind::kCrashed);
  CHECK(fixture.RunEvent("test.raw").result.ok());
}

TEST_CASE("rubbish instead of an answer is no answer") {
  HostFixture fixture;
  CheckFailure(fixture, {"test.garbage", CallbackErrorKind::kNoAnswer,
                         "the callback test.garbage gave no valid answer: a message of 2021161080 "
                         "bytes; at most 16777216"});
  CHECK(ErrorOf(fixture.RunEvent("test.not_json").result).kind == CallbackErrorKind::kNoAnswer);
  CHECK(ErrorOf(fixture.RunEvent("test.old_reply").result).kind == CallbackErrorKind::kNoAnswer);
  CHECK(fixture.RunEvent("test.raw").result.ok());
}

TEST_CASE("answers that cannot be meant") {
  HostFixture fixture;
  const pid_t pid = fixture.Pid();
  CheckFailure(fixture, {"test.huge_answer", CallbackErrorKind::kNoAnswer,
                         "the callback test.huge_answer gave no valid answer: its answer is too "
                         "long"});
  CheckFailure(fixture, {"test.many_operations", CallbackErrorKind::kNoAnswer,
                         "the callback test.many_operations gave no valid answer: it has 101 "
                         "record operations; at most 100"});
  CheckFailure(fixture, {"test.update_all", CallbackErrorKind::kNoAnswer,
                         "the callback test.update_all gave no valid answer: an operation on "
                         "res.partner has no lookup key"});
  CHECK(ErrorOf(fixture.RunEvent("test.not_utf8").result).kind == CallbackErrorKind::kNoAnswer);
  const std::string delivery = DeliveryContextOf(model::Delivery());
  CheckFailure(fixture,
               {"test.bad_method", CallbackErrorKind::kNoAnswer,
                "the callback test.bad_method gave no valid answer: it left an HTTP method that "
                "cannot be sent: brew"},
               delivery);
  CheckFailure(fixture,
               {"test.done_of_delivery", CallbackErrorKind::kNoAnswer,
                "the callback test.done_of_delivery gave no valid answer: it answered a delivery "
                "with an outcome of events"},
               delivery);
  CHECK(fixture.Pid() == pid);
}

TEST_CASE("a callback that nobody has, and one for the other kind") {
  HostFixture fixture;
  CheckFailure(fixture, {"acme.nothing", CallbackErrorKind::kUnknownCallback,
                         "the callback acme.nothing cannot be called: no library has a callback of "
                         "that name"});
  CheckFailure(fixture,
               {"test.raw", CallbackErrorKind::kUnknownCallback,
                "the callback test.raw cannot be called: the callback test.raw is for events, not "
                "for deliveries"},
               DeliveryContextOf(model::Delivery()));
}

TEST_CASE("a context that is too long is an error, not a hang") {
  HostFixture fixture;
  const auto ended = fixture.RunEvent("test.raw", std::string(16UL * 1024 * 1024, 'x'));
  CHECK(ErrorOf(ended.result).kind == CallbackErrorKind::kNoAnswer);
  const auto fits = fixture.RunEvent("test.raw", std::string(10'000'000, 'x'));
  CHECK(AnswerOf(fits.result).note == "no JSON, 10000000 bytes");
}

TEST_CASE("a process that is killed between two calls is replaced unseen") {
  HostFixture fixture;
  const pid_t pid = fixture.Pid();
  REQUIRE(kill(pid, SIGKILL) == 0);
  siginfo_t state{};
  REQUIRE(waitid(P_PID, static_cast<id_t>(pid), &state, WEXITED | WNOWAIT) == 0);
  CHECK(fixture.Pid() != pid);
}

TEST_CASE("a worker that stops ends the calls under way and those that wait") {
  HostFixture fixture;
  fixture.loop.After(base::Milliseconds(300), [&] { fixture.host->CancelAll(); });
  const auto ended =
      fixture.RunAll({{"test.loop", EventContextOf("{}")}, {"test.raw", EventContextOf("{}")}});
  for (const auto& call : ended) CHECK(ErrorOf(call.result).kind == CallbackErrorKind::kStopping);
  CHECK(fixture.RunEvent("test.raw").result.ok());  // later calls are not canceled
}

TEST_CASE("the host's end ends a call under way; done has been posted") {
  HostFixture fixture;
  std::optional<CallbackErrorKind> kind;
  fixture.loop.Post([&] {
    fixture.host->Run({"test.loop", EventContextOf("{}"), std::chrono::seconds(60)}, {},
                      [&](delivery::CallbackResult result) { kind = ErrorOf(result).kind; });
    fixture.loop.Stop();
  });
  fixture.loop.Run();
  fixture.host.reset();
  fixture.loop.Post([&] { fixture.loop.Stop(); });
  fixture.loop.Run();
  CHECK(kind == CallbackErrorKind::kStopping);
}

}  // namespace webhook::callback_host
