// SPDX-License-Identifier: LGPL-3.0-or-later
#include "tests/fakes/faulty_journal.h"

#include <utility>

namespace webhook::fakes {

FaultyJournal::FaultyJournal(delivery::Journal& inner, base::Strand& strand, JournalFault fault)
    : inner_(inner),
      strand_(strand),
      fault_(fault),
      self_(std::make_shared<FaultyJournal*>(this)) {}

void FaultyJournal::Append(std::vector<delivery::JournalEntry> entries,
                           std::function<void(bool)> done) {
  if (++append_count_ == fault_.failing_append) {
    failed_ = true;
    if (fault_.failed_append_is_kept) {
      AppendToInner(std::move(entries), std::move(done), false);
      return;
    }
  }
  if (!failed_) {
    AppendToInner(std::move(entries), std::move(done), true);
    return;
  }
  unanswered_.push_back(std::move(done));
  strand_.Post([self = std::weak_ptr<FaultyJournal*>(self_)] {
    if (const auto journal = self.lock()) (*journal)->AnswerFailed();
  });
}

void FaultyJournal::AppendToInner(std::vector<delivery::JournalEntry> entries,
                                  std::function<void(bool)> done, bool answer) {
  ++inner_appends_;
  inner_.Append(std::move(entries), [self = std::weak_ptr<FaultyJournal*>(self_),
                                     done = std::move(done), answer](bool committed) {
    const auto journal = self.lock();
    if (!journal) return;
    --(*journal)->inner_appends_;
    done(committed && answer);
    // `done` may have ended the journal.
    if (journal.use_count() > 1) (*journal)->AnswerFailed();
  });
}

// Answers come in the order of the appends, so they wait for those that the inner journal has.
void FaultyJournal::AnswerFailed() {
  if (inner_appends_ > 0) return;
  for (auto& done : std::exchange(unanswered_, {})) done(false);
}

}  // namespace webhook::fakes
