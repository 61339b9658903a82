// SPDX-License-Identifier: LGPL-3.0-or-later
// Brings settlements to Odoo in batches until each is answered. What it holds is in the journal
// before it is sent, so nothing of it is lost by a crash; a repetition is recognised by Odoo. Lives
// on the strand.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "lib/delivery/engine_ports.h"
#include "lib/delivery/link.h"
#include "lib/model/contract.h"
#include "lib/model/delivery.h"

namespace webhook::delivery {

struct SettlerOptions {
  std::string worker_uid;
  std::size_t batch_max = 500;
  std::size_t batch_bytes_max = 8U << 20;
  base::Milliseconds call_timeout{150000};
  base::Milliseconds conflict_delay{200};
  base::Milliseconds linger{20};
  int strikes_max = 3;  // failures of a settlement alone in its call before it is set aside
};

class Settler {
 public:
  // Told on the strand.
  struct Listener {
    std::function<void(const model::Lease&)> on_settled;
    std::function<void()> on_journal_failed;
  };

  Settler(SettlerOptions options, const EnginePorts& ports, Link& link);

  // `unacknowledged`: what the journal still holds.
  void Start(Listener listener, const std::vector<SettlementRecorded>& unacknowledged);

  // Journals it, then sends it with the next batch.
  void Submit(const model::Settlement& settlement);

  // Sends what is waiting, if Odoo is ready and no call is under way.
  void Pump();
  void OnLinkReady();

  // Settlements not yet answered by Odoo, journaled or on their way into the journal.
  std::size_t backlog() const {
    return pending_appends_ + queue_.size() + in_flight_.size() + conflicts_.size();
  }
  std::size_t backlog_bytes() const { return backlog_bytes_; }

  // Whether a settlement of this lease, or of this delivery under whatever lease, is not yet
  // answered.
  bool Holds(const std::string& lease_token, model::RecordId job_id) const;
  bool Holds(model::RecordId delivery_id) const;

  // Whether it is in the call under way.
  bool IsInFlight(const std::string& lease_token, model::RecordId job_id) const;

 private:
  struct Entry {
    SettlementRecorded recorded;
    std::size_t group_max;  // sent in batches of at most so many: halved by every failed call
    int strikes = 0;
    bool is_substitute = false;  // the bare dead letter that stands in for a refused settlement
  };

  void PumpSoon();
  void RetryConflicts();
  void Enqueue(SettlementRecorded recorded, bool is_substitute);
  std::vector<Entry> TakeBatch();
  void OnReply(RpcReply reply);
  bool AnswersInFlight(const model::SettleAnswer& answer) const;
  void OnAnswer(const model::SettleAnswer& answer);
  void OnResult(Entry entry, const model::SettlementResult& result);
  void PutBackInFlight();
  void Blame();
  void Hold(const SettlementRecorded& recorded);
  void Refuse(Entry entry, const std::string& why);
  void SetAside(const Entry& entry, const std::string& why);
  void Acknowledge(const Entry& entry);
  void Forget(const Entry& entry);
  void FlushJournal();
  static std::string Key(const std::string& lease_token, model::RecordId job_id);

  const SettlerOptions options_;
  base::Strand& strand_;
  base::Clock& clock_;
  base::Random& random_;
  base::EventLog& log_;
  OdooClient& odoo_;
  Journal& journal_;
  Link& link_;
  Listener listener_;

  std::size_t pending_appends_ = 0;
  std::deque<Entry> queue_;
  std::vector<Entry> in_flight_;
  std::vector<Entry> conflicts_;  // waiting for conflict_delay
  bool pump_scheduled_ = false;
  bool call_under_way_ = false;
  std::vector<std::string> blamed_;  // settlement uids of the last failed call
  std::vector<JournalEntry> acknowledgements_;
  std::size_t batch_max_now_;  // halved by a failed call, doubled by a good one
  std::size_t backlog_bytes_ = 0;
  std::unordered_map<model::RecordId, int> deliveries_;  // of everything in the backlog
  std::unordered_map<std::string, int> held_;            // lease keys of everything in the backlog
};

}  // namespace webhook::delivery
