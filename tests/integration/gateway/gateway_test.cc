// SPDX-License-Identifier: LGPL-3.0-or-later
// The worker's gateway and its page of metrics, as senders and Prometheus see them.
#include <doctest/doctest.h>
#include <signal.h>

#include "tests/integration/gateway/worker_setup.h"

namespace webhook::gateway_test {
namespace {

std::string Sections(const WorkerSetup& setup, const std::string& listen = "127.0.0.1:0") {
  return "[gateway]\nlisten = '" + listen + "'\ninbox = '" + setup.File("inbox.sqlite") +
         "'\n[metrics]\nlisten = '127.0.0.1:0'\n";
}

struct Running {
  WorkerProcess process;
  std::string metrics_url;
  std::string gateway_url;

  explicit Running(WorkerSetup& setup)
      : process({"run", "-c", setup.Config(Sections(setup))}, setup.environment()) {
    metrics_url = "http://" + ValueOf(process.WaitFor(" metrics.listening"), "address");
    gateway_url = "http://" + ValueOf(process.WaitFor(" gateway.listening"), "address");
  }
};

}  // namespace

TEST_CASE("a webhook is accepted while Odoo is there, while it is away, and by a new worker") {
  WorkerSetup setup;
  {
    Running worker(setup);
    worker.process.WaitFor(" odoo.ready");
    const auto reply = Send(setup.Sample(worker.gateway_url));
    CHECK(reply.status_code == 202);
    CHECK(Has(reply.body, "\"status\":\"accepted\""));
    worker.process.WaitFor(" event.processed");
    CHECK(setup.EventCount() == 1);
    setup.StopOdoo();
    CHECK(Send(setup.Sample(worker.gateway_url)).status_code == 202);
    worker.process.Signal(SIGKILL);
  }
  Running worker(setup);  // Odoo is still away: the endpoint is known from the snapshot
  worker.process.WaitFor(" snapshot.loaded");
  CHECK(Send(setup.Sample(worker.gateway_url)).status_code == 202);
  const std::string page = Get(worker.metrics_url + "/metrics").body;
  CHECK(Has(page, "\nwebhook_worker_link_ready 0\n"));
  CHECK(Has(page, "\nwebhook_worker_inbox_events 2\n"));
  CHECK(Has(page, "\nwebhook_worker_gateway_requests_total{result=\"accepted\"} 1\n"));
  setup.StartOdoo();
  worker.process.WaitFor(" event.processed");
  worker.process.WaitFor(" event.processed");
  CHECK(setup.EventCount() == 3);
  worker.process.Signal(SIGTERM);
  CHECK(worker.process.Wait() == 0);
}

TEST_CASE("what is no good is refused, and counted") {
  WorkerSetup setup;
  Running worker(setup);
  worker.process.WaitFor(" odoo.ready");
  auto altered = setup.Sample(worker.gateway_url);
  altered.body += " ";
  CHECK(Send(altered).status_code == 403);
  auto unknown = setup.Sample(worker.gateway_url);
  unknown.url = worker.gateway_url + "/webhooks/in/draft";
  CHECK(Send(unknown).status_code == 404);
  CHECK(Get(worker.gateway_url + "/webhooks/in/stripe").status_code == 405);
  const auto twice = setup.Sample(worker.gateway_url);
  const auto first = Send(twice);
  const auto second = Send(twice);
  CHECK(first.status_code == 202);
  CHECK(second.status_code == 202);
  CHECK(first.body == second.body);
  const std::string page = Get(worker.metrics_url + "/metrics").body;
  CHECK(Has(page, "requests_total{result=\"accepted\"} 1\n"));
  CHECK(Has(page, "requests_total{result=\"duplicate\"} 1\n"));
  CHECK(Has(page, "requests_total{result=\"rejected\"} 2\n"));
  CHECK(Has(page, "requests_total{result=\"unknown\"} 1\n"));
}

TEST_CASE("the page of metrics has two paths, and says whether the worker is well") {
  WorkerSetup setup;
  Running worker(setup);
  const auto page = Get(worker.metrics_url + "/metrics?x=1");
  CHECK(page.status_code == 200);
  CHECK(Has(page.body, "webhook_worker_build_info{version="));
  CHECK(Has(page.body, "webhook_worker_inbox_healthy 1\n"));
  const auto health = Get(worker.metrics_url + "/healthz");
  CHECK(health.status_code == 200);
  CHECK(health.body == R"({"status":"ok"})");
  CHECK(Get(worker.metrics_url + "/").status_code == 404);
  CHECK(Get(worker.metrics_url + "/metrics/").status_code == 404);
  CHECK(Send({"POST", worker.metrics_url + "/metrics", {}, "x", "", {}}).status_code == 405);
  worker.process.Signal(SIGTERM);
  CHECK(worker.process.Wait() == 0);
}

TEST_CASE("an address that is taken ends the worker with a sentence that names the setting") {
  WorkerSetup setup;
  Running worker(setup);
  const std::string taken = worker.gateway_url.substr(7);
  WorkerSetup other;
  const Ended ended = Run(other, {"run", "-c", other.Config(Sections(other, taken))});
  CHECK(ended.exit_code == 70);
  CHECK(Has(ended.output, "webhook-worker: gateway.listen: "));
  CHECK(Has(ended.output, taken));
}

TEST_CASE("two workers do not share an inbox") {
  WorkerSetup setup;
  Running worker(setup);
  WorkerSetup other;
  const Ended ended = Run(other, {"run", "-c", other.Config(Sections(setup))});
  CHECK(ended.exit_code == 75);
}

}  // namespace webhook::gateway_test
