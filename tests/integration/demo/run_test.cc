// SPDX-License-Identifier: LGPL-3.0-or-later
// The programs themselves: webhook-demo, and the webhook-worker that it starts.
#include <doctest/doctest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "app/webhook_demo/receiver/receiver.h"
#include "lib/base/clock.h"
#include "rpc/embedded/http_face.h"
#include "tests/fakes/temporary_directory.h"
#include "tests/integration/demo/program.h"

namespace webhook::demo {
namespace {

using fakes::TemporaryDirectory;

// Looks again and again, for at most 20 s.
template <typename Condition>
bool Eventually(const Condition& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

std::string Script(const TemporaryDirectory& directory, const std::string& text) {
  std::string path = directory.File("fake-worker");
  std::ofstream(path) << "#!/bin/sh\n" << text;
  chmod(path.c_str(), 0700);
  return path;
}

// A worker that does nothing but be there; its process id appears in the file `pid`.
std::string IdleWorker(const TemporaryDirectory& directory) {
  return Script(directory, "echo $$ > '" + directory.File("pid.new") + "'\nmv '" +
                               directory.File("pid.new") + "' '" + directory.File("pid") +
                               "'\nexec sleep 600\n");
}

pid_t WaitForPid(const TemporaryDirectory& directory) {
  REQUIRE(Eventually([&] { return !FileText(directory.File("pid")).empty(); }));
  return std::stoi(FileText(directory.File("pid")));
}

// An orphan that has ended may stay a zombie where process 1 does not reap.
bool IsGone(pid_t pid) {
  const std::string status = FileText("/proc/" + std::to_string(pid) + "/status");
  return status.empty() || status.find("State:\tZ") != std::string::npos;
}

bool Contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string EnvFile(const TemporaryDirectory& directory, const std::string& url,
                    const std::string& database) {
  std::string path = directory.File("env");
  std::ofstream(path) << "ODOO_URL=" << url << "\nODOO_DB=" << database
                      << "\nODOO_ADMIN_KEY=demo-key\nWORKER_LOGIN=webhook_worker\n"
                      << "WORKER_KEY=worker-key\n";
  return path;
}

TEST_CASE("the main job: every delivery ends, and both sides agree on each") {
  std::string output;
  const int code = RunDemo({"run", "--deliveries", "200", "--worker", WEBHOOK_WORKER}, output);
  CAPTURE(output);
  CHECK(code == 0);
  CHECK(Contains(output, "agree on all 200 deliveries"));
  CHECK(Contains(output, "dead           20          0       20            20        80"));
  CHECK_FALSE(Contains(output, "\x1b"));
}

TEST_CASE("a run leaves no files") {
  const TemporaryDirectory directory;
  const std::string temporary = directory.File("tmp");
  mkdir(temporary.c_str(), 0700);
  setenv("TMPDIR", temporary.c_str(), 1);
  std::string output;
  const int code =
      RunDemo({"run", "--deliveries", "3", "--no-progress", "--worker", WEBHOOK_WORKER}, output);
  unsetenv("TMPDIR");
  CAPTURE(output);
  CHECK(code == 0);
  CHECK(std::filesystem::is_empty(temporary));
}

TEST_CASE("a worker that is not there") {
  std::string output;
  CHECK(RunDemo({"run", "--worker", "/nowhere/worker"}, output) == 1);
  CHECK(
      output ==
      "webhook-demo: /nowhere/worker is not a program: give --worker the path of webhook-worker\n");
}

TEST_CASE("a worker that ends by itself") {
  const TemporaryDirectory directory;
  std::string output;
  const std::string worker = Script(directory, "echo I am unwell\nexit 7\n");
  CHECK(RunDemo({"run", "--worker", worker}, output) == 1);
  CHECK(
      Contains(output, "the worker ended by itself (exit code 7). Its last words:\n  I am unwell"));
}

TEST_CASE("a worker that does nothing: the limit, what is open, and nobody left") {
  const TemporaryDirectory directory;
  std::string output;
  const int code =
      RunDemo({"run", "--deliveries", "20", "--time-limit", "1", "--worker", IdleWorker(directory)},
              output);
  CAPTURE(output);
  CHECK(code == 1);
  CHECK(Contains(output, "Not finished after 1 s."));
  CHECK(Contains(output, "disagree in 20 points"));
  CHECK(Contains(output, "has not ended: its state is queued"));
  CHECK(Contains(output, "- and 10 more"));
  CHECK(IsGone(WaitForPid(directory)));
  const auto at = output.find("/webhook-demo.");
  REQUIRE(at != std::string::npos);
  const auto begin = output.rfind(' ', at) + 1;
  const std::string kept = output.substr(begin, output.find(' ', at) - begin);
  CHECK(std::filesystem::exists(kept + "/worker.toml"));
  CHECK_FALSE(std::filesystem::exists(kept + "/api_key"));
  std::filesystem::remove_all(kept);
}

TEST_CASE("interrupted, terminated, killed: the worker goes too") {
  for (const int signal : {SIGINT, SIGTERM, SIGKILL}) {
    CAPTURE(signal);
    const TemporaryDirectory directory;
    setenv("TMPDIR", directory.File("").c_str(), 1);  // the killed one leaves its files
    Program program({"run", "--worker", IdleWorker(directory)}, directory.File("output"));
    unsetenv("TMPDIR");
    const pid_t worker = WaitForPid(directory);
    program.Signal(signal);
    CHECK(program.Wait() == (signal == SIGKILL ? 128 + SIGKILL : 130));
    CHECK(Eventually([&] { return IsGone(worker); }));
  }
}

TEST_CASE("a port that is taken") {
  const base::SystemClock clock;
  const Receiver other({}, clock);
  const std::string port = std::to_string(other.port());
  std::string output;
  for (const char* const command : {"run", "receiver"}) {
    CHECK(RunDemo({command, "--port", port}, output) == 1);
    CHECK(output == "webhook-demo: the receiver cannot listen on 127.0.0.1:" + port +
                        ": Address already in use\n");
  }
}

TEST_CASE("an Odoo that is not there, not ours, or without the addon") {
  const TemporaryDirectory directory;
  const base::SystemClock clock;
  embedded::EmbeddedOdoo odoo(clock);
  const embedded::HttpFace face(odoo, {.addon_installed = false});
  std::string output;
  const auto run = [&](const std::string& url, const std::string& database) {
    return RunDemo(
        {"run", "--worker", WEBHOOK_WORKER, "--odoo-env", EnvFile(directory, url, database)},
        output);
  };
  CHECK(run("http://127.0.0.1:1", "webhook") == 1);
  CHECK(Contains(output, "webhook-demo: Odoo at http://127.0.0.1:1 does not answer"));
  CHECK(run(face.url(), "other") == 1);
  CHECK(Contains(output, "has no database other"));
  CHECK(run(face.url(), "webhook") == 1);
  CHECK(Contains(output, "install the addon webhook_worker"));
  CHECK(run("nonsense", "webhook") == 1);
  CHECK(Contains(output, "is not the address of an Odoo"));
}

TEST_CASE("a description of Odoo that lacks something") {
  const TemporaryDirectory directory;
  std::ofstream(directory.File("env")) << "ODOO_URL=http://127.0.0.1:1\nODOO_DB=x\n";
  std::string output;
  CHECK(RunDemo({"run", "--odoo-env", directory.File("env")}, output) == 1);
  CHECK(Contains(output, "has no WORKER_LOGIN: was the database made with the addon"));
}

TEST_CASE("receiver: the port file, the ledger file, a good end") {
  const TemporaryDirectory directory;
  Program program(
      {"receiver", "--port-file", directory.File("port"), "--ledger", directory.File("ledger")},
      directory.File("output"));
  REQUIRE(Eventually([&] { return !FileText(directory.File("port")).empty(); }));
  CHECK(Eventually([&] { return Contains(program.Output(), "listening on http://127.0.0.1:"); }));
  program.Signal(SIGTERM);
  CHECK(program.Wait() == 0);
}

}  // namespace
}  // namespace webhook::demo
