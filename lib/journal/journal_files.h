// SPDX-License-Identifier: LGPL-3.0-or-later
// The journal's place in the file system: nobody but the worker's user reads it.
#pragma once

#include <string>

namespace webhook::journal {

// Creates the missing directories above `path`, each with mode 0700; existing ones stay as they
// are. Throws JournalError.
void CreateJournalDirectory(const std::string& path);

// Creates `path` empty with mode 0600 when it does not exist, and takes the rights of group and
// others from one that does. SQLite gives its -wal and -shm files the same mode. Call it before
// SQLite opens the file: closing any descriptor of a file drops the process's POSIX locks on it.
// Throws JournalError.
void CreateJournalFile(const std::string& path);

// The names of new files are on disk once their directory is. Throws JournalError.
void SyncDirectoryOf(const std::string& path);

}  // namespace webhook::journal
