// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/net/resolver.h"

#include <doctest/doctest.h>

#include <atomic>
#include <condition_variable>
#include <future>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "tests/fakes/fake_clock.h"

namespace webhook::net {
namespace {

IpAddress Ip(const char* text) { return *IpAddress::Parse(text); }

// Answers 192.0.2.1 for every name; "slow…" names wait for Release().
class GatedLookup final : public NameLookup {
 public:
  LookupResult Lookup(const std::string& host) override {
    std::unique_lock lock(mutex_);
    ++asked_[host];
    changed_.notify_all();
    if (host.starts_with("slow")) changed_.wait(lock, [&] { return released_; });
    return std::vector<IpAddress>{Ip("192.0.2.1")};
  }
  void WaitUntilAsked(const std::string& host) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return asked_.count(host) > 0; });
  }
  void Release() {
    std::unique_lock lock(mutex_);
    released_ = true;
    changed_.notify_all();
  }
  int asked(const std::string& host) {
    std::unique_lock lock(mutex_);
    return asked_[host];
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool released_ = false;
  std::map<std::string, int> asked_;
};

class Rig {
 public:
  explicit Rig(std::size_t threads_max) : resolver(lookup, clock, threads_max) {}
  ~Rig() { lookup.Release(); }

  base::SteadyTime Deadline() const { return clock.SteadyNow() + base::Milliseconds(1000); }
  std::future<bool> Ask(const std::string& host) {
    auto answered = std::make_shared<std::promise<bool>>();
    std::future<bool> future = answered->get_future();
    resolver.Resolve(host, Deadline(),
                     [answered](const LookupResult& result) { answered->set_value(result.ok()); });
    return future;
  }

  fakes::FakeClock clock;
  GatedLookup lookup;
  Resolver resolver;
};

TEST_CASE("a name that does not answer holds up no other name") {
  Rig rig(2);
  std::vector<std::future<bool>> slow;
  for (int i = 0; i < 10; ++i) slow.push_back(rig.Ask("slow.example"));
  for (int i = 0; i < 10; ++i) CHECK(rig.Ask("fast" + std::to_string(i)).get());
  CHECK(rig.lookup.asked("slow.example") == 1);
  rig.lookup.Release();
  for (std::future<bool>& answer : slow) CHECK(answer.get());
}

TEST_CASE("a question whose time is over when its turn comes is not asked") {
  Rig rig(1);
  std::future<bool> slow = rig.Ask("slow.example");
  rig.lookup.WaitUntilAsked("slow.example");
  rig.resolver.Resolve("late.example", rig.Deadline(), [](const LookupResult&) { CHECK(false); });
  rig.clock.Advance(base::Milliseconds(1000));
  rig.lookup.Release();
  CHECK(slow.get());
  CHECK(rig.Ask("next.example").get());
  CHECK(rig.lookup.asked("late.example") == 0);
}

TEST_CASE("the destructor does not wait for questions that were not asked yet") {
  std::atomic<int> answered = 0;
  {
    Rig rig(1);
    rig.Ask("slow.example");
    rig.lookup.WaitUntilAsked("slow.example");
    for (int i = 0; i < 100; ++i) {
      rig.resolver.Resolve("waiting" + std::to_string(i), rig.Deadline(),
                           [&](const LookupResult&) { ++answered; });
    }
    rig.lookup.Release();
  }
  CHECK(answered <= 100);
}

TEST_CASE("of several answers those allowed are kept, in order") {
  const AddressGuard guard({});
  const auto checked =
      CheckAnswers(guard, {Ip("10.0.0.1"), Ip("8.8.8.8"), Ip("::1"), Ip("1.1.1.1")}, 443);
  REQUIRE(checked.ok());
  REQUIRE(checked.value().size() == 2);
  CHECK(checked.value()[0].ToString() == "8.8.8.8:443");
  CHECK(checked.value()[1].ToString() == "1.1.1.1:443");
}

TEST_CASE("when none is allowed, the first refusal is told") {
  const auto checked = CheckAnswers(AddressGuard({}), {Ip("10.0.0.1"), Ip("::1")}, 443);
  REQUIRE_FALSE(checked.ok());
  CHECK(checked.error().address == Ip("10.0.0.1"));
  CHECK(checked.error().range == "private network 10.0.0.0/8");
}

TEST_CASE("the system knows localhost, and not what cannot be") {
  SystemNameLookup lookup;
  const LookupResult result = lookup.Lookup("localhost");
  REQUIRE(result.ok());
  CHECK_FALSE(AddressGuard({}).Check(result.value().front(), 80).ok());
  CHECK_FALSE(lookup.Lookup("no such name").ok());
}

}  // namespace
}  // namespace webhook::net
