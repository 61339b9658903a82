// SPDX-License-Identifier: LGPL-3.0-or-later
#include "tests/simulation/engine/ledger_checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

namespace webhook::simulation {

using base::SteadyTime;

namespace {

struct Seen {
  SteadyTime first = SteadyTime::max();
  SteadyTime last = SteadyTime::min();
  SteadyTime answered = SteadyTime::max();  // 2xx, for the first time
};

std::map<std::string, Seen> ByDelivery(const Ledger& ledger) {
  std::map<std::string, Seen> seen;
  for (const LedgerEntry& entry : ledger) {
    Seen& one = seen[entry.webhook_id];
    one.first = std::min(one.first, entry.at);
    one.last = std::max(one.last, entry.at);
    if (entry.answered_status == 200) one.answered = std::min(one.answered, entry.until);
  }
  return seen;
}

}  // namespace

int MostInWindow(const Ledger& ledger, const std::string& path, base::Milliseconds period) {
  std::vector<SteadyTime> arrivals;
  for (const LedgerEntry& entry : ledger) {
    if (entry.path == path) arrivals.push_back(entry.at);
  }
  std::sort(arrivals.begin(), arrivals.end());
  std::ptrdiff_t most = 0;
  auto first = arrivals.begin();
  for (auto last = arrivals.begin(); last != arrivals.end(); ++last) {
    while (*last - *first >= period) ++first;
    most = std::max(most, last - first + 1);
  }
  return static_cast<int>(most);
}

int MostAtOnce(const Ledger& ledger, const std::string& path, SteadyTime from) {
  std::vector<std::pair<SteadyTime, int>> changes;  // an end sorts before a start
  for (const LedgerEntry& entry : ledger) {
    if (entry.path != path || entry.at < from) continue;
    changes.emplace_back(entry.at, 1);
    changes.emplace_back(entry.until, -1);
  }
  std::sort(changes.begin(), changes.end());
  int open = 0;
  int most = 0;
  for (const auto& [at, change] : changes) most = std::max(most, open += change);
  return most;
}

std::vector<std::string> BrokenLanes(const Ledger& ledger, const embedded::EmbeddedOdoo& odoo) {
  const std::map<std::string, Seen> seen = ByDelivery(ledger);
  struct Before {
    SteadyTime over = SteadyTime::min();  // the latest moment at which one of the earlier ended
    std::int64_t id = 0;
  };
  std::map<std::pair<std::int64_t, std::string>, Before> lanes;
  std::vector<std::string> broken;
  for (const embedded::Delivery& delivery : odoo.deliveries()) {
    const auto found = seen.find(delivery.delivery_uid);
    if (delivery.lane.empty() || found == seen.end()) continue;
    Before& before = lanes[{delivery.endpoint_id, delivery.lane}];
    if (found->second.first < before.over) {
      broken.push_back(fmt::format("lane {}: delivery {} came before {} was over", delivery.lane,
                                   delivery.id, before.id));
    }
    const SteadyTime over = delivery.state == "done" ? found->second.answered : found->second.last;
    if (over > before.over) before = {over, delivery.id};
  }
  return broken;
}

}  // namespace webhook::simulation
