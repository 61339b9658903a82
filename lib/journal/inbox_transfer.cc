// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/journal/inbox_transfer.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string_view>
#include <system_error>
#include <utility>

#include "lib/base/file_descriptor.h"
#include "lib/journal/inbox_store.h"
#include "lib/journal/journal_error.h"
#include "lib/journal/journal_files.h"
#include "lib/journal/journal_lock.h"
#include "lib/signing/hash.h"

namespace webhook::journal {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kFormat = "webhook-worker-inbox";
constexpr int kVersion = 1;
constexpr std::size_t kBufferBytes = std::size_t{1} << 20;

[[noreturn]] void ThrowErrno(const char* what, const std::string& file, int error) {
  throw JournalError(
      fmt::format("cannot {} {}: {}", what, file, std::generic_category().message(error)));
}

// A file that is removed again unless Finish says that all of it is on disk.
class NewFile {
 public:
  explicit NewFile(std::string name)
      : name_(std::move(name)),
        file_(::open(name_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)) {
    if (!file_.valid()) ThrowErrno("make", name_, errno);
  }
  ~NewFile() {
    if (!finished_) ::unlink(name_.c_str());
  }
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  void WriteLine(const Json& line) {
    buffer_ += line.dump(-1, ' ', true);
    buffer_ += '\n';
    if (buffer_.size() >= kBufferBytes) Flush();
  }

  void Finish() {
    Flush();
    if (::fsync(file_.get()) != 0) ThrowErrno("write", name_, errno);
    SyncDirectoryOf(name_);
    finished_ = true;
  }

 private:
  void Flush() {
    for (std::string_view rest = buffer_; !rest.empty();) {
      const ssize_t count = ::write(file_.get(), rest.data(), rest.size());
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) ThrowErrno("write", name_, errno);
      rest.remove_prefix(static_cast<std::size_t>(count));
    }
    buffer_.clear();
  }

  const std::string name_;
  const base::FileDescriptor file_;
  std::string buffer_;
  bool finished_ = false;
};

Json EventLine(const StoredRow& row) {
  Json event = {{"event_uid", row.item.event_uid},
                {"endpoint_id", row.item.endpoint_id},
                {"received_at_ms", base::ToUnixMs(row.item.received_at)},
                {"event_json", row.item.event_json}};
  if (row.set_aside_reason) event["set_aside_reason"] = *row.set_aside_reason;
  return {{"event", std::move(event)}};
}

StoredRow ReadEvent(const Json& event) {
  StoredRow row;
  row.item.event_uid = event.at("event_uid").get<std::string>();
  row.item.endpoint_id = event.at("endpoint_id").get<std::int64_t>();
  row.item.received_at = base::FromUnixMs(event.at("received_at_ms").get<std::int64_t>());
  row.item.event_json = event.at("event_json").get<std::string>();
  if (event.contains("set_aside_reason")) {
    row.set_aside_reason = event.at("set_aside_reason").get<std::string>();
  }
  return row;
}

Json IdentityLine(const StoredIdentity& identity) {
  Json members = {{"endpoint_id", identity.endpoint_id},
                  {"kind", identity.kind},
                  {"key_hash", signing::EncodeHex(identity.key_hash)},
                  {"event_uid", identity.event_uid},
                  {"accepted_at_ms", identity.accepted_at_ms},
                  {"duplicates_unreported", identity.duplicates_unreported}};
  return {{"identity", std::move(members)}};
}

StoredIdentity ReadIdentity(const Json& identity) {
  const auto hash = signing::DecodeHex(identity.at("key_hash").get<std::string>());
  if (!hash) throw JournalError("its key_hash is not hexadecimal");
  return {.endpoint_id = identity.at("endpoint_id").get<std::int64_t>(),
          .kind = identity.at("kind").get<int>(),
          .key_hash = *hash,
          .event_uid = identity.at("event_uid").get<std::string>(),
          .accepted_at_ms = identity.at("accepted_at_ms").get<std::int64_t>(),
          .duplicates_unreported = identity.at("duplicates_unreported").get<std::int64_t>()};
}

Json EndLine(const ExportedInbox& counts) {
  return {{"end",
           {{"events", counts.events},
            {"set_aside", counts.set_aside},
            {"identities", counts.identities}}}};
}

void WriteAll(InboxStore& store, NewFile& file, ExportedInbox& counts) {
  store.VisitRows([&](const StoredRow& row) {
    file.WriteLine(EventLine(row));
    ++counts.events;
    if (row.set_aside_reason) ++counts.set_aside;
  });
  store.VisitIdentities([&](const StoredIdentity& identity) {
    file.WriteLine(IdentityLine(identity));
    ++counts.identities;
  });
}

void CheckHeader(const Json& header, const std::string& fingerprint, bool force) {
  if (!header.is_object() || header.value("format", "") != kFormat) {
    throw JournalError("it is not an export of an inbox");
  }
  if (header.at("version").get<int>() > kVersion) {
    throw JournalError(
        "it was written by a newer webhook-worker: run that version, or a newer one");
  }
  const auto theirs = header.at("fingerprint").get<std::string>();
  if (force || theirs.empty() || fingerprint.empty() || theirs == fingerprint) return;
  throw JournalError(
      fmt::format("its events are for the database with fingerprint {}, and this worker serves {}: "
                  "--force if they belong here all the same",
                  theirs, fingerprint));
}

void ImportLine(const Json& line, InboxStore& store, ImportedInbox& counts) {
  if (line.contains("event")) {
    const StoredRow row = ReadEvent(line.at("event"));
    if (!store.Import(row)) {
      ++counts.events_known;
      return;
    }
    ++counts.added.events;
    if (row.set_aside_reason) ++counts.added.set_aside;
  } else {
    const bool added = store.Import(ReadIdentity(line.at("identity")));
    ++(added ? counts.added.identities : counts.identities_known);
  }
}

// The end says how much there was: a file that was cut short is not taken for a whole one.
void CheckEnd(const Json& end, const ImportedInbox& counts) {
  if (end.at("events").get<std::int64_t>() == counts.added.events + counts.events_known &&
      end.at("identities").get<std::int64_t>() ==
          counts.added.identities + counts.identities_known) {
    return;
  }
  throw JournalError("it does not hold as many lines as its end says");
}

ImportedInbox ReadAll(std::ifstream& lines, InboxStore& store, std::size_t& number) {
  ImportedInbox counts;
  bool ended = false;
  for (std::string text; std::getline(lines, text);) {
    ++number;
    if (ended) throw JournalError("it goes on after its end");
    const Json line = Json::parse(text);
    ended = line.contains("end");
    ended ? CheckEnd(line.at("end"), counts) : ImportLine(line, store, counts);
  }
  if (!ended) throw JournalError("it has no end: it was cut short");
  return counts;
}

[[noreturn]] void ThrowLine(const std::string& file, std::size_t number, const char* what) {
  throw JournalError(
      fmt::format("cannot import {}, line {}: {}; nothing was imported", file, number, what));
}

}  // namespace

ExportedInbox ExportInbox(const InboxOptions& options, const std::string& fingerprint,
                          base::WallTime now, const std::string& file) {
  if (!std::filesystem::exists(options.path)) {
    throw JournalError(fmt::format("there is no inbox {}", options.path));
  }
  const JournalLock lock(options.path, "inbox");
  try {
    InboxStore store(options);
    NewFile out(file);
    ExportedInbox counts;
    out.WriteLine({{"format", kFormat},
                   {"version", kVersion},
                   {"fingerprint", fingerprint},
                   {"exported_at_ms", base::ToUnixMs(now)}});
    WriteAll(store, out, counts);
    out.WriteLine(EndLine(counts));
    out.Finish();
    return counts;
  } catch (const SQLite::Exception& error) {
    throw JournalError(fmt::format("cannot read the inbox {}: {}", options.path, error.what()));
  } catch (const Json::exception& error) {
    throw JournalError(fmt::format("cannot export the inbox {}: {}", options.path, error.what()));
  }
}

ImportedInbox ImportInbox(const InboxOptions& options, const std::string& fingerprint, bool force,
                          const std::string& file) {
  std::ifstream lines(file);
  if (!lines) ThrowErrno("open", file, errno);
  CreateJournalDirectory(options.path);
  const JournalLock lock(options.path, "inbox");
  InboxStore store(options);
  std::size_t number = 1;
  try {
    std::string header;
    std::getline(lines, header);
    CheckHeader(Json::parse(header), fingerprint, force);
    ImportedInbox counts;
    store.Commit([&] { counts = ReadAll(lines, store, number); });
    SyncDirectoryOf(options.path);
    return counts;
  } catch (const SQLite::Exception& error) {
    ThrowLine(file, number, error.what());
  } catch (const Json::exception&) {
    ThrowLine(file, number, "it is not what an export writes there");
  } catch (const JournalError& error) {
    ThrowLine(file, number, error.what());
  }
}

}  // namespace webhook::journal
