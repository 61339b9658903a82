// SPDX-License-Identifier: LGPL-3.0-or-later
// The deliveries of one endpoint that wait here, in the order in which Odoo gave them. Of a lane
// only the first may leave; the others wait behind it until it has ended, or are given back with
// it. A lane blocks only itself: lanes and unordered rows take turns. Lives on the strand.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/time.h"
#include "lib/model/delivery.h"

namespace webhook::delivery {

class WaitingRows {
 public:
  struct Row {
    model::Delivery delivery;
    base::SteadyTime since;
  };

  // `claims`: how many claims of this endpoint were answered before; see Ended.
  void Push(Row row, std::int64_t claims, bool may_have_more);

  // Whether one may leave now; others may wait behind those that are under way.
  bool HasNext() const { return !unordered_.empty() || !lane_heads_.empty(); }
  // Precondition of both: HasNext.
  const Row& Next() const;
  Row Pop();

  // One that was popped and did not leave after all: it waits again, as the first one.
  void PutBack(Row row);

  struct LaneEnd {
    std::vector<model::Delivery> give_back;  // what waited behind it
    // It was the last one here: the claims that were answered when the lane began, -1 when Odoo had
    // more of it then, or may have: it was a run of several. When more claims were answered until
    // its settlement is, Odoo could not give out what follows.
    std::optional<std::int64_t> claims_before;
  };
  // One that was popped has ended; `frees_lane`: the next one of its lane may leave.
  LaneEnd Ended(const model::Delivery& delivery, bool frees_lane);

  // Everything that waits, each lane in its order.
  std::vector<model::Delivery> TakeAll();

  std::size_t size() const { return size_; }
  std::size_t bytes() const { return bytes_; }  // of payloads and files

 private:
  struct Lane {
    std::deque<Row> behind;
    bool under_way = false;  // its first one was popped
    std::int64_t claims_before = 0;
  };

  bool IsLanesTurn() const;
  void Add(const Row& row);
  void Remove(const model::Delivery& delivery);

  std::deque<Row> unordered_;
  std::deque<Row> lane_heads_;
  std::map<std::string, Lane> lanes_;  // of every lane with a row here or under way
  bool lanes_next_ = false;
  std::size_t size_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace webhook::delivery
