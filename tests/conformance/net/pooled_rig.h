// SPDX-License-Identifier: LGPL-3.0-or-later
// A PooledTransport with everything it needs, for tests against servers on loopback.
#pragma once

#include <doctest/doctest.h>

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lib/base/clock.h"
#include "lib/base/mutex.h"
#include "lib/net/pooled_transport.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/queue_strand.h"

namespace webhook::net_tests {

// Answers from a table; every other name does not exist. A name with several answers gives one
// after the other, and then the last one for ever.
class TableLookup final : public net::NameLookup {
 public:
  void Set(const std::string& host, const std::vector<std::string>& addresses) {
    SetChanging(host, {addresses});
  }

  void SetChanging(const std::string& host, const std::vector<std::vector<std::string>>& answers) {
    base::MutexLock lock(mutex_);
    std::deque<std::vector<net::IpAddress>>& of_host = table_[host];
    of_host.clear();
    for (const std::vector<std::string>& answer : answers) {
      of_host.emplace_back();
      for (const std::string& address : answer) {
        of_host.back().push_back(*net::IpAddress::Parse(address));
      }
    }
  }

  net::LookupResult Lookup(const std::string& host) override {
    base::MutexLock lock(mutex_);
    ++count_;
    const auto found = table_.find(host);
    if (found == table_.end()) return net::LookupError{false, "unknown name"};
    const std::vector<net::IpAddress> answer = found->second.front();
    if (found->second.size() > 1) found->second.pop_front();
    return answer;
  }

  int count() const {
    base::MutexLock lock(mutex_);
    return count_;
  }

 private:
  mutable base::Mutex mutex_;
  int count_ WEBHOOK_GUARDED_BY(mutex_) = 0;
  std::map<std::string, std::deque<std::vector<net::IpAddress>>> table_ WEBHOOK_GUARDED_BY(mutex_);
};

// Loopback is allowed, plain http too.
inline net::TransportOptions LoopbackOptions() {
  net::TransportOptions options;
  options.allow = {*net::ParseAllowRule("127.0.0.0/8")};
  options.plain_http_allowed = true;
  options.io_threads = 1;
  return options;
}

inline delivery::HttpRequest Post(std::string url, std::string body = "{}",
                                  base::Milliseconds timeout = base::Milliseconds(20000)) {
  return {"POST", std::move(url), {}, std::move(body), timeout, 4096};
}

class PooledRig {
 public:
  explicit PooledRig(const net::TransportOptions& options = LoopbackOptions())
      : strand(queue_clock_),
        transport(std::make_unique<net::PooledTransport>(options, clock, strand, lookup)) {}

  delivery::HttpResult Exchange(delivery::HttpRequest request) {
    std::optional<delivery::HttpResult> result;
    transport->Send(std::move(request), [&](delivery::HttpResult got) {
      CHECK_FALSE(result.has_value());
      result = std::move(got);
    });
    REQUIRE(strand.RunUntil([&] { return result.has_value(); }));
    return *result;
  }

 private:
  fakes::FakeClock queue_clock_;  // the queue runs tasks as they come

 public:
  base::SystemClock clock;
  fakes::QueueStrand strand;
  TableLookup lookup;
  std::unique_ptr<net::PooledTransport> transport;
};

}  // namespace webhook::net_tests
