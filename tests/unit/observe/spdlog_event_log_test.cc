// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/observe/spdlog_event_log.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/fakes/fake_clock.h"
#include "tests/fakes/temporary_directory.h"

namespace webhook::observe {
namespace {

using base::Level;

class LogFile {
 public:
  std::string path() const { return folder_.File("worker.log"); }

  std::vector<std::string> Lines() const {
    std::ifstream file(path());
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return lines;
  }

 private:
  fakes::TemporaryDirectory folder_;
};

}  // namespace

TEST_CASE("an event is in the file when Write returns") {
  const fakes::FakeClock clock(base::FromUnixMs(1'795'507'200'123));
  const LogFile file;
  SpdlogEventLog log(clock, {.file = file.path()});
  log.Write(Level::kInfo, "worker.started", {{"name", "w {} %v"}});
  CHECK(file.Lines() ==
        std::vector<std::string>{"2026-11-24T08:00:00.123Z INFO worker.started name=\"w {} %v\""});
  CHECK(log.lines_lost() == 0);
}

TEST_CASE("events below the level are not written") {
  const fakes::FakeClock clock(base::FromUnixMs(1'795'507'200'123));
  const LogFile file;
  SpdlogEventLog log(clock, {.level = Level::kWarning, .file = file.path()});
  log.Write(Level::kDebug, "a");
  log.Write(Level::kInfo, "b");
  log.Write(Level::kWarning, "c");
  log.Write(Level::kError, "d");
  CHECK(file.Lines() == std::vector<std::string>{"2026-11-24T08:00:00.123Z WARNING c",
                                                 "2026-11-24T08:00:00.123Z ERROR d"});
}

TEST_CASE("a restart appends") {
  const fakes::FakeClock clock(base::FromUnixMs(1'795'507'200'123));
  const LogFile file;
  for (int run = 0; run < 2; ++run) {
    SpdlogEventLog log(clock, {.level = Level::kDebug, .file = file.path()});
    log.Write(Level::kDebug, "run", {{"n", run}});
  }
  CHECK(file.Lines().size() == 2);
}

TEST_CASE("lines of several threads stay whole") {
  const fakes::FakeClock clock(base::FromUnixMs(1'795'507'200'123));
  const LogFile file;
  SpdlogEventLog log(clock, {.format = LogFormat::kJson, .file = file.path()});
  const std::string padding(300, 'p');
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < 250; ++i) {
        log.Write(Level::kInfo, "e", {{"thread", thread}, {"i", i}, {"padding", padding}});
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const auto lines = file.Lines();
  CHECK(lines.size() == 1'000);
  for (const std::string& line : lines) {
    REQUIRE_NOTHROW(CHECK(nlohmann::json::parse(line)["padding"] == padding));
  }
}

TEST_CASE("a log file that cannot be opened is an exception with its name") {
  const fakes::FakeClock clock(base::FromUnixMs(1'795'507'200'123));
  const LogFile file;
  std::filesystem::create_directory(file.path());
  CHECK_THROWS_WITH_AS(SpdlogEventLog(clock, {.file = file.path()}),
                       doctest::Contains(file.path().c_str()), std::runtime_error);
}

TEST_CASE("a full disk loses lines, counts them and stops nobody") {
  if (!std::filesystem::exists("/dev/full")) return;
  const fakes::FakeClock clock(base::FromUnixMs(1'795'507'200'123));
  SpdlogEventLog log(clock, {.file = "/dev/full"});
  log.Write(Level::kInfo, "a");
  log.Write(Level::kInfo, "b");
  CHECK(log.lines_lost() > 0);
}

}  // namespace webhook::observe
