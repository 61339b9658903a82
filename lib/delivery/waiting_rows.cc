// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/waiting_rows.h"

#include <utility>

#include "lib/base/assert.h"

namespace webhook::delivery {
namespace {

std::size_t BytesOf(const model::Delivery& delivery) {
  std::size_t bytes = delivery.payload.size();
  for (const model::DeliveryFile& file : delivery.files) bytes += file.content.size();
  return bytes;
}

}  // namespace

void WaitingRows::Add(const Row& row) {
  ++size_;
  bytes_ += BytesOf(row.delivery);
}

void WaitingRows::Remove(const model::Delivery& delivery) {
  WEBHOOK_ASSERT(size_ > 0);
  --size_;
  bytes_ -= BytesOf(delivery);
}

void WaitingRows::Push(Row row, std::int64_t claims, bool may_have_more) {
  Add(row);
  const std::string& name = row.delivery.lane;
  if (name.empty()) {
    unordered_.push_back(std::move(row));
    return;
  }
  const auto [lane, is_new] = lanes_.try_emplace(name);
  if (is_new) {
    lane->second.claims_before = may_have_more ? -1 : claims;
    lane_heads_.push_back(std::move(row));
  } else {
    // A run may be cut where a claim's own limits are: whoever got several asks for the next ones.
    lane->second.claims_before = -1;
    lane->second.behind.push_back(std::move(row));
  }
}

bool WaitingRows::IsLanesTurn() const {
  if (unordered_.empty() || lane_heads_.empty()) return unordered_.empty();
  return lanes_next_;
}

const WaitingRows::Row& WaitingRows::Next() const {
  return IsLanesTurn() ? lane_heads_.front() : unordered_.front();
}

WaitingRows::Row WaitingRows::Pop() {
  const bool is_lane = IsLanesTurn();
  std::deque<Row>& rows = is_lane ? lane_heads_ : unordered_;
  Row row = std::move(rows.front());
  rows.pop_front();
  lanes_next_ = !is_lane;
  if (is_lane) lanes_.at(row.delivery.lane).under_way = true;
  Remove(row.delivery);
  return row;
}

void WaitingRows::PutBack(Row row) {
  Add(row);
  const std::string& name = row.delivery.lane;
  if (name.empty()) {
    unordered_.push_front(std::move(row));
    return;
  }
  lanes_.at(name).under_way = false;
  lane_heads_.push_front(std::move(row));
}

WaitingRows::LaneEnd WaitingRows::Ended(const model::Delivery& delivery, bool frees_lane) {
  LaneEnd end;
  const auto found = lanes_.find(delivery.lane);
  if (delivery.lane.empty() || found == lanes_.end()) return end;
  Lane& lane = found->second;
  lane.under_way = false;
  if (frees_lane && !lane.behind.empty()) {
    lane_heads_.push_back(std::move(lane.behind.front()));
    lane.behind.pop_front();
    return end;
  }
  if (frees_lane) end.claims_before = lane.claims_before;
  for (Row& row : lane.behind) {
    Remove(row.delivery);
    end.give_back.push_back(std::move(row.delivery));
  }
  lanes_.erase(found);
  return end;
}

std::vector<model::Delivery> WaitingRows::TakeAll() {
  std::vector<model::Delivery> taken;
  const auto take = [&taken](std::deque<Row>& rows) {
    for (Row& row : rows) taken.push_back(std::move(row.delivery));
    rows.clear();
  };
  take(unordered_);
  take(lane_heads_);
  for (auto& [name, lane] : lanes_) take(lane.behind);
  std::erase_if(lanes_, [](const auto& item) { return !item.second.under_way; });
  size_ = 0;
  bytes_ = 0;
  return taken;
}

}  // namespace webhook::delivery
