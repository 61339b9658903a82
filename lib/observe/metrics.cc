// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/observe/metrics.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <initializer_list>
#include <sstream>
#include <utility>
#include <vector>

namespace webhook::observe {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

class Page {
 public:
  template <typename Number>
  void Gauge(const char* name, const char* help, Number value) {
    ClientMetric metric;
    metric.gauge.value = static_cast<double>(value);
    families_.push_back({kPrefix + std::string(name), help, MetricType::Gauge, {metric}});
  }

  void Counter(const char* name, const char* help, std::uint64_t value) {
    Counters(name, help, "", {{"", value}});
  }

  void Counters(const char* name, const char* help, const char* label,
                std::initializer_list<std::pair<const char*, std::uint64_t>> values) {
    MetricFamily family{kPrefix + std::string(name), help, MetricType::Counter, {}};
    for (const auto& [of, value] : values) {
      ClientMetric metric;
      metric.counter.value = static_cast<double>(value);
      if (*label != '\0') metric.label.push_back({label, of});
      family.metric.push_back(std::move(metric));
    }
    families_.push_back(std::move(family));
  }

  void Build(const std::string& version) {
    Gauge("build_info", "The version of the worker; always 1.", 1);
    families_.back().metric.front().label.push_back({"version", version});
  }

  std::string Text() const {
    std::ostringstream out;
    prometheus::TextSerializer().Serialize(out, families_);
    return out.str();
  }

 private:
  static constexpr const char* kPrefix = "webhook_worker_";

  std::vector<MetricFamily> families_;
};

double Seconds(base::Milliseconds time) { return static_cast<double>(time.count()) / 1000.0; }

void AddWork(const WorkerNumbers& numbers, Page& page) {
  page.Gauge("link_ready", "Whether Odoo answers and is the database to serve.",
             numbers.link_ready);
  page.Gauge("deliveries_in_flight", "Deliveries that this worker holds.",
             numbers.deliveries_in_flight);
  page.Gauge("events_outstanding", "Events that this worker holds.", numbers.events_outstanding);
  page.Gauge("settlements_backlog", "Results that Odoo has not acknowledged.",
             numbers.settlements_backlog);
  page.Gauge("journal_healthy", "Whether the journal can be written.", numbers.journal_healthy);
  page.Gauge("journal_bytes", "Bytes in use in the journal.", numbers.journal_bytes_used);
  page.Gauge("journal_bytes_max", "Bytes that the journal may use.", numbers.journal_bytes_max);
  page.Counter("log_lines_lost_total", "Lines of the log that could not be written.",
               numbers.log_lines_lost);
}

void AddGateway(const GatewayNumbers& numbers, Page& page) {
  page.Counters("gateway_requests_total", "Requests to the gateway by what they came to.", "result",
                {{"accepted", numbers.accepted},
                 {"duplicate", numbers.duplicates},
                 {"rejected", numbers.rejected},
                 {"unknown", numbers.unknown},
                 {"limited", numbers.limited},
                 {"unavailable", numbers.unavailable}});
}

void AddInbox(const InboxNumbers& numbers, Page& page) {
  page.Gauge("inbox_events", "Accepted events that are not in Odoo yet.", numbers.event_count);
  page.Gauge("inbox_bytes", "Bytes in use in the inbox.", numbers.bytes_used);
  page.Gauge("inbox_bytes_max", "Bytes that the inbox may use.", numbers.bytes_max);
  page.Gauge("inbox_oldest_accepted_age_seconds",
             "Age of the oldest accepted event that is not in Odoo yet; 0: there is none.",
             Seconds(numbers.oldest_age.value_or(base::Milliseconds(0))));
  page.Gauge("inbox_set_aside_events", "Events that Odoo refused for good, kept for people.",
             numbers.set_aside_count);
  page.Gauge("inbox_healthy", "Whether the inbox can be written.", numbers.healthy);
}

}  // namespace

std::string MetricsText(const WorkerNumbers& numbers) {
  Page page;
  page.Build(numbers.version);
  AddWork(numbers, page);
  if (numbers.gateway) AddGateway(*numbers.gateway, page);
  if (numbers.inbox) AddInbox(*numbers.inbox, page);
  return page.Text();
}

}  // namespace webhook::observe
