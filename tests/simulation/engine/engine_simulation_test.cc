// SPDX-License-Identifier: LGPL-3.0-or-later
// Seeded histories of the whole engine: lost replies, outages, process death, two workers. The
// invariants are the product's promises: nothing is lost, every repetition has the same id and
// bytes, what Odoo records equals what was sent, a superseded worker changes nothing.
#include <doctest/doctest.h>

#include <cstdlib>
#include <string>

#include "tests/simulation/engine/world.h"

namespace webhook::simulation {
namespace {

using base::Milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

// WEBHOOK_SIMULATION_SEEDS=first:count runs others, or more.
std::pair<std::uint64_t, std::uint64_t> Seeds() {
  const char* text = std::getenv("WEBHOOK_SIMULATION_SEEDS");
  if (text == nullptr) return {1, 200};
  const std::string range(text);
  const auto colon = range.find(':');
  return {std::stoull(range.substr(0, colon)), std::stoull(range.substr(colon + 1))};
}

void Disturb(World& world, int workers) {
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
        world.QueueAnywhere(2);
        world.ReceiveEvents(2);
    }
  }
}

// What the histories went through together: proof that they were rough enough to prove anything.
struct Roughness {
  int kills = 0;
  int interrupted = 0;
  int superseded = 0;
  int taken_over = 0;  // of the interrupted ones, those that a claim wrote for a lost lease
};

void Measure(World& world, Roughness& roughness) {
  roughness.kills += world.kills();
  for (const embedded::Attempt& attempt : world.odoo().attempts()) {
    if (attempt.outcome == "interrupted") ++roughness.interrupted;
    if (attempt.outcome == "interrupted" && attempt.target_url.empty()) ++roughness.taken_over;
    if (attempt.superseded) ++roughness.superseded;
  }
}

void CheckHistory(std::uint64_t seed, Roughness& roughness) {
  CAPTURE(seed);
  WorldOptions options;
  options.seed = seed;
  options.workers = 2;
  options.faults = {5, 10, 5};
  World world(options);
  for (const char* code : {"healthy", "flaky", "dead", "refusing", "unreachable"}) {
    world.Queue(world.AddEndpoint(code), 6);
  }
  world.ReceiveEvents(20);
  Disturb(world, options.workers);
  world.Heal();
  for (int i = 0; i < 60 && !world.AllTerminal(); ++i) world.Run(minutes(1));
  world.Run(minutes(10));  // tokens of lost claims are given up, journals empty themselves
  Measure(world, roughness);
  for (const std::string& sentence : world.Broken()) FAIL_CHECK("seed ", seed, ": ", sentence);
}

TEST_CASE("seeded histories keep the promises") {
  const auto [first, count] = Seeds();
  Roughness roughness;
  for (std::uint64_t seed = first; seed < first + count; ++seed) CheckHistory(seed, roughness);
  MESSAGE("kills ", roughness.kills, ", interrupted ", roughness.interrupted, ", superseded ",
          roughness.superseded, ", taken over ", roughness.taken_over);
  if (count < 200) return;
  CHECK(roughness.kills > 200);
  CHECK(roughness.interrupted > 100);
}

// A worker stands still until another has taken its leases over, and comes back with replies and
// plans of its own.
TEST_CASE("a worker that stood still changes nothing that another has decided") {
  Roughness roughness;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    World world({.seed = seed, .workers = 2, .faults = {}});
    for (const char* code : {"healthy", "flaky", "dead"}) world.AddEndpoint(code);
    world.Run(minutes(1));
    for (int round = 0; round < 3; ++round) {
      world.QueueAnywhere(40);
      world.ReceiveEvents(40);
      world.Run(Milliseconds(40 + world.random().Next() % 1500));
      const int worker = static_cast<int>(world.random().Next() % 2);
      world.Freeze(worker);
      world.Run(minutes(2 + static_cast<int>(world.random().Next() % 3)));
      world.Thaw(worker);
      world.Run(seconds(5));
    }
    for (int i = 0; i < 60 && !world.AllTerminal(); ++i) world.Run(minutes(1));
    world.Run(minutes(10));
    Measure(world, roughness);
    for (const std::string& sentence : world.Broken()) FAIL_CHECK("seed ", seed, ": ", sentence);
  }
  MESSAGE("superseded ", roughness.superseded, ", taken over ", roughness.taken_over);
  CHECK(roughness.superseded > 20);
}

TEST_CASE("an outage of three lease times after 200 replies brings no second request") {
  WorldOptions options;
  options.workers = 2;
  World world(options);
  const auto endpoint = world.AddEndpoint("healthy");
  world.Run(seconds(5));
  world.Queue(endpoint, 200);
  // Odoo goes away as soon as everything is claimed; the replies pile up in the outbox.
  while (world.ledger().empty()) world.Run(Milliseconds(5));
  while (world.ledger().size() < 40) world.Run(Milliseconds(5));
  world.SetOdooDown(true);
  world.Run(seconds(3 * 60));
  const std::size_t before = world.engine(0).settle_backlog() + world.engine(1).settle_backlog();
  CHECK(before > 0);
  world.SetOdooDown(false);
  world.Run(minutes(5));
  CHECK(world.AllTerminal());
  CHECK(world.ledger().size() == 200);
  CHECK(world.Broken().empty());
}

TEST_CASE("a calm history has exactly one request per delivery and leaves empty journals") {
  World world({.seed = 7, .workers = 4, .faults = {}});
  world.Queue(world.AddEndpoint("healthy"), 400);
  world.ReceiveEvents(400);
  world.Run(minutes(10));
  CHECK(world.AllTerminal());
  CHECK(world.ledger().size() == 400);
  CHECK(world.Broken().empty());
  for (int worker = 0; worker < 4; ++worker) {
    CHECK(world.journal(worker).claim_tokens.empty());
    CHECK(world.journal(worker).event_claim_tokens.size() <= 1);  // the claim under way
  }
}

TEST_CASE("the same seed gives the same history") {
  const auto run = [] {
    World world({.seed = 11, .workers = 2, .faults = {5, 10, 5}});
    world.Queue(world.AddEndpoint("flaky"), 30);
    Disturb(world, 2);
    std::string history;
    for (const LedgerEntry& entry : world.ledger()) {
      history += entry.webhook_id + std::to_string(entry.worker);
    }
    return history;
  };
  CHECK(run() == run());
}

}  // namespace
}  // namespace webhook::simulation
