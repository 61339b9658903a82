// SPDX-License-Identifier: LGPL-3.0-or-later
// What callbacks are given and what comes of their answers.
#include <doctest/doctest.h>

#include "tests/integration/callback/host_fixture.h"

namespace webhook::callback_host {
namespace {

model::Delivery SampleDelivery() {
  model::Delivery delivery;
  delivery.id = 5;
  delivery.http_method = "post";
  delivery.request_headers = {{"X-Signed-By", "nobody"}, {"X-Other", "1"}};
  delivery.payload = R"({"a":1})";
  delivery.context_values = R"({"extra": "more"})";
  return delivery;
}

}  // namespace

TEST_CASE("a callback's record operations arrive as it built them") {
  HostFixture fixture;
  const auto ended =
      fixture.RunEvent("test.operations", R"({"customer": {"ref": "A", "name": "Zoë"}})");
  const delivery::CallbackAnswer& answer = AnswerOf(ended.result);
  CHECK(std::holds_alternative<delivery::CallbackDone>(answer.outcome));
  CHECK(answer.note == "paid by Zoë");
  REQUIRE(answer.operations.size() == 2);
  const model::RecordOperation& upsert = answer.operations[0];
  CHECK(upsert.kind == model::OperationKind::kUpsert);
  CHECK(upsert.model == "res.partner");
  REQUIRE(upsert.lookup.size() == 1);
  CHECK(upsert.lookup[0].field == "ref");
  CHECK(*upsert.lookup[0].value.text() == "A");
  CHECK(model::DumpJson(upsert.values) ==
        R"({"name":"Zoë","active":true,"color":7,"country_id":{"external_id":"base.us"}})");
  CHECK(upsert.on_many == model::LookupPolicy::kFirst);
  CHECK(upsert.on_none == model::LookupPolicy::kError);
  CHECK(answer.operations[1].kind == model::OperationKind::kCreate);
}

TEST_CASE("all that is known of an event is there, and a retry keeps its time") {
  HostFixture fixture;
  const auto ended = fixture.RunEvent("test.facts", R"({"amount": 1.10})");
  const delivery::CallbackAnswer& answer = AnswerOf(ended.result);
  CHECK(answer.note ==
        "test.facts 0192f0c1-0000-7000-8000-000000000001 in-path handler-code 3 orders 1 paid A-1 "
        "EV/1 1.10 12 in time");
  REQUIRE(std::holds_alternative<delivery::CallbackRetry>(answer.outcome));
  CHECK(std::get<delivery::CallbackRetry>(answer.outcome).after == std::chrono::seconds(90));
}

TEST_CASE("a body that is no JSON and no text arrives byte for byte") {
  HostFixture fixture;
  const auto ended = fixture.RunEvent("test.raw", std::string("\xFF\x00\xFE", 3));
  CHECK(AnswerOf(ended.result).note == "no JSON, 3 bytes");
  CHECK(std::holds_alternative<delivery::CallbackDeadLetter>(AnswerOf(ended.result).outcome));
}

TEST_CASE("a delivery is sent as the callback leaves it") {
  HostFixture fixture;
  const auto ended = fixture.Run("test.change", DeliveryContextOf(SampleDelivery()));
  const auto* send = std::get_if<delivery::CallbackSend>(&AnswerOf(ended.result).outcome);
  REQUIRE(send != nullptr);
  CHECK(send->changed);
  CHECK(send->http_method == "put");
  CHECK(send->target_path == "/v2/orders");
  CHECK(send->payload == R"({"a":1})" + std::string("\xFF\x00more", 6));
  const std::vector<std::pair<std::string, std::string>> headers = {{"X-Other", "1"},
                                                                    {"X-Signed-By", "acme"}};
  CHECK(send->headers == headers);
}

TEST_CASE("a delivery that is left alone, and one that is canceled") {
  HostFixture fixture;
  const std::string context = DeliveryContextOf(SampleDelivery());
  const auto sent = fixture.Run("test.send", context);
  REQUIRE(std::holds_alternative<delivery::CallbackSend>(AnswerOf(sent.result).outcome));
  CHECK_FALSE(std::get<delivery::CallbackSend>(AnswerOf(sent.result).outcome).changed);
  const auto canceled = fixture.Run("test.cancel", context);
  CHECK(std::holds_alternative<delivery::CallbackCancel>(AnswerOf(canceled.result).outcome));
  CHECK(AnswerOf(canceled.result).note == "not for this one");
}

TEST_CASE("lines for the log carry the callback's name and nothing that cannot be shown") {
  HostFixture fixture;
  AnswerOf(fixture.RunEvent("test.log").result);
  const auto lines = fixture.log.Named("callback.log");
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].level == base::Level::kWarning);
  CHECK(lines[0].Get("callback") == "test.log");
  CHECK(lines[0].Get("text") == "look: \\u0002");
  fixture.host.reset();  // what was printed is read at the latest when the process ends
  const auto printed = fixture.log.Named("callback.output");
  REQUIRE(printed.size() == 1);
  CHECK(printed[0].Get("text") == "printed");
}

TEST_CASE("a flood of output harms nobody") {
  HostFixture fixture;
  AnswerOf(fixture.RunEvent("test.huge_output").result);
  fixture.host.reset();
  CHECK(fixture.log.Named("callback.log_cut_off").size() == 1);
  CHECK(fixture.log.events().size() < 250);
}

TEST_CASE("the process has no environment and no descriptor of the worker") {
  setenv("WEBHOOK_WORKER_ODOO_API_KEY", "secret", 1);
  HostFixture fixture;
  // Standard input, output, error and the socket.
  CHECK(AnswerOf(fixture.RunEvent("test.environment").result).note ==
        "PATH=/usr/local/bin:/usr/bin:/bin;LANG=C.UTF-8;4");
  unsetenv("WEBHOOK_WORKER_ODOO_API_KEY");
}

TEST_CASE("a callback that is linked into the program") {
  HostFixture fixture(HostFixture::Options({"/no/such/library.so"}));
  CHECK(fixture.host->Names() == std::vector<std::string>{"builtin.done"});
  CHECK(AnswerOf(fixture.RunEvent("builtin.done").result).note == "compiled in");
}

}  // namespace webhook::callback_host
