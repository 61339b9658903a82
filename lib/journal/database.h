// SPDX-License-Identifier: LGPL-3.0-or-later
// The one place that opens a journal's SQLite database.
#pragma once

#include <SQLiteCpp/Database.h>

#include "lib/journal/journal_options.h"

namespace webhook::journal {

constexpr int kPageBytes = 4096;

// Opens or creates the journal with every setting that matters said, and brings it to the present
// format. The connection is for one thread at a time. Throws JournalError.
SQLite::Database OpenDatabase(const JournalOptions& options);

}  // namespace webhook::journal
