// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/releaser.h"

#include <doctest/doctest.h>

#include "tests/unit/delivery/link_world.h"

using namespace webhook::delivery;
namespace model = webhook::model;

namespace {

struct ReleaserWorld : LinkWorld {
  ReleaserWorld()
      : releaser(kWorkerUid, seconds(150), strand, odoo, link,
                 [this](const std::vector<model::Lease>& leases, bool released) {
                   for (const model::Lease& lease : leases) {
                     told += std::to_string(lease.job_id) + (released ? "+ " : "- ");
                   }
                 }) {}

  std::string told;
  Releaser releaser;
};

}  // namespace

TEST_CASE("what is given back in one turn is one call, and is told when Odoo has it") {
  ReleaserWorld world;
  world.StartReady();
  CHECK_FALSE(world.releaser.busy());
  world.releaser.Release({1, Uid(1)});
  world.releaser.Release({2, Uid(2)});
  CHECK(world.releaser.busy());
  CHECK(world.odoo.Count(Method::kRelease) == 0);
  world.strand.RunReady();
  const Json request = world.odoo.Pending(Method::kRelease).request;
  CHECK(request.at("worker_uid") == kWorkerUid);
  REQUIRE(request.at("leases").size() == 2);
  CHECK(request.at("leases").at(1).at("id") == 2);
  CHECK(request.at("leases").at(1).at("lease_token") == Uid(2));
  CHECK(world.odoo.Pending(Method::kRelease).timeout == seconds(150));
  CHECK(world.told == "");
  world.odoo.Answer(Method::kRelease, world.Envelope({{"released", 2}}));
  CHECK(world.told == "1+ 2+ ");
  CHECK_FALSE(world.releaser.busy());
}

TEST_CASE("a call that failed, or was not made because Odoo is away, gives nothing back") {
  ReleaserWorld world;
  world.StartReady();
  world.releaser.Release({1, Uid(1)});
  world.strand.RunReady();
  world.odoo.Fail(Method::kRelease, RpcFaultKind::kUnknown);
  CHECK(world.told == "1- ");
  CHECK_FALSE(world.releaser.busy());
  world.link.OnFault("claim", {RpcFaultKind::kUnreachable, ""});
  world.releaser.Release({2, Uid(2)});
  world.strand.RunReady();
  CHECK(world.told == "1- 2- ");
  CHECK(world.odoo.Count(Method::kRelease) == 1);
  CHECK_FALSE(world.releaser.busy());
}

TEST_CASE("calls of several turns are each told their own leases") {
  ReleaserWorld world;
  world.StartReady();
  world.releaser.Release({1, Uid(1)});
  world.strand.RunReady();
  world.releaser.Release({2, Uid(2)});
  world.strand.RunReady();
  CHECK(world.odoo.Count(Method::kRelease) == 2);
  const ScriptedCall first = world.odoo.Take(Method::kRelease);
  world.odoo.Answer(Method::kRelease, world.Envelope({{"released", 1}}));
  CHECK(world.told == "2+ ");
  CHECK(world.releaser.busy());
  first.done(RpcFault{RpcFaultKind::kBusy, ""});
  CHECK(world.told == "2+ 1- ");
  CHECK_FALSE(world.releaser.busy());
}
