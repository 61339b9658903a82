// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/findings_reporter.h"

#include <doctest/doctest.h>

#include "tests/unit/delivery/engine_world.h"

using namespace webhook::delivery;

namespace {

struct World : EngineWorld {
  explicit World(void (*edit)(Json& endpoint) = nullptr)
      : findings(kWorkerUid, Milliseconds(150000), log, odoo, link) {
    link.Start(
        {.on_ready = [this] { findings.OnLinkReady(); },
         .on_configuration =
             [this] {
               findings.Report(MakeHandlerBook(link.configuration(), {}, secrets, clock.Now()));
             },
         .on_wake_secret = [](const std::string&) {}},
        {});
    strand.RunReady();
    odoo.Answer(Method::kHello, Hello());
    Json configuration = Configuration();
    if (edit != nullptr) edit(configuration.at("configuration").at("endpoints").at(0));
    odoo.Answer(Method::kConfiguration, configuration);
    REQUIRE(link.ready());
  }
  void Refuse(RpcFaultKind kind) {
    odoo.Fail(Method::kReportFindings, kind);
    strand.RunReady();
  }
  // The next hello is good.
  void SeeOdooAgain() {
    for (int i = 0; i < 100 && !odoo.IsPending(Method::kHello); ++i) Advance(Milliseconds(500));
    odoo.Answer(Method::kHello, Hello());
    REQUIRE(link.ready());
  }
  bool IsReported() const { return odoo.IsPending(Method::kReportFindings); }

  FindingsReporter findings;
};

}  // namespace

TEST_CASE("a report is sent until it has arrived") {
  World world;
  world.Refuse(RpcFaultKind::kUnknown);
  CHECK_FALSE(world.link.ready());
  world.SeeOdooAgain();
  REQUIRE(world.IsReported());
  world.odoo.Answer(Method::kReportFindings, world.Envelope({{"accepted", true}}));
  CHECK_FALSE(world.IsReported());
}

TEST_CASE("a report that Odoo refuses again and again does not keep the worker from its work") {
  World world;
  for (int i = 0; i < 2; ++i) {
    world.Refuse(RpcFaultKind::kRejected);
    world.SeeOdooAgain();
  }
  world.Refuse(RpcFaultKind::kRejected);
  CHECK(world.link.ready());
  CHECK_FALSE(world.IsReported());
}

TEST_CASE("what is wrong with an endpoint, and what its rules read, is told as well") {
  World world([](Json& endpoint) {
    endpoint["header_rules"] =
        Json::array({{{"id", 5},
                      {"target", "X-Name"},
                      {"source", {{"kind", "record_field"}, {"expression", "partner_id.name"}}}}});
    endpoint["auth"] = {{"mode", "bearer"}};
    endpoint["secrets"] =
        Json::array({{{"id", 6}, {"purpose", "bearer_token"}, {"value", "sealed:1:broken"}}});
  });
  const Json report = world.odoo.Pending(Method::kReportFindings).request;
  const Json needs = {
      {{"endpoint_id", 1}, {"expressions", Json::array({"record_field:partner_id.name"})}}};
  CHECK(report.at("endpoint_needs") == needs);
  REQUIRE_FALSE(report.at("findings").empty());
  CHECK_FALSE(world.log.Named("configuration.finding").empty());
}
