// SPDX-License-Identifier: LGPL-3.0-or-later
// The example project's library, run by `webhook-worker callback-host`, and its own program.
#include <doctest/doctest.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "lib/base/clock.h"
#include "lib/callback/context_json.h"
#include "lib/callback_host/callback_host.h"
#include "lib/net/event_loop.h"
#include "tests/fakes/recording_log.h"
#include "tests/fakes/temporary_directory.h"

namespace webhook::callback_host {
namespace {

class Example {
 public:
  Example() {
    const std::string library = folder_.File("acme_callbacks.so");
    std::filesystem::copy_file(WEBHOOK_EXAMPLE "acme_callbacks.so", library);
    std::filesystem::permissions(library, std::filesystem::perms(0755));
    HostOptions options;
    options.program = WEBHOOK_WORKER;
    options.libraries = {library};
    host_ = std::make_unique<CallbackHost>(options, clock_, loop_, log_);
  }

  delivery::CallbackAnswer Run(const std::string& name, const std::string& context,
                               const std::string& records) {
    std::optional<delivery::CallbackResult> result;
    loop_.Post([&] {
      host_->Run(
          {name, context, std::chrono::seconds(60)},
          [&](const std::string&, auto answer) { answer("{\"records\": " + records + "}"); },
          [&](delivery::CallbackResult ended) {
            result = std::move(ended);
            loop_.Stop();
          });
    });
    loop_.Run();
    if (!result->ok()) FAIL(result->error().message);
    return result->value();
  }

  const CallbackHost& host() const { return *host_; }

 private:
  fakes::TemporaryDirectory folder_;
  base::SystemClock clock_;
  net::EventLoop loop_{clock_};
  fakes::RecordingLog log_;
  std::unique_ptr<CallbackHost> host_;
};

std::string InvoiceContext() {
  model::Event event;
  event.body = R"({"invoice": {"reference": "R-7", "amount": 12.50},
                   "customer": {"number": "C-1", "name": "Ada", "email": null}})";
  return callback::EncodeContext(callback::FactsOf(event, {}));
}

std::string OrderContext(const std::string& payload) {
  model::Delivery delivery;
  delivery.http_method = "post";
  delivery.payload = payload;
  return callback::EncodeContext(callback::FactsOf(delivery, "/orders", {}));
}

}  // namespace

TEST_CASE("the library is accepted, and the worker knows its callbacks") {
  const Example example;
  CHECK(example.host().Problems().empty());
  CHECK(example.host().Names() ==
        std::vector<std::string>{"acme.invoice_paid", "acme.stamp_order"});
}

TEST_CASE("an invoice that was paid") {
  Example example;
  const auto answer =
      example.Run("acme.invoice_paid", InvoiceContext(), R"([{"id": 4, "name": "S4"}])");
  CHECK(std::holds_alternative<delivery::CallbackDone>(answer.outcome));
  CHECK(answer.note == "invoice R-7 is paid");
  REQUIRE(answer.operations.size() == 2);
  CHECK(model::DumpJson(answer.operations[0].values) == R"({"name":"Ada","email":null})");
  CHECK(model::DumpJson(answer.operations[1].values) == R"({"note":"Paid: 12.50"})");
  const auto none = example.Run("acme.invoice_paid", InvoiceContext(), "[]");
  CHECK(std::holds_alternative<delivery::CallbackDeadLetter>(none.outcome));
}

TEST_CASE("an order that gets its header, and one that is not sent") {
  Example example;
  const auto stamped = example.Run("acme.stamp_order", OrderContext(R"({"name": "S4"})"), "[]");
  const auto* send = std::get_if<delivery::CallbackSend>(&stamped.outcome);
  REQUIRE(send != nullptr);
  CHECK(send->headers == std::vector<std::pair<std::string, std::string>>{{"X-Acme-Order", "S4"}});
  const auto canceled =
      example.Run("acme.stamp_order", OrderContext(R"({"name": "S4", "shop": "test"})"), "[]");
  CHECK(std::holds_alternative<delivery::CallbackCancel>(canceled.outcome));
}

TEST_CASE("a program of one's own, without Odoo and without the worker") {
  const std::string command =
      std::string(WEBHOOK_EXAMPLE) +
      "acme_sign whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw msg_p5jXN8AQM9LWM0D4loKWxJek 1614265330 "
      "'{\"test\": 2432232314}'";
  const std::unique_ptr<FILE, int (*)(FILE*)> program(popen(command.c_str(), "r"), pclose);
  REQUIRE(program);
  std::array<char, 256> line{};
  REQUIRE(fgets(line.data(), line.size(), program.get()) != nullptr);
  CHECK(std::string(line.data()) ==
        "POST https://shop.example.com/hooks v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE= "
        "2432232314\n");
}

}  // namespace webhook::callback_host
