// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/inbound/ingest_queue.h"

#include <algorithm>

namespace webhook::inbound {

using base::Level;
using base::Milliseconds;
using delivery::RpcFault;
using delivery::RpcFaultKind;
using delivery::RpcReply;

namespace {

constexpr std::size_t kCountsMax = 1000;  // of each kind in a call (contract)

// Halving one batch takes about ten calls; more failures in a row are Odoo's.
constexpr int kFailuresQuick = 15;
constexpr int kPauseDoublingsMax = 6;
constexpr Milliseconds kPauseMin{1000};

// Odoo deletes a row of the intake when its event is there: nobody else has its bytes.
std::string BareJson(const IngestItem& item, const std::string& why) {
  model::IngestedEvent bare;
  bare.event_uid = item.event_uid;
  bare.endpoint_id = item.endpoint_id;
  bare.received_at = item.received_at;
  bare.rejected = true;
  bare.rejection_category = "poison";
  bare.rejection_reason = "Odoo could not store this event; ";
  if (item.intake_id) {
    bare.body = item.body;
    bare.rejection_reason += "of its request the body is left. ";
  } else {
    bare.rejection_reason += "it is kept by the worker that accepted it. ";
  }
  bare.rejection_reason += why;
  bare.intake_id = item.intake_id;
  return model::EncodeIngestedEvent(bare);
}

}  // namespace

IngestQueue::IngestQueue(IngestOptions options, const delivery::EnginePorts& ports,
                         Listener listener)
    : options_(std::move(options)),
      strand_(ports.strand),
      clock_(ports.clock),
      log_(ports.log),
      odoo_(ports.odoo),
      listener_(std::move(listener)),
      batch_max_now_(options_.batch_max) {}

void IngestQueue::Add(IngestItem item) {
  item.was_ordered = listener_.is_ordered(item.endpoint_id);
  Held& held = item.was_ordered ? held_ordered_ : held_;
  ++held.count;
  held.bytes += item.event_json.size() + item.body.size();
  waiting_.push_back(std::move(item));
}

void IngestQueue::AddDuplicates(const std::vector<model::DuplicateCount>& duplicates) {
  for (const model::DuplicateCount& duplicate : duplicates) {
    duplicates_[duplicate.event_uid] += duplicate.count;
  }
}

void IngestQueue::AddRejectedCounts(const std::vector<model::RejectedCount>& counts) {
  for (const model::RejectedCount& rejected : counts) {
    rejected_counts_[{rejected.endpoint_id, rejected.category}] += rejected.count;
  }
}

// ---- what is sent next

bool IngestQueue::MayCall() const {
  return ready() && !call_under_way_ && !blamed_ && clock_.SteadyNow() >= pause_until_;
}

void IngestQueue::Pump() {
  if (!MayCall()) return;
  if (auto group = TakeGroup()) Call(std::move(*group));
}

// Suspects and others take turns: neither waits for all of the other.
std::optional<IngestQueue::Group> IngestQueue::TakeGroup() {
  if (counts_alone_ && has_counts()) return Group{};
  suspects_turn_ = !suspects_turn_;
  auto group = suspects_turn_ ? TakeSuspects() : TakeWaiting();
  if (!group) group = suspects_turn_ ? TakeWaiting() : TakeSuspects();
  if (!group && has_counts()) return Group{};
  return group;
}

std::optional<IngestQueue::Group> IngestQueue::TakeSuspects() {
  const base::SteadyTime now = clock_.SteadyNow();
  const auto due = std::ranges::find_if(
      suspects_, [now](const Group& group) { return group.not_before <= now; });
  if (due == suspects_.end()) return std::nullopt;
  Group group = std::move(*due);
  suspects_.erase(due);
  for (const IngestItem& item : group.items) {
    const auto count = set_apart_.find(item.endpoint_id);
    if (--count->second == 0) set_apart_.erase(count);
  }
  return group;
}

std::optional<IngestQueue::Group> IngestQueue::TakeWaiting() {
  Group group;
  std::vector<IngestItem> skipped;
  std::set<model::RecordId> taken;
  std::size_t bytes = 0;
  while (!waiting_.empty() && group.items.size() < batch_max_now_) {
    IngestItem& next = waiting_.front();
    if (MustWait(next, taken)) {
      skipped.push_back(std::move(next));
    } else {
      bytes += next.event_json.size();
      if (!group.items.empty() && bytes > options_.batch_bytes_max) break;
      group.items.push_back(std::move(next));
    }
    waiting_.pop_front();
  }
  while (!skipped.empty()) {
    waiting_.push_front(std::move(skipped.back()));
    skipped.pop_back();
  }
  if (group.items.empty()) return std::nullopt;
  return group;
}

// Of an ordered endpoint one event at a time: Odoo may refuse one and take the next of the same
// call.
bool IngestQueue::MustWait(const IngestItem& item, std::set<model::RecordId>& taken) const {
  if (!listener_.is_ordered(item.endpoint_id)) return false;
  return set_apart_.contains(item.endpoint_id) || !taken.insert(item.endpoint_id).second;
}

// ---- calls and replies

void IngestQueue::Call(Group group) {
  TakeCounts(group);
  model::IngestRequest request;
  request.worker_uid = options_.worker_uid;
  request.duplicates = duplicates_sent_;
  request.rejected_counts = rejected_counts_sent_;
  const std::string bare = group.is_bare ? BareJson(group.items.front(), group.why) : "";
  for (const IngestItem& item : group.items) {
    request.events.push_back(group.is_bare ? bare : item.event_json);
  }
  std::string text = model::EncodeIngest(request);
  group.bare_was_sent = group.bare_was_sent || group.is_bare;
  in_flight_ = std::move(group);
  call_under_way_ = true;
  outages_ = link_->outages();
  odoo_.Call(delivery::ContractMethod::kIngest, std::move(text), options_.call_timeout,
             [this](RpcReply reply) { OnReply(std::move(reply)); });
}

// Not with suspects: whose fault it was would not be known.
void IngestQueue::TakeCounts(const Group& group) {
  if (!group.items.empty() && (group.is_suspect || counts_alone_)) return;
  while (!duplicates_.empty() && duplicates_sent_.size() < kCountsMax) {
    const auto first = duplicates_.begin();
    duplicates_sent_.push_back({first->first, first->second});
    duplicates_.erase(first);
  }
  while (!rejected_counts_.empty() && rejected_counts_sent_.size() < kCountsMax) {
    const auto first = rejected_counts_.begin();
    rejected_counts_sent_.push_back({first->first.first, first->first.second, first->second});
    rejected_counts_.erase(first);
  }
}

void IngestQueue::PutBackCounts() {
  AddDuplicates(std::exchange(duplicates_sent_, {}));
  AddRejectedCounts(std::exchange(rejected_counts_sent_, {}));
}

void IngestQueue::OnReply(RpcReply reply) {
  call_under_way_ = false;
  bool is_blamed = false;
  if (reply.ok()) {
    const auto answer = model::DecodeIngest(reply.value());
    if (answer.ok() && Fits(answer.value())) return OnAnswer(answer.value());
    reply = RpcFault{RpcFaultKind::kNotOdoo, "the ingest answer does not match its request"};
    is_blamed = true;
  }
  // Unknown or refused as a whole: the culprit is found by halving. Out of reach: nobody is to
  // blame.
  const RpcFault fault = reply.error();
  is_blamed =
      is_blamed || fault.kind == RpcFaultKind::kUnknown || fault.kind == RpcFaultKind::kRejected;
  const bool had_counts = !duplicates_sent_.empty() || !rejected_counts_sent_.empty();
  PutBackCounts();
  Group group = std::exchange(in_flight_, {});
  if (is_blamed) {
    if (had_counts) counts_alone_ = true;
    group.why = fault.detail;
    blamed_ = std::move(group);
  } else {
    PutBack(std::move(group));
  }
  link_->OnFault("ingest", fault);
}

// One result for each event, in the order sent.
bool IngestQueue::Fits(const model::IngestAnswer& answer) const {
  return std::equal(answer.results.begin(), answer.results.end(), in_flight_.items.begin(),
                    in_flight_.items.end(),
                    [](const model::IngestResult& result, const IngestItem& item) {
                      return result.event_uid == item.event_uid;
                    });
}

void IngestQueue::OnAnswer(const model::IngestAnswer& answer) {
  const bool is_ours = link_->Knows(answer.envelope);
  link_->OnEnvelope(answer.envelope);
  Group group = std::exchange(in_flight_, {});
  if (!is_ours) {  // another database answered: ours has nothing of it
    PutBackCounts();
    return PutBack(std::move(group));
  }
  ++successes_;
  failures_ = 0;
  batch_max_now_ = std::min(options_.batch_max, batch_max_now_ * 2);
  if (!duplicates_sent_.empty() || !rejected_counts_sent_.empty()) {
    counts_alone_ = false;
    counts_strikes_ = 0;
    rejected_counts_sent_.clear();
  }
  bool is_new = false;
  for (std::size_t i = 0; i < answer.results.size(); ++i) {
    const model::IngestResult& result = answer.results[i];
    IngestItem item = std::move(group.items[i]);
    if (result.status == model::IngestStatus::kFailed) {
      OnFailed(std::move(item), group, result.message);
      continue;
    }
    is_new = is_new || result.status == model::IngestStatus::kIngested;
    // Of a bare one the reply may have been lost.
    const bool is_poison =
        group.is_bare ||
        (group.bare_was_sent && result.status == model::IngestStatus::kAlreadyIngested);
    Finish(std::move(item), is_poison ? IngestOutcome::kPoison : IngestOutcome::kInOdoo,
           is_poison ? group.why : result.first_event_uid);
  }
  listener_.on_called(std::exchange(duplicates_sent_, {}));
  if (is_new) listener_.on_ingested();
  Pump();
}

// Odoo took the others of the call.
void IngestQueue::OnFailed(IngestItem item, const Group& group, const std::string& why) {
  Group alone;
  const bool was_alone = group.is_suspect && group.items.size() == 1;
  if (was_alone) {
    alone.strikes = group.strikes;
    alone.is_bare = group.is_bare;
    alone.bare_strikes = group.bare_strikes;
    alone.bare_was_sent = group.bare_was_sent;
    alone.successes_before = group.successes_before;
  }
  alone.why = why;
  alone.items.push_back(std::move(item));
  Strike(std::move(alone), true);
}

void IngestQueue::OnLinkReady() {
  if (blamed_) {
    Group group = std::move(*blamed_);
    blamed_.reset();
    if (link_->outages() != outages_) {
      counts_alone_ = false;
      PutBack(std::move(group));  // Odoo itself was away: the call's content had no part in it
    } else {
      Blame(std::move(group));
      listener_.on_called({});
    }
  }
  Pump();
}

void IngestQueue::PutBack(Group group) {
  if (group.is_suspect) return SetApart(std::move(group), Milliseconds(0));
  for (; !group.items.empty(); group.items.pop_back()) {
    waiting_.push_front(std::move(group.items.back()));
  }
}

// ---- who is to blame

void IngestQueue::Blame(Group group) {
  if (++failures_ > kFailuresQuick) {
    const int doublings = std::min(failures_ - kFailuresQuick, kPauseDoublingsMax);
    const Milliseconds pause = kPauseMin * (1 << doublings);
    pause_until_ = clock_.SteadyNow() + pause;
    PumpAfter(pause);
  }
  if (group.items.empty()) return BlameCounts();
  if (group.items.size() == 1) return Strike(std::move(group), false);
  Halve(std::move(group));
}

// Counts are worth less than events: those that Odoo will not have must not hold them up.
void IngestQueue::BlameCounts() {
  if (++counts_strikes_ < options_.strikes_max) return;
  log_.Write(Level::kError, "counts.dropped",
             {{"duplicates", duplicates_.size()}, {"rejected", rejected_counts_.size()}});
  duplicates_.clear();
  rejected_counts_.clear();
  counts_alone_ = false;
  counts_strikes_ = 0;
}

void IngestQueue::Halve(Group group) {
  const std::size_t half = group.items.size() / 2;
  batch_max_now_ = half;
  Group second;
  second.is_suspect = true;
  for (std::size_t i = half; i < group.items.size(); ++i) {
    second.items.push_back(std::move(group.items[i]));
  }
  group.items.resize(half);
  group.is_suspect = true;
  SetApart(std::move(group), Milliseconds(0));
  SetApart(std::move(second), Milliseconds(0));
}

void IngestQueue::Strike(Group group, bool odoo_answered) {
  if (group.is_bare) return StrikeBare(std::move(group), odoo_answered);
  if (group.strikes == 0) group.successes_before = successes_;
  if (++group.strikes < options_.strikes_max) {
    return SetApart(std::move(group), options_.strike_delay);
  }
  const IngestItem& item = group.items.front();
  log_.Write(Level::kError, "event.poison",
             {{"event", item.event_uid}, {"endpoint_id", item.endpoint_id}, {"why", group.why}});
  group.is_bare = true;
  SetApart(std::move(group), Milliseconds(0));
  // Next of all, whatever the pause: had Odoo recovered meanwhile, the content would be blamed.
  std::rotate(suspects_.begin(), suspects_.end() - 1, suspects_.end());
  suspects_turn_ = false;
  pause_until_ = {};
}

// While no other call succeeds it is Odoo that fails: then the event is tried again as it is.
void IngestQueue::StrikeBare(Group group, bool odoo_answered) {
  const bool is_proven = odoo_answered || successes_ > group.successes_before;
  if (++group.bare_strikes >= options_.strikes_max && is_proven) {
    return Finish(std::move(group.items.front()), IngestOutcome::kRefused, group.why);
  }
  if (odoo_answered) return SetApart(std::move(group), options_.strike_delay);
  group.is_bare = false;
  group.strikes = options_.strikes_max - 1;
  SetApart(std::move(group), is_proven ? options_.strike_delay : options_.trouble_delay);
}

void IngestQueue::SetApart(Group group, Milliseconds delay) {
  for (const IngestItem& item : group.items) ++set_apart_[item.endpoint_id];
  group.is_suspect = true;
  group.not_before = clock_.SteadyNow() + delay;
  suspects_.push_back(std::move(group));
  if (delay > Milliseconds(0)) PumpAfter(delay);
}

void IngestQueue::Finish(IngestItem item, IngestOutcome outcome, const std::string& detail) {
  Held& held = item.was_ordered ? held_ordered_ : held_;
  --held.count;
  held.bytes -= item.event_json.size() + item.body.size();
  item.done(outcome, detail);
}

void IngestQueue::PumpAfter(Milliseconds delay) {
  strand_.After(delay, [this] { Pump(); });
}

}  // namespace webhook::inbound
