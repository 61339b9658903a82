// SPDX-License-Identifier: LGPL-3.0-or-later
// The write-ahead log of one connection: knows how long it is, writes it back into the tables.
// One thread at a time.
#pragma once

#include <cstdint>

namespace SQLite {
class Database;
}

namespace webhook::journal {

class WriteAheadLog {
 public:
  struct Limits {
    int checkpoint_pages;    // from which on it is written back
    std::int64_t bytes_max;  // beyond it, a program that reads the file holds it up
  };

  // The database outlives it, and its commits tell it the length.
  WriteAheadLog(SQLite::Database& database, Limits limits);
  WriteAheadLog(const WriteAheadLog&) = delete;
  WriteAheadLog& operator=(const WriteAheadLog&) = delete;

  // Throws JournalError when the log cannot be written back for another reason than a reader in the
  // way, or when the reader let it outgrow its limit.
  void CheckpointIfDue();
  void Checkpoint();

 private:
  SQLite::Database& database_;
  const Limits limits_;
  int pages_ = 0;  // set by SQLite's hook after each commit
};

}  // namespace webhook::journal
