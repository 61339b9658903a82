// SPDX-License-Identifier: LGPL-3.0-or-later
// What lib/delivery/ports/journal.h promises, for every journal.
#include <doctest/doctest.h>

#include <string>

#include "tests/conformance/journal/journal_harness.h"
#include "tests/fakes/journal_text.h"

using namespace webhook;
using namespace webhook::delivery;
using namespace webhook::conformance;

#define JOURNALS SqliteHarness, MemoryHarness, FaultlessHarness

namespace {

SendIntent Intent(std::int64_t delivery_id, const std::string& lease, const std::string& attempt) {
  return {.delivery_id = delivery_id,
          .lease_token = lease,
          .attempt_uid = attempt,
          .settlement_uid = "s-" + attempt,
          .http_method = "POST",
          .target_url = "https://receiver.example/hook?x=1",
          .started_at = base::FromUnixMs(1'767'225'600'123),
          .frozen_json = R"({"payload":"x"})"};
}

SettlementRecorded Settlement(const std::string& uid, std::int64_t delivery_id,
                              const std::string& lease) {
  return {.settlement_uid = uid,
          .job_id = delivery_id,
          .lease_token = lease,
          .settlement_json = R"({"outcome":"delivered"})",
          .kind = model::JobKind::kDelivery};
}

SettlementRecorded EventSettlement(const std::string& uid, std::int64_t event_id,
                                   const std::string& lease) {
  SettlementRecorded recorded = Settlement(uid, event_id, lease);
  recorded.kind = model::JobKind::kEvent;
  return recorded;
}

template <typename Harness>
std::string TextAfterReopen(Harness& harness) {
  harness.Reopen();
  return fakes::JournalText(harness.journal->Load());
}

}  // namespace

TEST_CASE_TEMPLATE("a new journal is empty", Harness, JOURNALS) {
  Harness harness;
  CHECK(fakes::JournalText(harness.journal->Load()) == "");
}

TEST_CASE_TEMPLATE("every kind of entry is there after reopening, in every field", Harness,
                   JOURNALS) {
  Harness harness;
  REQUIRE(AppendAndWait(
      harness, {ClaimStarted{"c1"}, ClaimStarted{"c2", model::JobKind::kEvent},
                Intent(7, "l1", "a1"), Settlement("s2", 8, "l2"), EventSettlement("s3", 9, "l3"),
                SettlementSetAside{"s3", "no such delivery"}, MetaSet{"fingerprint", "f"}}));
  CHECK(TextAfterReopen(harness) ==
        "claim [c1]\n"
        "event claim [c2]\n"
        "intent [7] [l1] [a1] [s-a1] [POST] [https://receiver.example/hook?x=1] [1767225600123] "
        "[{\"payload\":\"x\"}]\n"
        "settlement [s2] [8] [l2] [{\"outcome\":\"delivered\"}] [delivery]\n"
        "set aside [s3] [9] [l3] [{\"outcome\":\"delivered\"}] [event]\n"
        "meta [fingerprint] [f]\n");
}

TEST_CASE_TEMPLATE("a finished claim is forgotten, the others keep their order", Harness,
                   JOURNALS) {
  Harness harness;
  REQUIRE(AppendAndWait(harness, {ClaimStarted{"c3"}, ClaimStarted{"c1"}, ClaimStarted{"c2"},
                                  ClaimFinished{"c1"}, ClaimFinished{"never started"}}));
  CHECK(TextAfterReopen(harness) == "claim [c3]\nclaim [c2]\n");
}

TEST_CASE_TEMPLATE("a claim that starts again keeps its place", Harness, JOURNALS) {
  Harness harness;
  REQUIRE(AppendAndWait(harness, {ClaimStarted{"c1"}, ClaimStarted{"c2"}, ClaimStarted{"c1"}}));
  CHECK(TextAfterReopen(harness) == "claim [c1]\nclaim [c2]\n");
}

TEST_CASE_TEMPLATE("a settlement replaces the intent of its lease, and no other", Harness,
                   JOURNALS) {
  Harness harness;
  REQUIRE(AppendAndWait(harness, {Intent(1, "l1", "a1"), Intent(1, "l2", "a2"),
                                  Intent(2, "l1", "a3"), Settlement("s1", 1, "l1")}));
  harness.Reopen();
  const JournalContents contents = harness.journal->Load();
  REQUIRE(contents.intents.size() == 2);
  CHECK(contents.intents[0].attempt_uid == "a2");
  CHECK(contents.intents[1].attempt_uid == "a3");
  REQUIRE(contents.settlements.size() == 1);
}

TEST_CASE_TEMPLATE("a second intent of one lease replaces the first and stands last", Harness,
                   JOURNALS) {
  Harness harness;
  REQUIRE(
      AppendAndWait(harness, {Intent(1, "l", "a1"), Intent(2, "l", "a2"), Intent(1, "l", "a3")}));
  harness.Reopen();
  const JournalContents contents = harness.journal->Load();
  REQUIRE(contents.intents.size() == 2);
  CHECK(contents.intents[0].attempt_uid == "a2");
  CHECK(contents.intents[1].attempt_uid == "a3");
}

TEST_CASE_TEMPLATE("an acknowledged settlement is forgotten, also one set aside", Harness,
                   JOURNALS) {
  Harness harness;
  REQUIRE(AppendAndWait(harness, {Settlement("s1", 1, "l"), Settlement("s2", 2, "l"),
                                  SettlementSetAside{"s2", "r"}, SettlementAcknowledged{"s1"},
                                  SettlementAcknowledged{"s2"}, SettlementAcknowledged{"s9"}}));
  CHECK(TextAfterReopen(harness) == "");
}

TEST_CASE_TEMPLATE("settlements set aside stand in the order of that", Harness, JOURNALS) {
  Harness harness;
  REQUIRE(AppendAndWait(
      harness, {Settlement("s1", 1, "l"), Settlement("s2", 2, "l"), Settlement("s3", 3, "l"),
                SettlementSetAside{"s3", "r"}, SettlementSetAside{"s1", "r"},
                SettlementSetAside{"s3", "again"}, SettlementSetAside{"s9", "unknown"}}));
  harness.Reopen();
  const JournalContents contents = harness.journal->Load();
  REQUIRE(contents.settlements.size() == 1);
  CHECK(contents.settlements[0].settlement_uid == "s2");
  REQUIRE(contents.set_aside.size() == 2);
  CHECK(contents.set_aside[0].settlement_uid == "s3");
  CHECK(contents.set_aside[1].settlement_uid == "s1");
}

TEST_CASE_TEMPLATE("a settlement recorded again replaces itself, also one set aside", Harness,
                   JOURNALS) {
  Harness harness;
  REQUIRE(AppendAndWait(harness, {Settlement("s1", 1, "l"), Settlement("s2", 2, "l"),
                                  SettlementSetAside{"s1", "r"}, Settlement("s1", 1, "l")}));
  harness.Reopen();
  const JournalContents contents = harness.journal->Load();
  CHECK(contents.set_aside.empty());
  REQUIRE(contents.settlements.size() == 2);
  CHECK(contents.settlements[0].settlement_uid == "s2");
  CHECK(contents.settlements[1].settlement_uid == "s1");
}

TEST_CASE_TEMPLATE("a fact that is set again has its new value", Harness, JOURNALS) {
  Harness harness;
  REQUIRE(AppendAndWait(harness, {MetaSet{"k", "1"}, MetaSet{"k", "2"}, MetaSet{"", ""}}));
  CHECK(TextAfterReopen(harness) == "meta [] []\nmeta [k] [2]\n");
}

TEST_CASE_TEMPLATE("texts are bytes: NUL, not UTF-8, quotes, empty, large", Harness, JOURNALS) {
  Harness harness;
  const std::string odd("a\0b\xff\xc3'\";--\n", 11);
  SettlementRecorded large = Settlement(odd, INT64_MIN, odd);
  large.settlement_json = std::string(1 << 20, 'x') + odd;
  SendIntent intent = Intent(INT64_MAX, odd, odd);
  intent.target_url = "";
  REQUIRE(AppendAndWait(harness, {large, intent, ClaimStarted{odd}, MetaSet{odd, odd}}));
  harness.Reopen();
  const JournalContents contents = harness.journal->Load();
  REQUIRE(contents.settlements.size() == 1);
  CHECK(contents.settlements[0].settlement_json == large.settlement_json);
  CHECK(contents.settlements[0].job_id == INT64_MIN);
  REQUIRE(contents.intents.size() == 1);
  CHECK(contents.intents[0].lease_token == odd);
  CHECK(contents.intents[0].target_url == "");
  CHECK(contents.intents[0].delivery_id == INT64_MAX);
  CHECK(contents.claim_tokens == std::vector<std::string>{odd});
  CHECK(contents.meta.at(odd) == odd);
}

TEST_CASE_TEMPLATE("answers come in the order of the appends, never inside the call", Harness,
                   JOURNALS) {
  Harness harness;
  std::vector<int> answers;
  for (int i = 0; i < 200; ++i) {
    harness.journal->Append({MetaSet{"k", std::to_string(i)}}, [&answers, i](bool ok) {
      CHECK(ok);
      answers.push_back(i);
    });
  }
  CHECK(answers.empty());
  REQUIRE(harness.strand.RunUntil([&] { return answers.size() == 200; }));
  for (int i = 0; i < 200; ++i) CHECK(answers[static_cast<std::size_t>(i)] == i);
  CHECK(TextAfterReopen(harness) == "meta [k] [199]\n");
}

TEST_CASE_TEMPLATE("an answer may append", Harness, JOURNALS) {
  Harness harness;
  int answers = 0;
  std::function<void(bool)> next = [&](bool ok) {
    CHECK(ok);
    if (++answers < 10) harness.journal->Append({MetaSet{"k", std::to_string(answers)}}, next);
  };
  harness.journal->Append({MetaSet{"k", "0"}}, next);
  REQUIRE(harness.strand.RunUntil([&] { return answers == 10; }));
  CHECK(TextAfterReopen(harness) == "meta [k] [9]\n");
}

TEST_CASE_TEMPLATE("an append of nothing is answered", Harness, JOURNALS) {
  Harness harness;
  CHECK(AppendAndWait(harness, {}));
}

TEST_CASE_TEMPLATE("orders go on after reopening", Harness, JOURNALS) {
  Harness harness;
  for (int i = 0; i < 3; ++i) {
    const std::string id = std::to_string(3 - i);
    REQUIRE(AppendAndWait(harness, {ClaimStarted{id}, Settlement(id, i, "l")}));
    harness.Reopen();
  }
  const JournalContents contents = harness.journal->Load();
  CHECK(contents.claim_tokens == std::vector<std::string>{"3", "2", "1"});
  REQUIRE(contents.settlements.size() == 3);
  CHECK(contents.settlements[0].settlement_uid == "3");
  CHECK(contents.settlements[2].settlement_uid == "1");
}
