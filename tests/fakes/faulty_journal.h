// SPDX-License-Identifier: LGPL-3.0-or-later
// A journal whose Nth append fails, and with it all later ones, as the port says. One thread, the
// strand's.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "lib/base/strand.h"
#include "lib/delivery/ports/journal.h"

namespace webhook::fakes {

struct JournalFault {
  std::uint64_t failing_append;  // the first is 1; 0: none fails
  // The commit did reach the disk and only its answer is bad: what is in doubt can be either way.
  bool failed_append_is_kept = false;
};

class FaultyJournal final : public delivery::Journal {
 public:
  // `inner` and `strand` must outlive the journal. A dead journal answers nothing.
  FaultyJournal(delivery::Journal& inner, base::Strand& strand, JournalFault fault);

  delivery::JournalContents Load() override { return inner_.Load(); }
  void Append(std::vector<delivery::JournalEntry> entries, std::function<void(bool)> done) override;

  bool healthy() const { return !failed_; }
  std::uint64_t append_count() const { return append_count_; }

 private:
  void AppendToInner(std::vector<delivery::JournalEntry> entries, std::function<void(bool)> done,
                     bool answer);
  void AnswerFailed();

  delivery::Journal& inner_;
  base::Strand& strand_;
  const JournalFault fault_;
  std::uint64_t append_count_ = 0;
  std::uint64_t inner_appends_ = 0;  // under way
  bool failed_ = false;
  std::vector<std::function<void(bool)>> unanswered_;  // failed, waiting for those before them
  std::shared_ptr<FaultyJournal*> self_;               // answers of a dead journal find it expired
};

}  // namespace webhook::fakes
