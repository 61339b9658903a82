// SPDX-License-Identifier: LGPL-3.0-or-later
#include "tests/simulation/inbound/inbound_world.h"

#include <fmt/format.h>

#include <set>

#include "lib/base/base64.h"
#include "lib/base/uuid.h"

namespace webhook::simulation {

using base::Milliseconds;
using std::chrono::seconds;

namespace {

constexpr Milliseconds kSenderInterval{5};
constexpr Milliseconds kSenderPatience{2000};
constexpr const char* kWorkerUid = "00000000-0000-7000-8000-000000000001";

std::string BodyOf(int number) { return fmt::format(R"({{"n":{}}})", number); }

}  // namespace

void PoisonedOdoo::Call(delivery::ContractMethod method, std::string request, Milliseconds timeout,
                        std::function<void(delivery::RpcReply)> done) {
  const bool is_poisoned =
      method == delivery::ContractMethod::kIngest && request.find("x-poison") != std::string::npos;
  if (!is_poisoned) return inner_.Call(method, std::move(request), timeout, std::move(done));
  process_.After(Milliseconds(10), [done = std::move(done)] {
    done(delivery::RpcFault{delivery::RpcFaultKind::kUnknown, "HTTP 500"});
  });
}

InboundWorld::InboundWorld(std::uint64_t seed, const fakes::FaultyOdooOptions& faults)
    : random_(seed), strand_(clock_), odoo_(clock_, seed) {
  weather_.faults = faults;
  AddEndpoint("free", false);
  AddEndpoint("other", false);
  AddEndpoint("ordered", true);
  Boot({}, {});
  Ask();
}

void InboundWorld::AddEndpoint(const std::string& path, bool ordered) {
  embedded::InboundEndpoint endpoint;
  endpoint.path = path;
  endpoint.ordered = ordered;
  endpoint.details_json = R"({"delivery_identity_policy": "body_sha256"})";
  endpoints_[path] = odoo_.AddInboundEndpoint(endpoint);
}

void InboundWorld::Boot(delivery::JournalContents journal, fakes::InboxContents inbox) {
  process_ = {};
  process_.strand = std::make_unique<MortalStrand>(strand_);
  base::Strand& strand = *process_.strand;
  process_.random = std::make_unique<base::SeededRandom>(random_.Next());
  process_.client =
      std::make_unique<fakes::FaultyOdoo>(odoo_, weather_, strand_, strand, *process_.random);
  process_.poisoned = std::make_unique<PoisonedOdoo>(*process_.client, strand);
  process_.receivers =
      std::make_unique<Receivers>(strand_, strand, *process_.random, ledger_, clock_, 0);
  process_.journal = std::make_unique<fakes::MemoryJournal>(strand, Milliseconds(1), journal);
  process_.inbox = std::make_unique<fakes::MemoryInbox>(strand, Milliseconds(1), std::move(inbox));
  inbound::GatewayOptions gateway;
  gateway.source_limits.requests_per_second_max = 0;
  process_.gateway =
      std::make_unique<inbound::Gateway>(gateway, clock_, *process_.random, log_, *process_.inbox);
  delivery::EnginePorts ports{strand,
                              clock_,
                              *process_.random,
                              log_,
                              *process_.poisoned,
                              *process_.receivers,
                              *process_.journal,
                              callbacks_,
                              secrets_};
  inbound::ReceptionOptions reception;
  reception.ingest.worker_uid = reception.intake.worker_uid = kWorkerUid;
  reception.ingest.batch_max = 8;
  reception.ingest.call_timeout = reception.intake.call_timeout = seconds(20);
  reception.intake.lease = seconds(60);
  process_.reception = std::make_unique<inbound::Reception>(reception, ports, process_.inbox.get(),
                                                            process_.gateway.get());
  ports.inbound = process_.reception.get();
  delivery::EngineOptions engine;
  engine.link.worker_uid = engine.dispatcher.worker_uid = kWorkerUid;
  engine.events.worker_uid = engine.settler.worker_uid = kWorkerUid;
  engine.link.worker_name = "worker";
  engine.link.call_timeout = engine.dispatcher.call_timeout = seconds(20);
  engine.events.call_timeout = engine.settler.call_timeout = seconds(20);
  engine.events.lease = engine.dispatcher.lease = seconds(60);
  engine.request = {"simulation", 100000};
  process_.engine = std::make_unique<delivery::Engine>(engine, ports);
  process_.engine->Start(journal, [](const std::string&) {});
}

void InboundWorld::Kill() {
  if (!process_.engine) return;
  ++kills_;
  process_.journal = process_.journal->CrashCopy(random_);
  auto inbox = std::make_unique<fakes::MemoryInbox>(strand_, Milliseconds(1),
                                                    process_.inbox->CrashCopy(random_));
  process_.strand->Die();
  process_.engine.reset();
  process_.reception.reset();
  process_.gateway.reset();
  process_.inbox = std::move(inbox);
  process_.poisoned.reset();
  process_.client.reset();
}

void InboundWorld::Restart() {
  if (process_.engine) return;
  delivery::JournalContents journal = process_.journal->Load();
  Boot(std::move(journal), process_.inbox->contents());
}

void InboundWorld::Heal() {
  weather_ = {};
  Restart();
}

void InboundWorld::Run(Milliseconds duration) { strand_.AdvanceTo(clock_.SteadyNow() + duration); }

// ---- senders

void InboundWorld::Send(const std::string& path, int count, bool is_poison) {
  for (int i = 0; i < count; ++i) unsent_[path].push_back({++last_number_, is_poison});
}

void InboundWorld::Ask() {
  for (auto& [path, messages] : unsent_) {
    if (!messages.empty()) Ask(path, messages.front());
  }
  strand_.After(kSenderInterval, [this] { Ask(); });
}

void InboundWorld::Ask(const std::string& path, Message& message) {
  const base::SteadyTime now = clock_.SteadyNow();
  const bool was_asked = message.asked_at != base::SteadyTime{};
  if (was_asked && now - message.asked_at < kSenderPatience) return;
  if (was_asked) ++repeated_;
  message.asked_at = now;
  if (!process_.gateway) return;
  delivery::ReceivedHead head;
  head.method = "POST";
  head.target = "/webhooks/in/" + path;
  head.headers = {{"Content-Type", "application/json"}};
  if (message.is_poison) head.headers.emplace_back("X-Poison", "1");
  head.remote_address = "192.0.2.1";
  head.origin = "https://hooks.example.com";
  if (process_.gateway->OnHead(head)) return;
  process_.gateway->OnRequest({head, BodyOf(message.number)},
                              [this, path, message](const delivery::ReceiverAnswer& answer) {
                                OnAnswer(path, message, answer);
                              });
}

void InboundWorld::OnAnswer(const std::string& path, const Message& message,
                            const delivery::ReceiverAnswer& answer) {
  if (answer.status_code != 202) return;
  std::vector<Message>& waiting = unsent_[path];
  if (waiting.empty() || waiting.front().number != message.number) return;
  waiting.erase(waiting.begin());
  const std::size_t uid_at = answer.body.find("event_id") + 11;
  accepted_.push_back({answer.body.substr(uid_at, 36), path, message.number, message.is_poison});
}

void InboundWorld::TakeIn(int count) {
  for (int i = 0; i < count; ++i) {
    embedded::IntakeRow row;
    row.endpoint_id = endpoints_.at("free");
    row.event_uid = base::MakeUuid7(clock_.Now(), random_);
    row.request_url = "https://odoo.example/webhooks/in/free";
    row.headers = {{"Content-Type", "application/json"}};
    row.body_base64 = base::EncodeBase64(BodyOf(++last_number_));
    odoo_.AddIntake(row);
    taken_in_.push_back(row.event_uid);
  }
}

// ---- promises

bool InboundWorld::IsQuiet() const {
  for (const auto& [path, messages] : unsent_) {
    if (!messages.empty()) return false;
  }
  return process_.inbox->State().event_count == 0 && odoo_.intake().empty();
}

std::vector<std::string> InboundWorld::Broken() const {
  std::vector<std::string> broken;
  CheckAccepted(broken);
  CheckOrder(broken);
  CheckIntake(broken);
  if (!IsQuiet()) broken.push_back("something is left in the inbox, in the intake, or unsent");
  return broken;
}

void InboundWorld::CheckAccepted(std::vector<std::string>& broken) const {
  std::map<std::string, std::vector<const embedded::Event*>> events;
  std::set<std::string> bodies;
  for (const embedded::Event& event : odoo_.events()) {
    events[event.event_uid].push_back(&event);
    const bool is_new = bodies.insert(event.body_base64).second;
    if (!is_new && !event.body_base64.empty()) broken.push_back("a body is in Odoo twice");
  }
  for (const Accepted& accepted : accepted_) {
    const auto& found = events[accepted.uid];
    const auto complain = [&](const std::string& what) {
      broken.push_back(fmt::format("event {} ({}): {}", accepted.number, accepted.uid, what));
    };
    if (found.size() != 1) {
      complain(fmt::format("{} events in Odoo", found.size()));
      continue;
    }
    const embedded::Event& event = *found.front();
    const bool is_poison = event.rejection_category == "poison";
    if (is_poison != accepted.is_poison) complain("the wrong one is called poison");
    const std::string body = accepted.is_poison ? "" : BodyOf(accepted.number);
    if (event.body_base64 != base::EncodeBase64(body)) complain("other bytes");
    if (event.state != (is_poison ? "rejected" : "done")) complain("its state is " + event.state);
  }
}

// The sender sent them one after the other.
void InboundWorld::CheckOrder(std::vector<std::string>& broken) const {
  std::map<std::string, std::size_t> places;
  for (const embedded::Event& event : odoo_.events())
    places.emplace(event.event_uid, places.size());
  std::size_t last = 0;
  for (const Accepted& accepted : accepted_) {
    if (accepted.path != "ordered" || !places.contains(accepted.uid)) continue;
    if (places.at(accepted.uid) < last) {
      broken.push_back(fmt::format("event {} came too late", accepted.number));
    }
    last = places.at(accepted.uid);
  }
}

void InboundWorld::CheckIntake(std::vector<std::string>& broken) const {
  std::map<std::string, int> counts;
  for (const embedded::Event& event : odoo_.events()) ++counts[event.event_uid];
  for (const std::string& uid : taken_in_) {
    if (counts[uid] != 1) broken.push_back("a request of the intake is not exactly one event");
  }
}

}  // namespace webhook::simulation
