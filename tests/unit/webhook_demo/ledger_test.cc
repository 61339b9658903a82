// SPDX-License-Identifier: LGPL-3.0-or-later
#include "app/webhook_demo/receiver/ledger.h"

#include <doctest/doctest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <system_error>

#include "tests/fakes/temporary_directory.h"

namespace webhook::demo {
namespace {

using nlohmann::json;

LedgerEntry Entry(std::string path, std::string id) {
  LedgerEntry entry;
  entry.time_ms = 1;
  entry.path = std::move(path);
  entry.method = "POST";
  entry.webhook_id = std::move(id);
  return entry;
}

std::vector<std::string> LinesOf(const std::string& path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

TEST_CASE("counts by path and answer, pending while there is none") {
  Ledger ledger;
  const auto first = ledger.Arrived(Entry("/a", "1"));
  const auto second = ledger.Arrived(Entry("/a", "2"));
  ledger.Answered(first, "200");
  CHECK(json::parse(ledger.CountsJson()) == json({{"/a", {{"200", 1}, {"pending", 1}}}}));
  ledger.Answered(second, "reset");
  CHECK(json::parse(ledger.CountsJson()) == json({{"/a", {{"200", 1}, {"reset", 1}}}}));
  CHECK(ledger.requests() == 2);
}

TEST_CASE("the tries of a webhook-id are numbered, and found by it") {
  Ledger ledger;
  CHECK(ledger.Arrived(Entry("/a", "1")).try_number == 1);
  CHECK(ledger.Arrived(Entry("/a", "2")).try_number == 1);
  CHECK(ledger.Arrived(Entry("/a", "1")).try_number == 2);
  CHECK(json::parse(ledger.EntriesJson("1")).size() == 2);
  CHECK(json::parse(ledger.EntriesJson("3")) == json::array());
  CHECK(json::parse(ledger.EntriesJson("")).size() == 3);
  CHECK(ledger.Entries().size() == 3);
}

TEST_CASE("a line for every answered request, appended, whole at once") {
  const fakes::TemporaryDirectory directory;
  const std::string file = directory.File("ledger");
  for (int run = 1; run <= 2; ++run) {
    Ledger ledger({.file = file});
    const auto ticket = ledger.Arrived(Entry("/a\xff", "1"));
    CHECK(LinesOf(file).size() == static_cast<std::size_t>(run - 1));
    ledger.Answered(ticket, "200");
    REQUIRE(LinesOf(file).size() == static_cast<std::size_t>(run));
    const json line = json::parse(LinesOf(file).back());
    CHECK(line["path"] == "/a\\xff");
    CHECK(line["webhook_id"] == "1");
    CHECK(line["answered"] == "200");
  }
}

TEST_CASE("a full ledger goes on counting, and lets everything succeed") {
  Ledger ledger({.entries_max = 1, .paths_max = 2});
  for (const char* const path : {"/a", "/b", "/c", "/d"}) {
    ledger.Answered(ledger.Arrived(Entry(path, "1")), "200");
  }
  CHECK(ledger.Entries().size() == 1);
  CHECK(ledger.requests() == 4);
  CHECK(ledger.Arrived(Entry("/a", "1")).try_number > 1000);
  CHECK(json::parse(ledger.CountsJson())["others"] == json({{"200", 2}}));
}

TEST_CASE("a file that cannot be had is an error") {
  CHECK_THROWS_AS(Ledger({.file = "/nowhere/ledger"}), std::system_error);
}

}  // namespace
}  // namespace webhook::demo
