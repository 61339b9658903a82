// SPDX-License-Identifier: LGPL-3.0-or-later
#include "app/webhook_worker/metrics_page.h"

#include <string_view>
#include <utility>

namespace webhook::app {
namespace {

using delivery::ReceiverAnswer;

constexpr const char* kJson = "application/json";

std::string_view PathOf(const delivery::ReceivedHead& head) {
  const std::string_view target = head.target;
  return target.substr(0, target.find('?'));
}

ReceiverAnswer NotFound() { return {404, {{"Content-Type", kJson}}, R"({"status":"not_found"})"}; }

ReceiverAnswer WrongMethod() {
  return {405, {{"Content-Type", kJson}, {"Allow", "GET"}}, R"({"status":"method_not_allowed"})"};
}

ReceiverAnswer MetricsAnswer(const observe::WorkerNumbers& numbers) {
  return {200, {{"Content-Type", observe::kMetricsContentType}}, observe::MetricsText(numbers)};
}

}  // namespace

// That Odoo is away is no reason to restart a worker: its gateway goes on accepting.
ReceiverAnswer HealthAnswer(const observe::WorkerNumbers& numbers) {
  const bool healthy = numbers.journal_healthy && (!numbers.inbox || numbers.inbox->healthy);
  if (healthy) return {200, {{"Content-Type", kJson}}, R"({"status":"ok"})"};
  return {503, {{"Content-Type", kJson}}, R"({"status":"unhealthy"})"};
}

std::optional<ReceiverAnswer> MetricsPage::OnHead(const delivery::ReceivedHead& head) {
  const std::string_view path = PathOf(head);
  if (path != "/metrics" && path != "/healthz") return NotFound();
  if (head.method != "GET") return WrongMethod();
  return std::nullopt;
}

void MetricsPage::OnRequest(delivery::ReceivedRequest request,
                            std::function<void(ReceiverAnswer)> done) {
  const bool is_health = PathOf(request.head) == "/healthz";
  collect_([is_health, done = std::move(done)](const observe::WorkerNumbers& numbers) {
    done(is_health ? HealthAnswer(numbers) : MetricsAnswer(numbers));
  });
}

}  // namespace webhook::app
