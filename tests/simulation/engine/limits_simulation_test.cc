// SPDX-License-Identifier: LGPL-3.0-or-later
// Lanes, rate limits, concurrency and breakers, checked from the receivers' own ledger: under
// process death, lost replies and outages, with dead receivers among the healthy ones.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cstdlib>
#include <string>

#include "tests/simulation/engine/ledger_checks.h"
#include "tests/simulation/engine/world.h"

namespace webhook::simulation {
namespace {

using base::Milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr int kRate = 8;
constexpr Milliseconds kPeriod{2000};
constexpr int kConcurrency = 4;
constexpr const char* kLimited = R"({"rate_limit": {"count": 8, "period_seconds": 2}})";

// WEBHOOK_SIMULATION_SEEDS=first:count runs others, or more.
std::pair<std::uint64_t, std::uint64_t> Seeds() {
  const char* text = std::getenv("WEBHOOK_SIMULATION_SEEDS");
  if (text == nullptr) return {1, 200};
  const std::string range(text);
  const auto colon = range.find(':');
  return {std::stoull(range.substr(0, colon)), std::stoull(range.substr(colon + 1))};
}

struct Endpoints {
  std::int64_t limited;
  std::int64_t narrow;
  std::int64_t flaky_lanes;
  std::int64_t healthy_lanes;
};

Endpoints AddEndpoints(World& world) {
  world.AddEndpoint("dead");
  world.AddEndpoint("unreachable");
  return {world.AddEndpoint("healthy-limited", kLimited),
          world.AddEndpoint("healthy-narrow", "", kConcurrency), world.AddEndpoint("flaky-lanes"),
          world.AddEndpoint("limping-lanes")};
}

void QueueSome(World& world, const Endpoints& endpoints, int count) {
  world.Queue(endpoints.limited, count * 2);
  world.Queue(endpoints.narrow, count * 3);
  for (const std::int64_t endpoint : {endpoints.flaky_lanes, endpoints.healthy_lanes}) {
    for (const char* lane : {"a", "b", "c"}) world.Queue(endpoint, count, lane);
    world.Queue(endpoint, count);
  }
  world.QueueAnywhere(count);
}

void Disturb(World& world, const Endpoints& endpoints, int workers) {
  for (int step = 0; step < 40; ++step) {
    world.Run(Milliseconds(200 + world.random().Next() % 4000));
    const int worker =
        static_cast<int>(world.random().Next() % static_cast<std::uint64_t>(workers));
    switch (world.random().Next() % 8) {
      case 0:
        world.Kill(worker);
        break;
      case 1:
      case 2:
        world.Restart(worker);
        break;
      case 3:
        world.SetOdooDown(true);
        break;
      case 4:
      case 5:
        world.SetOdooDown(false);
        break;
      default:
        QueueSome(world, endpoints, 2);
    }
  }
}

void RunToTheEnd(World& world) {
  for (int i = 0; i < 60 && !world.AllTerminal(); ++i) world.Run(minutes(1));
  world.Run(minutes(3));
}

void CheckHistory(std::uint64_t seed, int& kills) {
  CAPTURE(seed);
  World world({.seed = seed, .workers = 2, .faults = {5, 10, 5}});
  const Endpoints endpoints = AddEndpoints(world);
  QueueSome(world, endpoints, 6);
  Disturb(world, endpoints, 2);
  world.Heal();
  RunToTheEnd(world);
  kills += world.kills();
  for (const std::string& sentence : world.Broken()) FAIL_CHECK("seed ", seed, ": ", sentence);
  for (const std::string& sentence : BrokenLanes(world.ledger(), world.odoo())) {
    FAIL_CHECK("seed ", seed, ": ", sentence);
  }
  CHECK_MESSAGE(MostInWindow(world.ledger(), "/healthy-limited", kPeriod) <= kRate, "seed ", seed);
  // A process that died keeps its requests open at the receiver, and a worker that appears is not
  // known to the others at once.
  CHECK_MESSAGE(MostAtOnce(world.ledger(), "/healthy-narrow", {}) <= 2 * kConcurrency, "seed ",
                seed);
}

TEST_CASE("limits and lanes hold in the receivers' ledger through seeded histories") {
  const auto [first, count] = Seeds();
  int kills = 0;
  for (std::uint64_t seed = first; seed < first + count; ++seed) CheckHistory(seed, kills);
  MESSAGE("kills ", kills);
  if (count >= 200) CHECK(kills > 200);
}

TEST_CASE("in calm weather the limits are reached and never exceeded") {
  for (const int workers : {1, 2, 4}) {
    CAPTURE(workers);
    World world({.seed = 3, .workers = workers, .faults = {}});
    const std::int64_t limited = world.AddEndpoint("healthy-limited", kLimited);
    const std::int64_t narrow = world.AddEndpoint("healthy-narrow", "", kConcurrency);
    world.Run(seconds(20));  // all know of each other
    world.Queue(limited, 160);
    world.Queue(narrow, 400);
    world.Run(seconds(60));
    CHECK(world.AllTerminal());  // 160 at 4/s take 40 s
    CHECK(world.Broken().empty());
    CHECK(MostInWindow(world.ledger(), "/healthy-limited", kPeriod) <= kRate);
    CHECK(MostInWindow(world.ledger(), "/healthy-limited", kPeriod) >= kRate / 2);
    CHECK(MostAtOnce(world.ledger(), "/healthy-narrow", {}) <= kConcurrency);
    CHECK(MostAtOnce(world.ledger(), "/healthy-narrow", {}) >= kConcurrency - 1);
  }
}

TEST_CASE("a lane goes on as fast as its receiver, not as fast as claims are polled") {
  World world({.seed = 5, .workers = 2, .faults = {}});
  const std::int64_t endpoint = world.AddEndpoint("healthy-lanes");
  world.Run(seconds(20));
  world.Queue(endpoint, 200, "one");
  world.Run(seconds(20));  // each takes 40 ms on average, in runs of at most 20
  CHECK(world.AllTerminal());
  CHECK(BrokenLanes(world.ledger(), world.odoo()).empty());
  CHECK(world.ledger().size() == 200);
}

// The healthy ones lose nothing to the dead ones, and the dead ones are left alone.
TEST_CASE("two of twenty receivers are dead") {
  World world({.seed = 9, .workers = 2, .faults = {}});
  std::vector<std::int64_t> healthy;
  for (int i = 0; i < 18; ++i) healthy.push_back(world.AddEndpoint(fmt::format("healthy-{}", i)));
  for (const char* code : {"dead", "unreachable"}) world.Queue(world.AddEndpoint(code), 300);
  world.Run(seconds(20));
  const std::size_t before = world.ledger().size();
  for (const std::int64_t endpoint : healthy) world.Queue(endpoint, 50);
  world.Run(seconds(30));
  std::size_t answered = 0;
  for (const embedded::Delivery& delivery : world.odoo().deliveries()) {
    if (delivery.state == "done") ++answered;
  }
  CHECK(answered == 18 * 50);
  CHECK(world.ledger().size() - before < 18 * 50 + 20);  // 300 rows wait for the dead one
  RunToTheEnd(world);
  CHECK(world.Broken().empty());
}

}  // namespace
}  // namespace webhook::simulation
