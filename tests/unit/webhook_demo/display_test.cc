// SPDX-License-Identifier: LGPL-3.0-or-later
#include "app/webhook_demo/display.h"

#include <doctest/doctest.h>

#include <sstream>

namespace webhook::demo {
namespace {

Snapshot SomeSnapshot() {
  Snapshot snapshot;
  snapshot.elapsed = base::Milliseconds(4200);
  snapshot.endpoints = {"healthy", "dead"};
  snapshot.planned = {{"healthy", 1200}, {"dead", 4}};
  snapshot.counts["healthy"] = {.waiting = 300, .sending = 5, .retrying = 0, .done = 895};
  snapshot.counts["dead"] = {.retrying = 3, .dead_letters = 1};
  return snapshot;
}

std::vector<std::string> LinesOf(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

Summary SomeSummary() {
  Summary summary;
  summary.endpoints.push_back({.endpoint = "healthy",
                               .queued = 1200,
                               .delivered = 1200,
                               .requests = 1200,
                               .p50_ms = 12,
                               .p95_ms = 1250});
  summary.endpoints.push_back(
      {.endpoint = "dead", .queued = 4, .retried = 4, .dead_letters = 4, .requests = 16});
  summary.total = {.endpoint = "total", .queued = 1204, .delivered = 1200, .dead_letters = 4};
  return summary;
}

TEST_CASE("numbers for people") {
  CHECK(Grouped(0) == "0");
  CHECK(Grouped(999) == "999");
  CHECK(Grouped(1000) == "1,000");
  CHECK(Grouped(-1234567) == "-1,234,567");
  CHECK(Duration(850) == "850 ms");
  CHECK(Duration(1250) == "1.2 s");
}

TEST_CASE("a line of progress is plain text") {
  CHECK(ProgressLine(SomeSnapshot(), 1500) ==
        "   4 s  done    895 of 1,204  in flight    5  retrying     3  dead letters     1   1,500 "
        "requests/s\n");
}

TEST_CASE("the picture fits its terminal, and its lines are as long as each other") {
  for (const int columns : {60, 80, 200}) {
    CAPTURE(columns);
    const auto lines = PictureLines(SomeSnapshot(), 1500, {.live = true, .columns = columns});
    REQUIRE(lines.size() >= 2);
    CHECK(lines[0].size() == lines[1].size());
    for (const std::string& line : lines) CHECK(line.size() < static_cast<std::size_t>(columns));
  }
}

TEST_CASE("without colours there are no escapes, without UTF-8 only ASCII") {
  std::string all = FinalTable(SomeSummary(), {});
  for (const std::string& line : PictureLines(SomeSnapshot(), 1, {})) all += line;
  for (const char c : all) CHECK((c == '\n' || (c >= ' ' && c <= '~')));
}

TEST_CASE("the table is aligned") {
  const auto lines = LinesOf(FinalTable(SomeSummary(), {}));
  REQUIRE(lines.size() == 6);
  CHECK(lines[0].size() < 80);
  for (const std::string& line : lines) CHECK(line.size() == lines[0].size());
  CHECK(lines[2] ==
        "  healthy     1,200      1,200        0             0     1,200   12 ms   1.2 s");
}

TEST_CASE("colours wrap the text and leave the line break outside") {
  CHECK(Colored("x\n", 31, {.colors = true}) == "\x1b[31mx\x1b[0m\n");
  CHECK(Colored("x", 31, {.colors = false}) == "x");
  CHECK(Colored("", 31, {.colors = true}).empty());
}

}  // namespace
}  // namespace webhook::demo
