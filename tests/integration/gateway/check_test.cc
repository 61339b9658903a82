// SPDX-License-Identifier: LGPL-3.0-or-later
// What webhook-worker check says about the gateway.
#include <doctest/doctest.h>
#include <signal.h>

#include "tests/fakes/run_program.h"
#include "tests/integration/gateway/worker_setup.h"

namespace webhook::gateway_test {
namespace {

Ended Check(WorkerSetup& setup, const std::string& gateway) {
  return Run(setup, {"check", "-c", setup.Config("[gateway]\n" + gateway)});
}

// A database that nobody said hello to is held until somebody confirms it.
void Confirm(WorkerSetup& setup) {
  const Ended ended = Run(setup, {"confirm-database", "-c", setup.Config()});
  REQUIRE_MESSAGE(ended.exit_code == 0, ended.output);
}

std::string Inbox(const WorkerSetup& setup) {
  return "inbox = '" + setup.File("inbox.sqlite") + "'\n";
}

void MakeCertificate(const WorkerSetup& setup, const std::string& name) {
  const auto made = fakes::RunProgram({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                                       "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                                       setup.File(name + ".key"), "-out", setup.File(name + ".pem"),
                                       "-subj", "/CN=hooks.example.com", "-days", "2"});
  REQUIRE_MESSAGE(made.exit_code == 0, made.output);
}

std::string Tls(const WorkerSetup& setup, const std::string& certificate, const std::string& key) {
  return "tls_certificate_file = '" + setup.File(certificate) + "'\ntls_key_file = '" +
         setup.File(key) + "'\n";
}

}  // namespace

TEST_CASE("without a gateway check says so") {
  WorkerSetup setup;
  Confirm(setup);
  const Ended ended = Check(setup, "");
  CHECK_MESSAGE(ended.exit_code == 0, ended.output);
  CHECK(Has(ended.output, "gateway: none (gateway.listen is empty)\n"));
}

TEST_CASE("check looks at the inbox before, while and after a worker has it") {
  WorkerSetup setup;
  Confirm(setup);
  const std::string gateway =
      "listen = '127.0.0.1:0'\npublic_url = 'https://hooks.example.com'\n" + Inbox(setup);
  const std::string path = setup.File("inbox.sqlite");
  const Ended before = Check(setup, gateway);
  CHECK_MESSAGE(before.exit_code == 0, before.output);
  CHECK(Has(before.output,
            "gateway: listens at 127.0.0.1:0, plain HTTP, known as "
            "https://hooks.example.com\n"));
  CHECK(Has(before.output, "inbox: " + path + " will be made when the worker starts\n"));
  {
    WorkerProcess worker({"run", "-c", setup.Config("[gateway]\n" + gateway)}, setup.environment());
    const std::string url = "http://" + ValueOf(worker.WaitFor(" gateway.listening"), "address");
    worker.WaitFor(" odoo.ready");
    const Ended during = Check(setup, gateway);
    CHECK_MESSAGE(during.exit_code == 0, during.output);
    CHECK(Has(during.output, "inbox: " + path + " is in use by a running worker\n"));
    setup.StopOdoo();
    auto sample = setup.Sample(url);
    CHECK(Send(sample).status_code == 202);
    worker.Signal(SIGTERM);
    CHECK(worker.Wait() == 0);
  }
  setup.StartOdoo();
  const Ended after = Check(setup, gateway);
  CHECK_MESSAGE(after.exit_code == 0, after.output);
  CHECK(Has(after.output, "inbox: " + path +
                              " holds 1 events that are not in Odoo yet, and 0 set "
                              "aside\n"));
}

TEST_CASE("check says whether certificate and key fit") {
  WorkerSetup setup;
  Confirm(setup);
  MakeCertificate(setup, "one");
  MakeCertificate(setup, "two");
  const std::string rest = "listen = '0.0.0.0:8443'\n" + Inbox(setup);
  const Ended fit = Check(setup, rest + Tls(setup, "one.pem", "one.key"));
  CHECK_MESSAGE(fit.exit_code == 0, fit.output);
  CHECK(Has(fit.output, "gateway: listens at 0.0.0.0:8443, TLS\n"));
  CHECK(Has(fit.output, "gateway: certificate and key fit\n"));
  const Ended mixed = Check(setup, rest + Tls(setup, "one.pem", "two.key"));
  CHECK(mixed.exit_code == 1);
  CHECK(Has(mixed.output, "error: gateway.tls_certificate_file: "));
}

TEST_CASE("an inbox that cannot be one is an error, also when Odoo is away") {
  WorkerSetup setup;
  setup.StopOdoo();
  const Ended ended = Check(setup, "listen = '127.0.0.1:0'\ninbox = '" + setup.File("key") + "'\n");
  CHECK(ended.exit_code == 1);
  CHECK(Has(ended.output, "error: gateway.inbox: "));
}

}  // namespace webhook::gateway_test
