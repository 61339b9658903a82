// SPDX-License-Identifier: LGPL-3.0-or-later
// The worker's relation to Odoo: says hello, fetches the configuration, watches every answer for
// signs that the database is not the one we knew, and waits, loudly, while Odoo is away. Lives on
// the strand.
//
// clang-format off
//              hello and configuration are good
//   waiting ─────────────────────────────────────▶ ready
//     ▲  ▲                                          │ │
//     │  └────────────────── any fault ─────────────┘ │ a copied, older or neutralized database
//     │                                               ▼
//     └──── hello is good again ◀───────────────── held      only an operator, or the end of the neutralization
// clang-format on
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "lib/delivery/engine_ports.h"
#include "lib/model/configuration.h"
#include "lib/model/contract.h"

namespace webhook::delivery {

struct LinkOptions {
  std::string worker_uid;
  std::string worker_name;
  std::string version;
  std::string host;
  std::string wake_address;
  base::Milliseconds call_timeout{150000};
  base::Milliseconds hello_interval{30000};
  base::Milliseconds backoff_min{500};
  base::Milliseconds backoff_max{15000};
};

class Link {
 public:
  enum class State { kWaiting, kReady, kHeld };

  // Told on the strand, after the state has changed.
  struct Listener {
    std::function<void()> on_ready;  // after hello and configuration, also after each outage
    std::function<void()> on_configuration;
    std::function<void(const std::string& wake_secret)> on_wake_secret;
    std::function<void()> on_sealing_key = nullptr;  // another one was confirmed
  };

  // Everything outlives the link.
  Link(LinkOptions options, const EnginePorts& ports);

  // `meta`: what the journal knows about the database. Starts saying hello.
  void Start(Listener listener, const std::map<std::string, std::string>& meta);
  void Stop() { stopped_ = true; }

  State state() const { return state_; }
  bool ready() const { return state_ == State::kReady; }

  // For how long it has been ready without interruption; zero when it is not.
  base::Milliseconds ready_for() const;

  // Whether a hello failed since this was last asked: an outage, not one lost reply.
  bool TakeOutage();

  // How often such an outage, or a hold, was seen since the start.
  std::uint64_t outages() const { return outages_; }

  // Null until the first configuration arrived. Replaced, never changed.
  std::shared_ptr<const model::Configuration> configuration() const { return configuration_; }

  // The answer that it came with, as it came; empty when it was taken already.
  std::string TakeConfigurationAnswer() { return std::exchange(configuration_answer_, {}); }

  // Whether Odoo has told of a newer configuration, which is being fetched: what was queued after
  // the change is not to be judged by what was before it. False while Odoo is out of sight.
  bool is_behind() const {
    return ready() && configuration_ && configuration_->revision < told_revision_;
  }

  // Rows of one claim, as hello allows.
  int claim_batch_max() const { return claim_batch_max_; }

  // The public key that Odoo seals secrets to; empty while none is confirmed, or none is known yet.
  const std::string& sealing_public_key() const { return sealing_public_key_; }

  // Asks whether the configuration has changed.
  void RefreshConfiguration() { FetchConfiguration(); }

  // Called for every answer of another method. False: the database is not ours, drop the answer's
  // rows.
  bool OnEnvelope(const model::Envelope& envelope);

  // Whether the answer came from the database that we serve, held or not.
  bool Knows(const model::Envelope& envelope) const {
    return fingerprint_.empty() || envelope.fingerprint == fingerprint_;
  }

  // Called when another method failed: waits and says hello again.
  void OnFault(const char* method, const RpcFault& fault);

  // The journal failed: hello carries it from now on.
  void OnJournalFailed() { journal_healthy_ = false; }

 private:
  void SayHello();
  void OnHello(RpcReply reply);
  void AcceptHello(const model::HelloAnswer& answer);
  void NoteSealingKey(const std::string& key);
  void FetchConfiguration();
  void FetchIfBehind();
  void OnConfiguration(RpcReply reply);
  void BecomeReady();
  void Wait(const char* method, const RpcFault& fault);
  void Hold(const std::string& reason);
  void ScheduleHello(base::Milliseconds delay);
  void NoteOutage();
  std::string WhyNotOurs(const model::Envelope& envelope) const;
  bool IsOlder(const model::Envelope& envelope) const;
  void Remember(const model::Envelope& envelope);
  base::Milliseconds NextBackoff();

  const LinkOptions options_;
  base::Strand& strand_;
  base::Clock& clock_;
  base::Random& random_;
  base::EventLog& log_;
  OdooClient& odoo_;
  Journal& journal_;
  CallbackRunner& callbacks_;
  SecretOpener& secrets_;
  InboundSide* const inbound_;  // null: none
  Listener listener_;

  State state_ = State::kWaiting;
  bool stopped_ = false;
  bool journal_healthy_ = true;
  bool hello_in_flight_ = false;
  bool configuration_in_flight_ = false;
  bool outage_ = false;
  std::uint64_t outages_ = 0;
  std::string held_reason_;
  int claim_batch_max_ = model::HelloAnswer{}.claim_batch_max;
  int failures_ = 0;
  std::uint64_t hello_timer_ = 0;  // only the latest timer counts
  base::SteadyTime ready_since_{};
  base::SteadyTime waiting_since_{};
  std::string fingerprint_;  // the database we serve; empty on the first start
  std::int64_t settlement_number_ = 0;
  std::int64_t settlement_number_at_hello_ = 0;
  std::shared_ptr<const model::Configuration> configuration_;
  std::string configuration_answer_;
  std::int64_t told_revision_ = 0;  // by the last envelope
  std::string sealing_public_key_;
};

// Keys of what the journal remembers about the database.
inline constexpr const char* kMetaFingerprint = "database.fingerprint";
inline constexpr const char* kMetaSettlementNumber = "database.settlement_number";

}  // namespace webhook::delivery
