// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/journal/journal_lock.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <unistd.h>

#include <memory>

#include "lib/journal/journal_error.h"
#include "tests/fakes/temporary_directory.h"

using namespace webhook::journal;
using webhook::fakes::TemporaryDirectory;

TEST_CASE("a journal has one owner, who is named to others, until the owner ends") {
  TemporaryDirectory directory;
  const std::string path = directory.File("journal.db");
  auto owner = std::make_unique<JournalLock>(path);
  const std::string expected = fmt::format(
      "the journal {} is in use by process {}: one worker, one journal; give each worker a path of "
      "its own",
      path, ::getpid());
  CHECK_THROWS_WITH_AS(JournalLock second(path), expected.c_str(), JournalLocked);
  JournalLock other(directory.File("other.db"));
  owner.reset();
  CHECK_NOTHROW(JournalLock next(path));
}

TEST_CASE("a lock file that cannot be opened is an error, not a lock") {
  try {
    JournalLock lock("/nowhere/at/all/journal.db");
    FAIL("locked");
  } catch (const JournalLocked&) {
    FAIL("said to be locked");
  } catch (const JournalError& error) {
    CHECK(std::string(error.what()) ==
          "cannot open /nowhere/at/all/journal.db.lock: No such file or directory");
  }
}
