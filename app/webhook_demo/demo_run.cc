// SPDX-License-Identifier: LGPL-3.0-or-later
#include "app/webhook_demo/demo_run.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <map>
#include <stdexcept>
#include <system_error>

#include "app/webhook_demo/embedded_demo_odoo.h"
#include "app/webhook_demo/real_demo_odoo.h"
#include "app/webhook_demo/receiver/sha256.h"

namespace webhook::demo {
namespace {

constexpr base::Milliseconds kTick{100};
constexpr base::Milliseconds kCountInterval{300};
constexpr base::Milliseconds kStopTime{30'000};  // above the worker's own grace
constexpr base::Milliseconds kStayUpLook{1000};
constexpr std::size_t kDisagreementsShown = 10;
constexpr int kLastWords = 10;
constexpr int kRed = 31;
constexpr int kGreen = 32;

std::unique_ptr<DemoOdoo> MakeOdoo(const RunCommandOptions& options, const base::Clock& clock) {
  if (options.odoo_env.empty()) return std::make_unique<EmbeddedDemoOdoo>(clock);
  return std::make_unique<RealDemoOdoo>(ReadEnvFile(options.odoo_env), clock);
}

ReceiverOptions ReceiverOptionsOf(const RunCommandOptions& options, const std::string& ledger) {
  ReceiverOptions receiver;
  receiver.port = options.receiver_port;
  receiver.ledger.file = ledger;
  return receiver;
}

}  // namespace

DemoRun::DemoRun(const RunCommandOptions& options, StopSignals& signals, const base::Clock& clock)
    : options_(options),
      signals_(signals),
      clock_(clock),
      style_(DetectStyle()),
      plan_(PlanEndpoints(options.deliveries)),
      receiver_(std::make_unique<Receiver>(
          ReceiverOptionsOf(options, directory_.File("ledger.jsonl")), clock)),
      odoo_(MakeOdoo(options, clock)) {
  signals_.OnStop([this] { odoo_->Cancel(); });
  for (const PlannedEndpoint& endpoint : plan_) {
    snapshot_.endpoints.push_back(endpoint.code);
    snapshot_.planned[endpoint.code] = endpoint.deliveries;
  }
  if (options_.show_progress) progress_.emplace(style_);
}

DemoRun::~DemoRun() { signals_.OnStop({}); }

void DemoRun::Configure() {
  std::vector<DemoEndpoint> endpoints;
  for (const PlannedEndpoint& planned : plan_) {
    DemoEndpoint& endpoint = endpoints.emplace_back();
    endpoint.code = planned.code;
    endpoint.target_hostname = receiver_->url();
    endpoint.target_path = planned.path;
  }
  odoo_->Configure(DemoPolicy{}, endpoints);
}

void DemoRun::StartWorker() {
  const std::string program = FindWorker(options_.worker);
  worker_files_ = WriteWorkerFiles(directory_, odoo_->worker_access(), receiver_->port());
  fmt::print("receiver  {}\nOdoo      {}{}\nworker    {}\n\n", receiver_->url(),
             odoo_->worker_access().url,
             options_.odoo_env.empty() ? ", the stand-in in this process"
                                       : ", database " + odoo_->worker_access().database,
             program);
  worker_.emplace(program, worker_files_.config, directory_.File("worker.out"), clock_);
  began_ = clock_.SteadyNow();
}

void DemoRun::Queue() {
  for (const Batch& batch : PlanBatches(plan_)) {
    const std::int64_t now_ms = base::ToUnixMs(clock_.Now());
    const std::string hash = Sha256(batch.payload);
    for (const std::int64_t id : odoo_->Queue(batch.endpoint, batch.payload, batch.copies)) {
      bodies_[id] = hash;
      times_[id] = now_ms;
    }
    Tick();
  }
}

void DemoRun::WaitForTheEnd() {
  const base::SteadyTime limit = clock_.SteadyNow() + std::chrono::seconds(TimeLimit(options_));
  while (!AllEnded()) {
    signals_.WaitFor(kTick);
    Tick();
    if (clock_.SteadyNow() < limit) continue;
    is_over_time_ = true;
    break;
  }
  next_count_ = {};
  Tick();
}

bool DemoRun::AllEnded() const {
  int ended = 0;
  for (const auto& [endpoint, counts] : snapshot_.counts) ended += counts.finished();
  return ended >= std::ssize(bodies_);
}

void DemoRun::Tick() {
  if (signals_.stopped()) throw Stopped{};
  CheckWorker();
  const base::SteadyTime now = clock_.SteadyNow();
  CountAgain(now);
  snapshot_.elapsed = now - began_;
  snapshot_.requests = receiver_->ledger().requests();
  if (progress_) progress_->Show(snapshot_);
}

void DemoRun::CountAgain(base::SteadyTime now) {
  if (now < next_count_) return;
  snapshot_.counts = odoo_->Count();
  next_count_ = now + kCountInterval;
}

void DemoRun::CheckWorker() {
  const auto ended = worker_->Ended();
  if (!ended) return;
  throw std::runtime_error(fmt::format("the worker ended by itself ({}). Its last words:\n{}",
                                       ended->empty() ? "exit code 0" : *ended,
                                       WorkersLastWords()));
}

std::string DemoRun::WorkersLastWords() const {
  const std::string words = LastLines(directory_.File("worker.out"), kLastWords) +
                            LastLines(worker_files_.log, kLastWords);
  return words.empty() ? "  (none)\n" : words;
}

bool DemoRun::Report() {
  const auto deliveries = odoo_->Deliveries();
  const auto requests = receiver_->ledger().Entries();
  std::map<std::string, std::string> paths;
  for (const PlannedEndpoint& endpoint : plan_) paths[endpoint.code] = endpoint.path;
  const Summary summary = Summarize(snapshot_.endpoints, deliveries, requests, times_);
  fmt::print("\n{}\n", FinalTable(summary, style_));
  fmt::print("  {}\n", RateLine(summary, snapshot_.elapsed.count()));
  return PrintVerdict(Compare(deliveries, requests, bodies_, paths));
}

bool DemoRun::PrintVerdict(const std::vector<Disagreement>& disagreements) {
  if (is_over_time_) {
    fmt::print("  {}\n",
               Colored(fmt::format("Not finished after {} s.", TimeLimit(options_)), kRed, style_));
  }
  if (disagreements.empty()) {
    fmt::print("  {}\n", Colored(fmt::format("Receiver and Odoo agree on all {} deliveries.",
                                             Grouped(std::ssize(bodies_))),
                                 kGreen, style_));
    return true;
  }
  fmt::print("  {}\n", Colored(fmt::format("Receiver and Odoo disagree in {} points:",
                                           Grouped(std::ssize(disagreements))),
                               kRed, style_));
  for (std::size_t i = 0; i < disagreements.size() && i < kDisagreementsShown; ++i) {
    fmt::print("  - {} {}\n", disagreements[i].delivery, disagreements[i].what);
  }
  if (disagreements.size() > kDisagreementsShown) {
    fmt::print("  - and {} more\n", disagreements.size() - kDisagreementsShown);
  }
  fmt::print("  {} has the receiver's ledger and the worker's log.\n", KeepEvidence());
  return false;
}

// The directory, which stays; without the key in it.
const std::string& DemoRun::KeepEvidence() {
  directory_.Keep();
  std::error_code ignored;
  std::filesystem::remove(directory_.File("api_key"), ignored);
  return directory_.path();
}

void DemoRun::StayUp() {
  fmt::print("\n  Everything stays up. Ctrl-C (or kill {}) stops it.\n\n", getpid());
  for (const std::string& line : odoo_->where_to_look()) fmt::print("  {}\n", line);
  fmt::print("  receiver  {}/ledger counts what arrived\n", receiver_->url());
  fmt::print("            paths /healthy /flaky /dead /gone /refusing /slow/MS /hang /echo\n");
  fmt::print("  worker    log {}\n", worker_files_.log);
  fmt::print("            configuration {}\n", worker_files_.config);
  std::fflush(stdout);
  while (!signals_.WaitFor(kStayUpLook)) CheckWorker();
  fmt::print("\n  Stopping.\n");
}

std::string DemoRun::StopWorker() {
  const std::string how = worker_->Stop(kStopTime);
  if (how.empty()) return "";
  return fmt::format("the worker did not stop in good order ({}). Its last words:\n{}", how,
                     WorkersLastWords());
}

}  // namespace webhook::demo
