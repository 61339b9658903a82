// SPDX-License-Identifier: LGPL-3.0-or-later
// What can be wrong with a journal when it is opened or read. Each text is one sentence for an
// operator: what, where, what to do.
#pragma once

#include <stdexcept>

namespace webhook::journal {

class JournalError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Another process holds this journal: temporary (exit code 75), unlike the others.
class JournalLocked final : public JournalError {
 public:
  using JournalError::JournalError;
};

}  // namespace webhook::journal
