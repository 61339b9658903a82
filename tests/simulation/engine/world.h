// SPDX-License-Identifier: LGPL-3.0-or-later
// A whole history on virtual time from one seed: an Odoo double, receivers, and worker processes
// that lose replies and die. The same seed gives the same history.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "lib/base/random.h"
#include "lib/delivery/engine.h"
#include "rpc/embedded/embedded_odoo.h"
#include "tests/fakes/fake_callback_runner.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_secrets.h"
#include "tests/fakes/faulty_odoo.h"
#include "tests/fakes/memory_journal.h"
#include "tests/fakes/queue_strand.h"
#include "tests/fakes/recording_log.h"
#include "tests/simulation/engine/mortal_strand.h"
#include "tests/simulation/engine/receivers.h"

namespace webhook::simulation {

struct WorldOptions {
  std::uint64_t seed = 1;
  int workers = 2;
  fakes::FaultyOdooOptions faults;
};

class World {
 public:
  explicit World(const WorldOptions& options);

  // /code decides how it behaves; `details_json`: what its configuration says besides. Deliveries
  // to endpoints that never answer well are given up after some minutes.
  std::int64_t AddEndpoint(const std::string& code, const std::string& details_json = "",
                           int concurrency_max = 10);
  void Queue(std::int64_t endpoint_id, int count, const std::string& lane = "");
  void QueueAnywhere(int count);

  // Events whose rule creates one record each; every tenth is refused by Odoo.
  void ReceiveEvents(int count);
  void Run(base::Milliseconds duration);

  // The process dies without a word, what is on the wire arrives all the same; another one starts
  // on what its journal had committed.
  void Kill(int worker);
  void Restart(int worker);

  // The process stands still, as on a machine that swaps or in a debugger, and goes on later as if
  // nothing were.
  // To the others it is dead.
  void Freeze(int worker) {
    ++kills_;
    processes_[Index(worker)].strand->Freeze();
  }
  void Thaw(int worker) { processes_[Index(worker)].strand->Thaw(); }

  // No faults from here on.
  void Heal();
  void SetOdooDown(bool down);

  bool AllTerminal() const;
  std::vector<std::string> Broken() const;  // the promises that this history broke, as sentences

  embedded::EmbeddedOdoo& odoo() { return odoo_; }
  const Ledger& ledger() const { return ledger_; }
  base::Random& random() { return random_; }
  delivery::Engine& engine(int worker) { return *processes_[Index(worker)].engine; }
  delivery::JournalContents journal(int worker) {
    return processes_[Index(worker)].journal->Load();
  }
  int kills() const { return kills_; }

 private:
  struct Process {
    std::unique_ptr<MortalStrand> strand;
    std::unique_ptr<base::SeededRandom> random;
    std::unique_ptr<fakes::FaultyOdoo> client;
    std::unique_ptr<Receivers> receivers;
    std::unique_ptr<fakes::MemoryJournal> journal;
    std::unique_ptr<delivery::Engine> engine;
  };

  static std::size_t Index(int worker) { return static_cast<std::size_t>(worker); }
  void Boot(int worker, delivery::JournalContents contents);
  void CheckDelivery(const embedded::Delivery& delivery, std::vector<std::string>& broken) const;
  void AddInbound();
  void CheckEvent(const embedded::Event& event, std::vector<std::string>& broken) const;

  const WorldOptions options_;
  base::SeededRandom random_;
  fakes::FakeClock clock_;
  fakes::QueueStrand strand_;
  fakes::RecordingLog log_;
  embedded::EmbeddedOdoo odoo_;
  Ledger ledger_;
  std::vector<Process> processes_;
  fakes::OdooWeather weather_;
  fakes::FakeCallbackRunner callbacks_;
  fakes::FakeSecrets secrets_;
  std::int64_t inbound_endpoint_id_ = 0;
  int kills_ = 0;
};

}  // namespace webhook::simulation
