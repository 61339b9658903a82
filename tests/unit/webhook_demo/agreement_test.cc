// SPDX-License-Identifier: LGPL-3.0-or-later
#include "app/webhook_demo/agreement.h"

#include <doctest/doctest.h>

namespace webhook::demo {
namespace {

AttemptRow Answered(int number, int status) {
  return {.number = number,
          .outcome = status < 300 ? "delivered" : "retry",
          .status = status,
          .maybe_delivered = false,
          .error_kind = ""};
}

AttemptRow Lost(int number, std::string kind, bool maybe_delivered = true) {
  return {.number = number,
          .outcome = kind == "interrupted" ? "interrupted" : "retry",
          .status = {},
          .maybe_delivered = maybe_delivered,
          .error_kind = std::move(kind)};
}

LedgerEntry Request(std::string answered) {
  LedgerEntry entry;
  entry.path = "/flaky";
  entry.webhook_id = "uid-1";
  entry.idempotency_key = "uid-1";
  entry.body_sha256 = "hash";
  entry.answered = std::move(answered);
  return entry;
}

struct Case {
  std::string state = "done";
  std::vector<AttemptRow> attempts;
  std::vector<LedgerEntry> requests;
  QueuedBodies queued = {{1, "hash"}};

  std::size_t Disagreements() const {
    const DeliveryRow row{.id = 1,
                          .delivery_uid = "uid-1",
                          .endpoint = "flaky",
                          .state = state,
                          .failure_reason = "",
                          .attempts = attempts};
    return Compare({row}, requests, queued, {{"flaky", "/flaky"}}).size();
  }
};

TEST_CASE("what happened as recorded is agreed upon") {
  CHECK(Case{.attempts = {Answered(1, 200)}, .requests = {Request("200")}}.Disagreements() == 0);
  CHECK(Case{.attempts = {Answered(1, 503), Lost(2, "connection_lost"), Answered(3, 200)},
             .requests = {Request("503"), Request("reset"), Request("200")}}
            .Disagreements() == 0);
  CHECK(Case{.state = "dead_letter",
             .attempts = {Answered(1, 500), Answered(2, 500)},
             .requests = {Request("500"), Request("500")}}
            .Disagreements() == 0);
}

TEST_CASE("an attempt that never left has no request") {
  CHECK(
      Case{.attempts = {Lost(1, "connect", false), Answered(2, 200)}, .requests = {Request("200")}}
          .Disagreements() == 0);
}

TEST_CASE("a time-out may hide an answer") {
  CHECK(Case{.attempts = {Lost(1, "timeout"), Answered(2, 200)},
             .requests = {Request("200"), Request("200")}}
            .Disagreements() == 0);
  CHECK(Case{.attempts = {Lost(1, "connection_lost"), Answered(2, 200)},
             .requests = {Request("200"), Request("200")}}
            .Disagreements() > 0);
}

TEST_CASE("an interrupted attempt may have arrived or not") {
  CHECK(Case{.attempts = {Lost(1, "interrupted"), Answered(2, 200)}, .requests = {Request("200")}}
            .Disagreements() == 0);
  CHECK(Case{.attempts = {Lost(1, "interrupted"), Answered(2, 200)},
             .requests = {Request("200"), Request("200")}}
            .Disagreements() == 0);
  CHECK(Case{.attempts = {Lost(1, "interrupted"), Answered(2, 200)},
             .requests = {Request("200"), Request("200"), Request("200")}}
            .Disagreements() > 0);
}

TEST_CASE("each kind of difference is found") {
  const Case good{.attempts = {Answered(1, 503), Answered(2, 200)},
                  .requests = {Request("503"), Request("200")}};
  REQUIRE(good.Disagreements() == 0);
  Case bad = good;
  SUBCASE("a request that no attempt tells of") { bad.requests.push_back(Request("200")); }
  SUBCASE("an attempt without a request") { bad.requests.erase(bad.requests.begin()); }
  SUBCASE("another status") { bad.requests[0].answered = "500"; }
  SUBCASE("a dead letter that was answered 2xx") { bad.state = "dead_letter"; }
  SUBCASE("done although the last answer was none") {
    bad.attempts = {Answered(1, 503)};
    bad.requests = {Request("503")};
  }
  SUBCASE("done and never sent") {
    bad.attempts.clear();
    bad.requests.clear();
  }
  SUBCASE("not ended") { bad.state = "error"; }
  SUBCASE("another body") { bad.requests[1].body_sha256 = "other"; }
  SUBCASE("another endpoint") { bad.requests[1].path = "/dead"; }
  SUBCASE("another key") { bad.requests[1].idempotency_key = "other"; }
  SUBCASE("another webhook-id") { bad.requests[1].webhook_id = "other"; }
  SUBCASE("a gap in the numbers") { bad.attempts[1].number = 3; }
  SUBCASE("not queued by this run") { bad.queued.clear(); }
  SUBCASE("queued, and not in Odoo") { bad.queued[2] = "hash"; }
  CHECK(bad.Disagreements() > 0);
}

}  // namespace
}  // namespace webhook::demo
