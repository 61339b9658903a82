// SPDX-License-Identifier: LGPL-3.0-or-later
// The appends of one seed, the same for the process that is killed and the one that looks.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/property/journal/random_entries.h"

namespace webhook::integration {

class CrashHistory {
 public:
  explicit CrashHistory(std::uint64_t seed) : random_(seed) {}

  // Between two entries that say its number, so that half an append shows.
  std::vector<delivery::JournalEntry> NextAppend() {
    const std::string number = std::to_string(++number_);
    std::vector<delivery::JournalEntry> entries = property::RandomAppend(random_);
    entries.insert(entries.begin(), delivery::MetaSet{"first", number});
    entries.push_back(delivery::MetaSet{"last", number});
    return entries;
  }

  // Of the append handed out last; from 1.
  std::uint64_t number() const { return number_; }

 private:
  base::SeededRandom random_;
  std::uint64_t number_ = 0;
};

}  // namespace webhook::integration
