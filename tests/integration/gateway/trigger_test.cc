// SPDX-License-Identifier: LGPL-3.0-or-later
// webhook-worker trigger, as an operator runs it.
#include <doctest/doctest.h>
#include <signal.h>

#include "tests/integration/gateway/worker_setup.h"

namespace webhook::gateway_test {

TEST_CASE("the senders and their samples are listed without a configuration") {
  const WorkerSetup setup;
  const Ended ended = Run(setup, {"trigger", "--list"});
  CHECK(ended.exit_code == 0);
  CHECK(Has(ended.output, "\n  stripe.invoice.paid\n"));
  CHECK(Has(ended.output, "Twilio: "));
}

TEST_CASE("trigger says what it needs") {
  WorkerSetup setup;
  CHECK(Run(setup, {"trigger"}).exit_code == 64);
  CHECK(Run(setup, {"trigger", "stripe.invoice.paid"}).exit_code == 64);
  const std::string config = setup.Config();
  const Ended unknown =
      Run(setup, {"trigger", "stripe.invoice.payd", "--endpoint", "stripe", "-c", config});
  CHECK(unknown.exit_code == 64);
  CHECK(Has(unknown.output, "did you mean stripe.invoice.paid?"));
  const Ended nowhere =
      Run(setup, {"trigger", "stripe.invoice.paid", "--endpoint", "stripe", "-c", config});
  CHECK(nowhere.exit_code == 64);
  CHECK(Has(nowhere.output, "give its address with --url"));
  const Ended missing = Run(setup, {"trigger", "stripe.invoice.paid", "--endpoint", "strpe",
                                    "--url", "http://127.0.0.1:1", "-c", config});
  CHECK(missing.exit_code == 1);
  CHECK(Has(missing.output, "no inbound endpoint with the path strpe; did you mean stripe?"));
}

TEST_CASE("trigger sends a sample that the gateway accepts, and says what it answered") {
  WorkerSetup setup;
  const std::string config = setup.Config("[gateway]\nlisten = '127.0.0.1:0'\ninbox = '" +
                                          setup.File("inbox.sqlite") + "'\n");
  WorkerProcess worker({"run", "-c", config}, setup.environment());
  const std::string url = "http://" + ValueOf(worker.WaitFor(" gateway.listening"), "address");
  worker.WaitFor(" odoo.ready");
  const Ended sent = Run(setup, {"trigger", "stripe.invoice.paid", "--endpoint", "stripe", "--url",
                                 url, "-c", config});
  CHECK_MESSAGE(sent.exit_code == 0, sent.output);
  CHECK(Has(sent.output, "POST " + url + "/webhooks/in/stripe ("));
  CHECK(Has(sent.output, "\n202\n{\"status\":\"accepted\""));
  const Ended draft = Run(
      setup, {"trigger", "stripe.invoice.paid", "--endpoint", "draft", "--url", url, "-c", config});
  CHECK(draft.exit_code == 1);
  CHECK(Has(draft.output, "note: draft is not active in Odoo"));
  CHECK(Has(draft.output, "\n404\n"));
  worker.WaitFor(" event.processed");
  CHECK(setup.EventCount() == 1);
}

TEST_CASE("trigger prints a request instead of sending it") {
  WorkerSetup setup;
  const Ended printed =
      Run(setup, {"trigger", "stripe.customer.created", "--endpoint", "stripe", "--url",
                  "http://127.0.0.1:1", "--print", "-c", setup.Config()});
  CHECK_MESSAGE(printed.exit_code == 0, printed.output);
  CHECK(Has(printed.output, "POST http://127.0.0.1:1/webhooks/in/stripe\n"));
  CHECK(Has(printed.output, "\nStripe-Signature: t="));
  CHECK(Has(printed.output, "\"type\":\"customer.created\""));
}

TEST_CASE("trigger says that nobody answers, and that Odoo is away") {
  WorkerSetup setup;
  const std::string config = setup.Config();
  const std::vector<std::string> arguments = {
      "trigger", "stripe.invoice.paid", "--endpoint", "stripe",
      "--url",   "http://127.0.0.1:1",  "-c",         config};
  const Ended unreached = Run(setup, arguments);
  CHECK(unreached.exit_code == 1);
  CHECK(Has(unreached.output, "the gateway was not reached at http://127.0.0.1:1/webhooks/in/"));
  setup.StopOdoo();
  const Ended away = Run(setup, arguments);
  CHECK(away.exit_code == 1);
  CHECK(Has(away.output, "error: "));
}

}  // namespace webhook::gateway_test
