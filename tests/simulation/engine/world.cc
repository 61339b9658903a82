// SPDX-License-Identifier: LGPL-3.0-or-later
#include "tests/simulation/engine/world.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace webhook::simulation {

using base::Milliseconds;
using std::chrono::seconds;

namespace {

constexpr const char* kBreaker = R"({"breaker": {"failures_max": 5, "open_seconds": 5}})";

bool IsTerminal(const embedded::Job& job) {
  return job.state == "done" || job.state == "dead_letter";
}
}  // namespace

World::World(const WorldOptions& options)
    : options_(options), random_(options.seed), strand_(clock_), odoo_(clock_, options.seed) {
  weather_.faults = options.faults;
  embedded::RetryPolicy policy;
  policy.id = 1;
  policy.delays_seconds = {1, 2, 5, 10};
  policy.attempts_max = 12;
  odoo_.AddRetryPolicy(policy);
  policy.id = 2;
  policy.name = "Soon over";
  policy.age_max_seconds = 300;
  odoo_.AddRetryPolicy(policy);
  AddInbound();
  for (int worker = 0; worker < options.workers; ++worker) {
    processes_.emplace_back();
    Boot(worker, {});
  }
}

// Rules: a payload that says so creates a partner that Odoo refuses, all others one that it takes.
void World::AddInbound() {
  embedded::Handler handler;
  handler.code = "partners";
  handler.details_json = R"({
    "direction": "inbound",
    "rules": [
      {"id": 1, "sequence": 1, "name": "Refused", "phase": "event", "action": "create_record",
       "target_model": "refused.model", "lookups": [],
       "conditions": [{"id": 1, "source": {"kind": "payload_path", "expression": "refused"},
                       "operator": "equals", "expected": "true"}],
       "assignments": [{"id": 1, "scope": "field", "target": "name",
                        "source": {"kind": "payload_path", "expression": "name"}}]},
      {"id": 2, "sequence": 2, "name": "Partner", "phase": "event", "action": "create_record",
       "target_model": "res.partner", "lookups": [], "conditions": [],
       "assignments": [{"id": 2, "scope": "field", "target": "name",
                        "source": {"kind": "payload_path", "expression": "name"}}]}],
    "field_metadata": {"res.partner": {"name": {"type": "char", "label": "Name"}},
                       "refused.model": {"name": {"type": "char", "label": "Name"}}}})";
  embedded::InboundEndpoint endpoint;
  endpoint.path = "partners";
  endpoint.handler_id = odoo_.AddHandler(handler);
  inbound_endpoint_id_ = odoo_.AddInboundEndpoint(endpoint);
  odoo_.Refuse("refused.model", "validation");
}

void World::ReceiveEvents(int count) {
  for (int i = 0; i < count; ++i) {
    const std::size_t number = odoo_.events().size();
    odoo_.ReceiveEvent(inbound_endpoint_id_,
                       fmt::format(R"({{"name": "{}", "refused": {}}})", number, number % 10 == 9));
  }
}

std::int64_t World::AddEndpoint(const std::string& code, const std::string& details_json,
                                int concurrency_max) {
  const bool never_well = code.starts_with("dead") || code.starts_with("unreachable");
  embedded::Endpoint endpoint;
  endpoint.code = code;
  endpoint.target_hostname = "http://receiver.test";
  endpoint.target_path = "/" + code;
  endpoint.timeout_seconds = 10;
  endpoint.concurrency_max = concurrency_max;
  endpoint.retry_policy_id = never_well ? 2 : 1;
  endpoint.details_json = details_json.empty() ? kBreaker : details_json;
  return odoo_.AddEndpoint(endpoint);
}

void World::Queue(std::int64_t endpoint_id, int count, const std::string& lane) {
  embedded::QueueOptions options;
  options.lane = lane;
  for (int i = 0; i < count; ++i) {
    odoo_.QueueDelivery(endpoint_id, fmt::format("{{\"n\":{}}}", odoo_.deliveries().size()),
                        options);
  }
}

void World::QueueAnywhere(int count) {
  auto endpoint = odoo_.endpoints().begin();
  std::advance(endpoint, static_cast<std::ptrdiff_t>(random_.Next() % odoo_.endpoints().size()));
  Queue(endpoint->first, count);
}

void World::Run(Milliseconds duration) { strand_.AdvanceTo(clock_.SteadyNow() + duration); }

void World::Boot(int worker, delivery::JournalContents contents) {
  Process& process = processes_[Index(worker)];
  process.strand = std::make_unique<MortalStrand>(strand_);
  process.random = std::make_unique<base::SeededRandom>(random_.Next());
  process.client = std::make_unique<fakes::FaultyOdoo>(odoo_, weather_, strand_, *process.strand,
                                                       *process.random);
  process.receivers = std::make_unique<Receivers>(strand_, *process.strand, *process.random,
                                                  ledger_, clock_, worker);
  process.journal =
      std::make_unique<fakes::MemoryJournal>(*process.strand, Milliseconds(1), contents);
  delivery::EngineOptions engine;
  const std::string uid = fmt::format("00000000-0000-7000-8000-{:012x}", worker + 1);
  engine.link.worker_uid = engine.dispatcher.worker_uid = uid;
  engine.events.worker_uid = engine.settler.worker_uid = uid;
  engine.link.worker_name = fmt::format("worker-{}", worker);
  engine.link.call_timeout = engine.dispatcher.call_timeout = seconds(20);
  engine.events.call_timeout = engine.settler.call_timeout = seconds(20);
  engine.events.lease = seconds(60);
  engine.events.claim_batch_max = 20;
  engine.dispatcher.lease = seconds(60);
  engine.dispatcher.claim_batch_max = 20;
  engine.settler.batch_max = 20;
  engine.request = {"simulation", 100000};
  process.engine = std::make_unique<delivery::Engine>(
      engine, delivery::EnginePorts{*process.strand, clock_, *process.random, log_, *process.client,
                                    *process.receivers, *process.journal, callbacks_, secrets_});
  process.engine->Start(contents, [](const std::string&) {});
}

void World::Kill(int worker) {
  Process& process = processes_[Index(worker)];
  if (!process.engine) return;
  ++kills_;
  process.journal = process.journal->CrashCopy(random_);
  process.strand->Die();
  process.engine.reset();
  process.client.reset();
}

void World::Restart(int worker) {
  Process& process = processes_[Index(worker)];
  if (process.engine) return;
  delivery::JournalContents contents = process.journal->Load();
  Boot(worker, std::move(contents));
}

void World::Heal() {
  weather_ = {};
  for (int worker = 0; worker < options_.workers; ++worker) Restart(worker);
}

void World::SetOdooDown(bool down) { weather_.down = down; }

bool World::AllTerminal() const {
  return std::all_of(odoo_.deliveries().begin(), odoo_.deliveries().end(), IsTerminal) &&
         std::all_of(odoo_.events().begin(), odoo_.events().end(), IsTerminal);
}

std::vector<std::string> World::Broken() const {
  std::vector<std::string> broken;
  for (const embedded::Delivery& delivery : odoo_.deliveries()) CheckDelivery(delivery, broken);
  for (const embedded::Event& event : odoo_.events()) CheckEvent(event, broken);
  std::set<std::string> uids;
  for (const embedded::Attempt& attempt : odoo_.attempts()) {
    if (!attempt.attempt_uid.empty() && !uids.insert(attempt.attempt_uid).second) {
      broken.push_back("attempt " + attempt.attempt_uid + " is recorded twice");
    }
  }
  for (const Process& process : processes_) {
    if (!process.engine) continue;
    const delivery::JournalContents left = process.journal->Load();
    if (!left.intents.empty()) broken.push_back("an intent is left in a journal");
    if (!left.settlements.empty()) broken.push_back("a settlement is left in a journal");
    if (!left.set_aside.empty()) broken.push_back("a settlement was set aside");
  }
  return broken;
}

void World::CheckDelivery(const embedded::Delivery& delivery,
                          std::vector<std::string>& broken) const {
  const auto complain = [&](const std::string& what) {
    broken.push_back(fmt::format("delivery {} ({}): {}", delivery.id, delivery.state, what));
  };
  std::size_t sent = 0;
  std::size_t accepted = 0;
  for (const LedgerEntry& entry : ledger_) {
    if (entry.webhook_id != delivery.delivery_uid) continue;
    ++sent;
    if (entry.answered_status == 200) ++accepted;
    if (entry.body != delivery.payload) complain("a request carried other bytes");
  }
  std::size_t rows = 0;
  std::size_t replies = 0;
  std::size_t maybe = 0;  // rows that do not know whether the request arrived
  for (const embedded::Attempt& attempt : odoo_.attempts()) {
    if (attempt.delivery_id != delivery.id) continue;
    ++rows;
    if (attempt.response_status_code) ++replies;
    if (!attempt.response_status_code && attempt.maybe_delivered) ++maybe;
  }
  if (delivery.state != "done" && delivery.state != "dead_letter") complain("never ended");
  if (delivery.state == "done" && accepted == 0) complain("done, but no receiver accepted it");
  if (sent < replies) complain("more replies recorded than requests sent");
  if (sent > replies + maybe) {
    complain(fmt::format("{} requests sent, but only {} replies and {} unknowns recorded", sent,
                         replies, maybe));
  }
  if (kills_ == 0 && maybe == 0 && accepted > 1) complain("accepted twice without a crash");
  if (static_cast<std::size_t>(delivery.attempt_count) != rows)
    complain("attempt_count is not its rows");
}

// Exactly once: a done event has its one record, any other none.
void World::CheckEvent(const embedded::Event& event, std::vector<std::string>& broken) const {
  const auto complain = [&](const std::string& what) {
    broken.push_back(fmt::format("event {} ({}): {}", event.id, event.state, what));
  };
  const auto records = std::count_if(
      odoo_.operations().begin(), odoo_.operations().end(), [&](const embedded::Operation& one) {
        return one.kind == embedded::JobKind::kEvent && one.job_id == event.id;
      });
  if (!IsTerminal(event)) complain("never ended");
  if (records != (event.state == "done" ? 1 : 0)) complain(fmt::format("{} records", records));
  const bool is_refused = (event.id - 1) % 10 == 9;
  if (is_refused && event.state == "done") complain("done, although Odoo refused its record");
  if (kills_ == 0 && !is_refused && event.state != "done") complain("ended without a reason");
}

}  // namespace webhook::simulation
