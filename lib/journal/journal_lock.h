// SPDX-License-Identifier: LGPL-3.0-or-later
// The exclusive lock on a journal: flock(2) on `<journal>.lock`, which holds the owner's process id
// for people. The kernel gives it up with the process, however that ends. The file stays: removing
// it would let two processes lock two files of one name.
#pragma once

#include <string>

namespace webhook::journal {

class JournalLock {
 public:
  // Throws JournalLocked when another process (or another lock of this one) holds it, JournalError
  // when the file cannot be opened.
  // `noun`: what it is, for the sentence.
  explicit JournalLock(const std::string& journal_path, const char* noun = "journal");
  ~JournalLock();
  JournalLock(const JournalLock&) = delete;
  JournalLock& operator=(const JournalLock&) = delete;

 private:
  int fd_;
};

}  // namespace webhook::journal
