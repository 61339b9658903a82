// SPDX-License-Identifier: LGPL-3.0-or-later
// Moves an inbox to another host: everything in it but the configuration, as a file of JSON lines.
//   {"format":"webhook-worker-inbox","version":1,"fingerprint":"…","exported_at_ms":…}
//   {"event":{"event_uid","endpoint_id","received_at_ms","event_json","set_aside_reason"?}} …
//   {"identity":{"endpoint_id","kind","key_hash","event_uid","accepted_at_ms",
//                "duplicates_unreported"}} …        (kind 1 delivery, 2 replay; hash in
//                hexadecimal)
//   {"end":{"events":…,"set_aside":…,"identities":…}}
// Both need the inbox for themselves: they throw JournalLocked while a worker has it.
#pragma once

#include <cstdint>
#include <string>

#include "lib/base/time.h"
#include "lib/journal/inbox_options.h"

namespace webhook::journal {

struct ExportedInbox {
  std::int64_t events = 0;
  std::int64_t set_aside = 0;  // of them
  std::int64_t identities = 0;
};

// Writes a new file (mode 0600, on disk when this returns) and leaves the inbox as it is.
// `fingerprint`: of the database that the events are for; empty: unknown. Throws JournalError also
// when there is no inbox, or the file exists already; a file that is not whole is removed.
ExportedInbox ExportInbox(const InboxOptions& options, const std::string& fingerprint,
                          base::WallTime now, const std::string& file);

struct ImportedInbox {
  ExportedInbox added;
  std::int64_t events_known = 0;  // that the inbox had already
  std::int64_t identities_known = 0;
};

// Adds what the inbox does not have yet, all of it or nothing. Throws JournalError when the file is
// not whole or not an export, or when both fingerprints are known and differ, unless forced.
ImportedInbox ImportInbox(const InboxOptions& options, const std::string& fingerprint, bool force,
                          const std::string& file);

}  // namespace webhook::journal
