// SPDX-License-Identifier: LGPL-3.0-or-later
#include "tests/integration/callback/host_fixture.h"

#include <doctest/doctest.h>

#include <filesystem>

namespace webhook::callback_host {

std::string CopiedLibrary(const fakes::TemporaryDirectory& folder, const std::string& name) {
  const std::string copy = folder.File(name);
  std::filesystem::copy_file(WEBHOOK_LIBRARIES + name, copy);
  std::filesystem::permissions(copy, std::filesystem::perms(0755));
  return copy;
}

HostFixture::HostFixture() {
  host = std::make_unique<CallbackHost>(Options({CopiedLibrary(folder)}), clock, loop, log);
}

HostFixture::HostFixture(HostOptions options) {
  host = std::make_unique<CallbackHost>(std::move(options), clock, loop, log);
}

HostOptions HostFixture::Options(std::vector<std::string> libraries, std::size_t processes_max) {
  HostOptions options;
  options.program = WEBHOOK_CHILD;
  options.libraries = std::move(libraries);
  options.processes_max = processes_max;
  return options;
}

HostFixture::Ended HostFixture::Run(const std::string& callback, const std::string& context,
                                    base::Milliseconds deadline) {
  const base::SteadyTime begun = clock.SteadyNow();
  std::vector<Named> ended = RunAll({{callback, context, deadline}});
  return {std::move(ended.front().result), clock.SteadyNow() - begun};
}

HostFixture::Ended HostFixture::RunEvent(const std::string& callback, const std::string& body,
                                         base::Milliseconds deadline) {
  return Run(callback, EventContextOf(body), deadline);
}

std::vector<HostFixture::Named> HostFixture::RunAll(const std::vector<Wanted>& calls) {
  std::vector<Named> ended;
  loop.Post([&] {
    for (const Wanted& wanted : calls) {
      const delivery::ReadAsFunction ask = [this](std::string question, auto answer) {
        if (read_as) return read_as(std::move(question), std::move(answer));
        answer(R"({"error": "nobody to ask"})");
      };
      host->Run({wanted.callback, wanted.context, wanted.deadline}, ask,
                [&, name = wanted.callback](delivery::CallbackResult result) {
                  ended.push_back({name, std::move(result)});
                  if (ended.size() == calls.size()) loop.Stop();
                });
    }
    CHECK(ended.empty());  // never inside Run
  });
  loop.Run();
  REQUIRE(ended.size() == calls.size());
  return ended;
}

pid_t HostFixture::Pid() { return std::stoi(AnswerOf(RunEvent("test.pid").result).note); }

std::string EventContextOf(const std::string& body) {
  model::Event event;
  event.id = 12;
  event.event_uid = "0192f0c1-0000-7000-8000-000000000001";
  event.attempt_count = 2;
  event.body = body;
  event.headers = {{"x-topic", "orders"}};
  event.query = {{"q", "1"}};
  event.semantics = {{"topic", "paid"}};
  event.resolved_values = R"({"number": "A-1"})";
  event.field_values = R"({"event_field:name": "EV/1"})";
  return callback::EncodeContext(callback::FactsOf(event, {"in-path", "handler-code"}));
}

std::string DeliveryContextOf(const model::Delivery& delivery) {
  return callback::EncodeContext(callback::FactsOf(delivery, "/orders", {"shop", "code"}));
}

const delivery::CallbackAnswer& AnswerOf(const delivery::CallbackResult& result) {
  if (!result.ok()) FAIL(result.error().message);
  return result.value();
}

const delivery::CallbackError& ErrorOf(const delivery::CallbackResult& result) {
  REQUIRE_FALSE(result.ok());
  return result.error();
}

}  // namespace webhook::callback_host
