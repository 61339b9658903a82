// SPDX-License-Identifier: LGPL-3.0-or-later
// A set of HTTP statuses as an administrator writes it: "409, 422, 500-599". Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/base/result.h"

namespace webhook::delivery {

class StatusSet {
 public:
  StatusSet() = default;  // empty

  bool Contains(int status) const;
  bool empty() const { return ranges_.empty(); }

 private:
  friend base::Result<StatusSet, std::string> ParseStatusSet(std::string_view text);
  std::vector<std::pair<int, int>> ranges_;  // both ends included
};

// Blank means the empty set. The error says which part is wrong and what is expected: statuses from
// 300 to 599 (2xx is delivered, whatever a policy says), and ranges of them, separated by commas.
base::Result<StatusSet, std::string> ParseStatusSet(std::string_view text);

}  // namespace webhook::delivery
