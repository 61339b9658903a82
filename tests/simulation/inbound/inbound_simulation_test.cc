// SPDX-License-Identifier: LGPL-3.0-or-later
// Seeded histories of the inbound half: whatever was answered 202 is exactly one event in Odoo, in
// order where that was asked for, also when replies are lost, Odoo is away, the worker is killed,
// and Odoo cannot store some of the events.
#include <doctest/doctest.h>

#include <cstdlib>
#include <string>

#include "tests/simulation/inbound/inbound_world.h"

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

void Disturb(InboundWorld& world) {
  const char* const paths[] = {"free", "other", "ordered"};
  for (int step = 0; step < 40; ++step) {
    world.Run(Milliseconds(20 + world.random().Next() % 1500));
    const char* path = paths[world.random().Next() % 3];
    switch (world.random().Next() % 10) {
      case 0:
        world.Kill();
        break;
      case 1:
      case 2:
        world.Restart();
        break;
      case 3:
        world.SetOdooDown(true);
        break;
      case 4:
      case 5:
        world.SetOdooDown(false);
        break;
      case 6:
        if (world.random().Next() % 3 == 0) world.Send(path, 1, true);
        break;
      case 7:
        world.TakeIn(2);
        break;
      default:
        world.Send(path, static_cast<int>(world.random().Next() % 20));
    }
  }
}

struct Roughness {
  int kills = 0;
  int repeated = 0;
  std::size_t accepted = 0;
  int poison = 0;
};

void CheckHistory(std::uint64_t seed, Roughness& roughness) {
  CAPTURE(seed);
  InboundWorld world(seed, {3, 8, 3});
  world.Run(seconds(5));
  for (const char* path : {"free", "other", "ordered"}) world.Send(path, 20);
  Disturb(world);
  world.Heal();
  for (int i = 0; i < 60 && !world.IsQuiet(); ++i) world.Run(minutes(1));
  world.Run(minutes(3));  // leases of the dead end, events are processed
  for (const std::string& sentence : world.Broken()) FAIL_CHECK("seed ", seed, ": ", sentence);
  roughness.kills += world.kills();
  roughness.repeated += world.repeated();
  roughness.accepted += world.accepted();
  for (const embedded::Event& event : world.odoo().events()) {
    if (event.rejection_category == "poison") ++roughness.poison;
  }
}

TEST_CASE("seeded histories: every 202 is exactly one event, in order, and poison stands alone") {
  const auto [first, count] = Seeds();
  Roughness roughness;
  for (std::uint64_t seed = first; seed < first + count; ++seed) CheckHistory(seed, roughness);
  MESSAGE("accepted ", roughness.accepted, ", kills ", roughness.kills, ", repeated requests ",
          roughness.repeated, ", poison ", roughness.poison);
  if (count < 200) return;
  CHECK(roughness.kills > 150);
  CHECK(roughness.repeated > 500);
  CHECK(roughness.poison > 50);
}

TEST_CASE("the same seed gives the same history") {
  const auto run = [] {
    InboundWorld world(11, {3, 8, 3});
    world.Send("free", 20);
    Disturb(world);
    std::string history;
    for (const embedded::Event& event : world.odoo().events()) history += event.event_uid;
    return history;
  };
  CHECK(run() == run());
}

}  // namespace
}  // namespace webhook::simulation
