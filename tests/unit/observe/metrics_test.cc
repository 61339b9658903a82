// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/observe/metrics.h"

#include <doctest/doctest.h>

#include <set>
#include <sstream>

namespace webhook::observe {
namespace {

bool HasLine(const std::string& page, const std::string& line) {
  return ("\n" + page).find("\n" + line + "\n") != std::string::npos;
}

WorkerNumbers Everything() {
  WorkerNumbers numbers;
  numbers.version = "1.2.3";
  numbers.link_ready = true;
  numbers.deliveries_in_flight = 7;
  numbers.events_outstanding = 8;
  numbers.settlements_backlog = 9;
  numbers.journal_healthy = false;
  numbers.journal_bytes_used = 4096;
  numbers.journal_bytes_max = 536870912;
  numbers.log_lines_lost = 2;
  numbers.gateway = GatewayNumbers{11, 12, 13, 14, 15, 16};
  numbers.inbox = InboxNumbers{21, 22, 23, 24, base::Milliseconds(61'500), false};
  return numbers;
}

}  // namespace

TEST_CASE("every number is on the page under its own name") {
  const std::string page = MetricsText(Everything());
  CAPTURE(page);
  for (const char* line : {
           "webhook_worker_build_info{version=\"1.2.3\"} 1",
           "webhook_worker_link_ready 1",
           "webhook_worker_deliveries_in_flight 7",
           "webhook_worker_events_outstanding 8",
           "webhook_worker_settlements_backlog 9",
           "webhook_worker_journal_healthy 0",
           "webhook_worker_journal_bytes 4096",
           "webhook_worker_journal_bytes_max 536870912",
           "webhook_worker_log_lines_lost_total 2",
           "webhook_worker_gateway_requests_total{result=\"accepted\"} 11",
           "webhook_worker_gateway_requests_total{result=\"duplicate\"} 12",
           "webhook_worker_gateway_requests_total{result=\"rejected\"} 13",
           "webhook_worker_gateway_requests_total{result=\"unknown\"} 14",
           "webhook_worker_gateway_requests_total{result=\"limited\"} 15",
           "webhook_worker_gateway_requests_total{result=\"unavailable\"} 16",
           "webhook_worker_inbox_events 21",
           "webhook_worker_inbox_bytes 22",
           "webhook_worker_inbox_bytes_max 23",
           "webhook_worker_inbox_set_aside_events 24",
           "webhook_worker_inbox_oldest_accepted_age_seconds 61.5",
           "webhook_worker_inbox_healthy 0",
       }) {
    CAPTURE(line);
    CHECK(HasLine(page, line));
  }
  CHECK(HasLine(page, "# TYPE webhook_worker_gateway_requests_total counter"));
  CHECK(HasLine(page, "# TYPE webhook_worker_inbox_bytes gauge"));
}

TEST_CASE("each family is said once, with its help and type") {
  std::istringstream lines(MetricsText(Everything()));
  std::set<std::string> families;
  std::set<std::string> series;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("# TYPE ")) {
      CHECK(families.insert(line.substr(7, line.rfind(' ') - 7)).second);
    }
    if (!line.starts_with('#')) CHECK(series.insert(line.substr(0, line.find(' '))).second);
  }
  CHECK(families.size() == 16);
  CHECK(series.size() == 21);
}

TEST_CASE("without a gateway there are no numbers of one") {
  WorkerNumbers numbers;
  numbers.version = "0.1.0";
  const std::string page = MetricsText(numbers);
  CHECK(page.find("gateway") == std::string::npos);
  CHECK(page.find("inbox") == std::string::npos);
  CHECK(HasLine(page, "webhook_worker_link_ready 0"));
}

TEST_CASE("an empty inbox has no old event") {
  WorkerNumbers numbers;
  numbers.inbox.emplace();
  CHECK(HasLine(MetricsText(numbers), "webhook_worker_inbox_oldest_accepted_age_seconds 0"));
}

TEST_CASE("large numbers keep all their digits") {
  WorkerNumbers numbers;
  numbers.gateway.emplace().accepted = 123'456'789'012;
  CHECK(HasLine(MetricsText(numbers),
                "webhook_worker_gateway_requests_total{result=\"accepted\"} 123456789012"));
}

}  // namespace webhook::observe
