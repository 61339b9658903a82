// SPDX-License-Identifier: LGPL-3.0-or-later
// Brings events to Odoo in `ingest` calls, one call at a time. A call that fails for its content is
// halved until the culprit is alone; one that failed alone three times is sent as a bare rejected
// event of category `poison` under the same uid, so that people see it (with its body when it came
// from the intake). That only what stands out
// is blamed: an event is given up when its bare form was taken, or Odoo answered that it will not
// have it, or other calls succeeded meanwhile; otherwise Odoo itself is in trouble, and the event
// is tried again later. No event of an ordered endpoint is sent while an earlier one is not in
// Odoo. Nothing is sent while the link is not ready. Lives on the strand.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "lib/delivery/engine_ports.h"
#include "lib/delivery/link.h"
#include "lib/model/contract.h"

namespace webhook::inbound {

struct IngestOptions {
  std::string worker_uid;
  std::size_t batch_max = 500;
  std::size_t batch_bytes_max = 8U << 20;
  std::size_t waiting_max = 2000;  // events held here; who adds looks at room()
  std::size_t waiting_bytes_max = 24U << 20;
  // Of ordered endpoints, apart from the others: they go one at a time and shall not hold those up.
  std::size_t ordered_max = 20'000;
  std::size_t ordered_bytes_max = 24U << 20;
  base::Milliseconds call_timeout{150000};
  base::Milliseconds strike_delay{1000};    // before an event that Odoo refused is sent again
  base::Milliseconds trouble_delay{60000};  // the same while Odoo refuses everything
  int strikes_max = 3;
};

enum class IngestOutcome {
  kInOdoo,
  kPoison,   // as a bare rejected event
  kRefused,  // not at all
};

struct IngestItem {
  std::string event_uid;
  model::RecordId endpoint_id = 0;
  base::WallTime received_at;
  std::string event_json;    // model::EncodeIngestedEvent
  bool was_ordered = false;  // when it was added
  std::optional<model::RecordId> intake_id = std::nullopt;
  std::string body = {};  // of the intake: what must not get lost with its row
  // Runs once, on the strand. `detail`: why Odoo refused it; of kInOdoo the uid of the first event,
  // when it is a duplicate of one with another uid.
  std::function<void(IngestOutcome, const std::string& detail)> done;
};

class IngestQueue {
 public:
  // Told and asked on the strand.
  struct Listener {
    std::function<bool(model::RecordId)> is_ordered;
    std::function<void()> on_ingested;  // an event is new in Odoo
    // Events are done, or there is room; the duplicates that Odoo has been told of meanwhile.
    std::function<void(std::vector<model::DuplicateCount>)> on_called;
  };

  // All of it outlives the queue.
  IngestQueue(IngestOptions options, const delivery::EnginePorts& ports, Listener listener);

  void Start(delivery::Link& link) { link_ = &link; }
  void OnLinkReady();
  void Stop() { stopping_ = true; }

  void Add(IngestItem item);
  // They ride along with the next call, which is made for them alone when there is no other.
  void AddDuplicates(const std::vector<model::DuplicateCount>& duplicates);
  void AddRejectedCounts(const std::vector<model::RejectedCount>& counts);

  // Sends what waits, if it may.
  void Pump();

  bool ready() const { return link_ != nullptr && link_->ready() && !stopping_; }
  bool busy() const { return call_under_way_; }
  std::size_t size() const { return held_.count + held_ordered_.count; }
  bool has_room() const {
    return held_.count < options_.waiting_max && held_.bytes < options_.waiting_bytes_max &&
           held_ordered_.count < options_.ordered_max &&
           held_ordered_.bytes < options_.ordered_bytes_max;
  }

 private:
  struct Held {
    std::size_t count = 0;
    std::size_t bytes = 0;
  };

  // Events that are sent in one call; suspects are the parts of one that failed.
  struct Group {
    std::vector<IngestItem> items;  // none: a call for the counts alone
    bool is_suspect = false;
    bool is_bare = false;                // one event, without its content
    bool bare_was_sent = false;          // once at least
    int strikes = 0;                     // failures of an event alone
    int bare_strikes = 0;                // the same of its bare form
    std::string why = {};                // of the last one
    std::uint64_t successes_before = 0;  // calls that succeeded before the first strike
    base::SteadyTime not_before{};
  };

  bool MayCall() const;
  std::optional<Group> TakeGroup();
  std::optional<Group> TakeSuspects();
  std::optional<Group> TakeWaiting();
  bool MustWait(const IngestItem& item, std::set<model::RecordId>& taken) const;

  void Call(Group group);
  void TakeCounts(const Group& group);
  void PutBackCounts();
  bool has_counts() const { return !duplicates_.empty() || !rejected_counts_.empty(); }

  void OnReply(delivery::RpcReply reply);
  bool Fits(const model::IngestAnswer& answer) const;
  void OnAnswer(const model::IngestAnswer& answer);
  void OnFailed(IngestItem item, const Group& group, const std::string& why);

  void PutBack(Group group);
  void Blame(Group group);
  void BlameCounts();
  void Halve(Group group);
  void Strike(Group group, bool odoo_answered);
  void StrikeBare(Group group, bool odoo_answered);
  void SetApart(Group group, base::Milliseconds delay);
  void Finish(IngestItem item, IngestOutcome outcome, const std::string& detail);
  void PumpAfter(base::Milliseconds delay);

  const IngestOptions options_;
  base::Strand& strand_;
  base::Clock& clock_;
  base::EventLog& log_;
  delivery::OdooClient& odoo_;
  const Listener listener_;
  delivery::Link* link_ = nullptr;  // null before Start

  std::deque<IngestItem> waiting_;  // in the order in which they were added
  std::deque<Group> suspects_;
  std::map<model::RecordId, int> set_apart_;  // events of suspects_, by endpoint
  Held held_;                                 // of everything here
  Held held_ordered_;                         // the same of ordered endpoints
  std::size_t batch_max_now_;                 // halved by a failed call, doubled by a good one
  bool suspects_turn_ = false;

  std::map<std::string, int> duplicates_;  // by uid
  std::map<std::pair<model::RecordId, std::string>, int> rejected_counts_;
  std::vector<model::DuplicateCount> duplicates_sent_;  // with the call under way
  std::vector<model::RejectedCount> rejected_counts_sent_;
  bool counts_alone_ = false;  // they were in a call that failed
  int counts_strikes_ = 0;

  bool call_under_way_ = false;
  Group in_flight_;
  std::uint64_t outages_ = 0;    // of the link, when the call under way began
  std::optional<Group> blamed_;  // of the last call, which failed, until Odoo is seen again
  std::uint64_t successes_ = 0;  // calls
  int failures_ = 0;             // in a row
  base::SteadyTime pause_until_{};
  bool stopping_ = false;
};

}  // namespace webhook::inbound
