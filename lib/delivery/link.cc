// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/link.h"

#include <algorithm>
#include <utility>

#include "lib/base/assert.h"
#include "lib/delivery/fault_text.h"

namespace webhook::delivery {

using base::Level;
using base::Milliseconds;

namespace {
constexpr Milliseconds kRefetchDelay{200};
}

Link::Link(LinkOptions options, const EnginePorts& ports)
    : options_(std::move(options)),
      strand_(ports.strand),
      clock_(ports.clock),
      random_(ports.random),
      log_(ports.log),
      odoo_(ports.odoo),
      journal_(ports.journal),
      callbacks_(ports.callbacks),
      secrets_(ports.secrets),
      inbound_(ports.inbound) {}

void Link::Start(Listener listener, const std::map<std::string, std::string>& meta) {
  listener_ = std::move(listener);
  if (const auto found = meta.find(kMetaFingerprint); found != meta.end()) {
    fingerprint_ = found->second;
  }
  if (const auto found = meta.find(kMetaSettlementNumber); found != meta.end()) {
    settlement_number_ = std::stoll(found->second);
  }
  waiting_since_ = clock_.SteadyNow();
  SayHello();
}

Milliseconds Link::ready_for() const {
  return ready() ? clock_.SteadyNow() - ready_since_ : Milliseconds(0);
}

bool Link::TakeOutage() { return std::exchange(outage_, false); }

void Link::NoteOutage() {
  outage_ = true;
  ++outages_;
}

bool Link::OnEnvelope(const model::Envelope& envelope) {
  const std::string reason = WhyNotOurs(envelope);
  if (!reason.empty()) {
    Hold(reason);
    return false;
  }
  Remember(envelope);
  told_revision_ = envelope.configuration_revision;
  if (!configuration_ || envelope.configuration_revision != configuration_->revision) {
    FetchConfiguration();
  }
  return true;
}

void Link::OnFault(const char* method, const RpcFault& fault) {
  Wait(method, fault);
  ScheduleHello(NextBackoff());
}

void Link::SayHello() {
  if (stopped_ || hello_in_flight_) return;
  hello_in_flight_ = true;
  settlement_number_at_hello_ = settlement_number_;
  model::HelloRequest request;
  request.worker_uid = options_.worker_uid;
  request.name = options_.worker_name;
  request.version = options_.version;
  request.host = options_.host;
  request.journal_healthy = journal_healthy_;
  if (inbound_ != nullptr) {
    request.inbox = inbound_->State();
    request.gateway_url = inbound_->gateway_url();
  }
  request.wake_address = options_.wake_address;
  request.callbacks = callbacks_.Names();
  request.public_key = secrets_.PublicKey();
  odoo_.Call(ContractMethod::kHello, model::EncodeHello(request), options_.call_timeout,
             [this](RpcReply reply) { OnHello(std::move(reply)); });
}

void Link::OnHello(RpcReply reply) {
  hello_in_flight_ = false;
  if (stopped_) return;
  if (!reply.ok()) {
    NoteOutage();
    OnFault("hello", reply.error());
    return;
  }
  const auto answer = model::DecodeHello(reply.value());
  if (!answer.ok()) {
    NoteOutage();
    OnFault("hello", {RpcFaultKind::kNotOdoo, answer.error().message});
    return;
  }
  AcceptHello(answer.value());
}

void Link::AcceptHello(const model::HelloAnswer& answer) {
  claim_batch_max_ = answer.claim_batch_max;
  ScheduleHello(options_.hello_interval);
  if (!answer.compatible) {
    Hold(answer.incompatible_message.empty() ? "worker and addon do not speak the same contract"
                                             : answer.incompatible_message);
    return;
  }
  if (IsOlder(answer.envelope)) {
    Hold(
        "the database is older than what this worker has settled already (a restored backup?); if "
        "it "
        "is the one to serve, run webhook-worker confirm-database");
    return;
  }
  if (state_ == State::kHeld) state_ = State::kWaiting;
  if (!OnEnvelope(answer.envelope)) return;
  if (!answer.wake_secret.empty()) listener_.on_wake_secret(answer.wake_secret);
  NoteSealingKey(answer.sealing_public_key);
  if (configuration_ && configuration_->revision == answer.envelope.configuration_revision) {
    BecomeReady();
  }
}

void Link::NoteSealingKey(const std::string& key) {
  if (std::exchange(sealing_public_key_, key) == key) return;
  if (listener_.on_sealing_key) listener_.on_sealing_key();
}

void Link::FetchConfiguration() {
  if (stopped_ || configuration_in_flight_) return;
  configuration_in_flight_ = true;
  std::optional<std::int64_t> known;
  if (configuration_) known = configuration_->revision;
  odoo_.Call(ContractMethod::kConfiguration,
             model::EncodeConfigurationRequest(options_.worker_uid, known), options_.call_timeout,
             [this](RpcReply reply) { OnConfiguration(std::move(reply)); });
}

void Link::OnConfiguration(RpcReply reply) {
  configuration_in_flight_ = false;
  if (stopped_) return;
  if (!reply.ok()) return OnFault("configuration", reply.error());
  auto answer = model::DecodeConfiguration(reply.value());
  if (!answer.ok()) {
    return OnFault("configuration", {RpcFaultKind::kNotOdoo, answer.error().message});
  }
  const std::string reason = WhyNotOurs(answer.value().envelope);
  if (!reason.empty()) return Hold(reason);
  if (answer.value().configuration) {
    configuration_ =
        std::make_shared<const model::Configuration>(*std::move(answer.value().configuration));
    log_.Write(
        Level::kInfo, "configuration.loaded",
        {{"revision", configuration_->revision}, {"endpoints", configuration_->endpoints.size()}});
    told_revision_ = std::max(told_revision_, configuration_->revision);
    configuration_answer_ = std::move(reply).value();
    listener_.on_configuration();
  }
  BecomeReady();
  // Changed again meanwhile, or read from before the change.
  if (is_behind()) strand_.After(kRefetchDelay, [this] { FetchIfBehind(); });
}

void Link::FetchIfBehind() {
  if (is_behind()) FetchConfiguration();
}

// Only a good hello ends a hold (AcceptHello): a configuration may be an answer from before it.
void Link::BecomeReady() {
  if (state_ != State::kWaiting || !configuration_) return;
  state_ = State::kReady;
  failures_ = 0;
  held_reason_.clear();
  ready_since_ = clock_.SteadyNow();
  log_.Write(Level::kInfo, "odoo.ready", {{"waited_ms", (ready_since_ - waiting_since_).count()}});
  listener_.on_ready();
}

void Link::Wait(const char* method, const RpcFault& fault) {
  if (state_ == State::kHeld) return;
  if (state_ == State::kReady) waiting_since_ = clock_.SteadyNow();
  state_ = State::kWaiting;
  ++failures_;
  log_.Write(Level::kWarning, "odoo.waiting",
             {{"method", method},
              {"fault", Spelling(fault.kind)},
              {"detail", fault.detail},
              {"do", Advice(fault.kind)},
              {"waiting_ms", (clock_.SteadyNow() - waiting_since_).count()}});
}

void Link::Hold(const std::string& reason) {
  if (state_ == State::kReady) waiting_since_ = clock_.SteadyNow();
  state_ = State::kHeld;
  NoteOutage();  // whatever failed meanwhile, its content had no part in it
  if (held_reason_ == reason) return;
  held_reason_ = reason;
  log_.Write(Level::kError, "database.held", {{"reason", reason}});
}

void Link::ScheduleHello(Milliseconds delay) {
  const std::uint64_t timer = ++hello_timer_;
  strand_.After(delay, [this, timer] {
    if (timer == hello_timer_) SayHello();
  });
}

std::string Link::WhyNotOurs(const model::Envelope& envelope) const {
  if (envelope.neutralized) {
    return "the database is neutralized; nothing is sent from it (Odoo's database.is_neutralized)";
  }
  if (!envelope.fingerprint_confirmed) {
    return "the database is a copy of the one that was confirmed; if it is the one to serve, run "
           "webhook-worker confirm-database";
  }
  if (!fingerprint_.empty() && envelope.fingerprint != fingerprint_) {
    return "the database is not the one this worker's journal belongs to; if it is the one to "
           "serve, "
           "run webhook-worker confirm-database";
  }
  return "";
}

// Compared with what was known when the hello left: answers of calls under way may overtake each
// other.
bool Link::IsOlder(const model::Envelope& envelope) const {
  return envelope.fingerprint == fingerprint_ &&
         envelope.settlement_number < settlement_number_at_hello_;
}

void Link::Remember(const model::Envelope& envelope) {
  std::vector<JournalEntry> entries;
  if (envelope.fingerprint != fingerprint_) {
    fingerprint_ = envelope.fingerprint;
    entries.push_back(MetaSet{kMetaFingerprint, fingerprint_});
  }
  if (envelope.settlement_number > settlement_number_) {
    settlement_number_ = envelope.settlement_number;
    entries.push_back(MetaSet{kMetaSettlementNumber, std::to_string(settlement_number_)});
  }
  if (!entries.empty()) journal_.Append(std::move(entries), [](bool) {});
}

// Doubles from the minimum to the maximum, spread over half of it so that workers do not come in
// step.
Milliseconds Link::NextBackoff() {
  const int doublings = std::min(failures_, 10);
  const auto delay = std::min(options_.backoff_max, options_.backoff_min * (1 << doublings));
  const auto spread = static_cast<double>(delay.count()) * 0.5 * random_.NextFraction();
  return delay / 2 + Milliseconds(static_cast<Milliseconds::rep>(spread));
}

}  // namespace webhook::delivery
