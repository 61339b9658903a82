// SPDX-License-Identifier: LGPL-3.0-or-later
#include "tests/fakes/faulty_odoo.h"

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <vector>

#include "tests/fakes/fake_clock.h"
#include "tests/fakes/queue_strand.h"

namespace webhook::fakes {
namespace {

using delivery::ContractMethod;
using delivery::RpcFaultKind;
using delivery::RpcReply;

const char* const kHello =
    R"({"contract_version": 1, "worker_uid": "00000000-0000-7000-8000-000000000001", "name": "w",
        "version": "1", "host": "h", "callbacks": [], "journal_healthy": true})";
const char* const kSettle =
    R"({"worker_uid": "00000000-0000-7000-8000-000000000001", "settlements": []})";
constexpr base::Milliseconds kTimeout{1000};

struct Fixture {
  FakeClock clock;
  QueueStrand strand{clock};
  embedded::EmbeddedOdoo odoo{clock};
  OdooWeather weather;
  base::SeededRandom random{1};
  FaultyOdoo client{odoo, weather, strand, strand, random};
  int answers = 0;

  Fixture() { REQUIRE(odoo.Handle(ContractMethod::kHello, kHello).ok()); }

  // The answer, once virtual time has passed.
  RpcReply Call() {
    std::optional<RpcReply> reply;
    const int before = answers;
    client.Call(ContractMethod::kSettle, kSettle, kTimeout, [&](RpcReply answer) {
      ++answers;
      reply = std::move(answer);
    });
    CHECK(answers == before);
    strand.RunUntilIdle();
    REQUIRE(answers == before + 1);
    return std::move(*reply);
  }

  // How many settle calls reached the double.
  std::string Applied() { return odoo.Handle(ContractMethod::kSettle, kSettle).value(); }
};

bool HasNumber(const std::string& answer, int number) {
  return answer.find("\"settlement_number\":" + std::to_string(number)) != std::string::npos;
}

TEST_CASE_FIXTURE(Fixture, "in fair weather every call is answered after its delay") {
  const auto start = clock.SteadyNow();
  CHECK(Call().ok());
  const auto took = clock.SteadyNow() - start;
  CHECK(took >= 2 * weather.faults.delay_min);
  CHECK(took <= 2 * weather.faults.delay_max);
  CHECK(HasNumber(Applied(), 2));
}

TEST_CASE_FIXTURE(Fixture, "a lost request changes nothing and is unknown after the time-out") {
  weather.faults.request_lost_percent = 100;
  const auto start = clock.SteadyNow();
  const RpcReply reply = Call();
  REQUIRE_FALSE(reply.ok());
  CHECK(reply.error().kind == RpcFaultKind::kUnknown);
  CHECK(clock.SteadyNow() - start == kTimeout);
  CHECK(HasNumber(Applied(), 1));
}

TEST_CASE_FIXTURE(Fixture, "a lost reply is unknown and was applied") {
  weather.faults.reply_lost_percent = 100;
  const RpcReply reply = Call();
  REQUIRE_FALSE(reply.ok());
  CHECK(reply.error().kind == RpcFaultKind::kUnknown);
  CHECK(HasNumber(Applied(), 2));
}

TEST_CASE_FIXTURE(Fixture, "busy and away change nothing") {
  weather.faults.busy_percent = 100;
  RpcReply reply = Call();
  REQUIRE_FALSE(reply.ok());
  CHECK(reply.error().kind == RpcFaultKind::kBusy);
  weather.down = true;
  reply = Call();
  REQUIRE_FALSE(reply.ok());
  CHECK(reply.error().kind == RpcFaultKind::kUnreachable);
  CHECK(HasNumber(Applied(), 1));
}

TEST_CASE("the seed decides everything") {
  const auto history = [](std::uint64_t seed) {
    Fixture fixture;
    fixture.random = base::SeededRandom(seed);
    fixture.weather.faults = {
        .request_lost_percent = 20, .reply_lost_percent = 20, .busy_percent = 20};
    std::vector<std::int64_t> seen;
    for (int i = 0; i < 30; ++i) {
      const RpcReply reply = fixture.Call();
      seen.push_back(reply.ok() ? -1 : static_cast<std::int64_t>(reply.error().kind));
      seen.push_back(fixture.clock.SteadyNow().time_since_epoch().count());
    }
    return seen;
  };
  CHECK(history(5) == history(5));
  CHECK(history(5) != history(6));
}

}  // namespace
}  // namespace webhook::fakes
