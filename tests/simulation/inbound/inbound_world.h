// SPDX-License-Identifier: LGPL-3.0-or-later
// A history of accepted events on virtual time from one seed: senders that repeat what was not
// answered 202, one worker that loses replies and dies, an Odoo double that is away at times and
// cannot store some of the events. The same seed gives the same history.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "lib/delivery/engine.h"
#include "lib/inbound/reception.h"
#include "rpc/embedded/embedded_odoo.h"
#include "tests/fakes/fake_callback_runner.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_secrets.h"
#include "tests/fakes/faulty_odoo.h"
#include "tests/fakes/memory_inbox.h"
#include "tests/fakes/memory_journal.h"
#include "tests/fakes/queue_strand.h"
#include "tests/fakes/recording_log.h"
#include "tests/simulation/engine/mortal_strand.h"
#include "tests/simulation/engine/receivers.h"

namespace webhook::simulation {

// An Odoo whose ingest fails as a whole when one of the events has the header X-Poison.
class PoisonedOdoo final : public delivery::OdooClient {
 public:
  PoisonedOdoo(delivery::OdooClient& inner, base::Strand& process)
      : inner_(inner), process_(process) {}
  void Call(delivery::ContractMethod method, std::string request, base::Milliseconds timeout,
            std::function<void(delivery::RpcReply)> done) override;

 private:
  delivery::OdooClient& inner_;
  base::Strand& process_;
};

class InboundWorld {
 public:
  InboundWorld(std::uint64_t seed, const fakes::FaultyOdooOptions& faults);

  // Each path has one sender, which sends the next only when the last was answered 202.
  void Send(const std::string& path, int count, bool is_poison = false);
  // Requests that Odoo's own controller takes.
  void TakeIn(int count);
  void Run(base::Milliseconds duration);

  void Kill();
  void Restart();
  void SetOdooDown(bool down) { weather_.down = down; }
  void Heal();

  bool IsQuiet() const;                     // senders have nothing to say, the inbox is empty
  std::vector<std::string> Broken() const;  // the promises that this history broke, as sentences

  base::Random& random() { return random_; }
  const embedded::EmbeddedOdoo& odoo() const { return odoo_; }
  int kills() const { return kills_; }
  std::size_t accepted() const { return accepted_.size(); }
  int repeated() const { return repeated_; }

 private:
  struct Message {
    int number;
    bool is_poison;
    base::SteadyTime asked_at{};  // zero: not asked yet
  };
  struct Accepted {
    std::string uid;
    std::string path;
    int number;
    bool is_poison;
  };
  struct Process {
    std::unique_ptr<MortalStrand> strand;
    std::unique_ptr<base::SeededRandom> random;
    std::unique_ptr<fakes::FaultyOdoo> client;
    std::unique_ptr<PoisonedOdoo> poisoned;
    std::unique_ptr<Receivers> receivers;
    std::unique_ptr<fakes::MemoryJournal> journal;
    std::unique_ptr<fakes::MemoryInbox> inbox;
    std::unique_ptr<inbound::Gateway> gateway;
    std::unique_ptr<inbound::Reception> reception;
    std::unique_ptr<delivery::Engine> engine;
  };

  void AddEndpoint(const std::string& path, bool ordered);
  void Boot(delivery::JournalContents journal, fakes::InboxContents inbox);
  void Ask();
  void Ask(const std::string& path, Message& message);
  void OnAnswer(const std::string& path, const Message& message,
                const delivery::ReceiverAnswer& answer);
  void CheckAccepted(std::vector<std::string>& broken) const;
  void CheckOrder(std::vector<std::string>& broken) const;
  void CheckIntake(std::vector<std::string>& broken) const;

  base::SeededRandom random_;
  fakes::FakeClock clock_;
  fakes::QueueStrand strand_;
  fakes::RecordingLog log_;
  embedded::EmbeddedOdoo odoo_;
  Ledger ledger_;
  fakes::OdooWeather weather_;
  fakes::FakeCallbackRunner callbacks_;
  fakes::FakeSecrets secrets_;
  Process process_;
  std::map<std::string, std::int64_t> endpoints_;
  std::map<std::string, std::vector<Message>> unsent_;
  std::vector<Accepted> accepted_;
  std::vector<std::string> taken_in_;  // uids
  int last_number_ = 0;
  int kills_ = 0;
  int repeated_ = 0;
};

}  // namespace webhook::simulation
