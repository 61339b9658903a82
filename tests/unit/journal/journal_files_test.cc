// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/journal/journal_files.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <fstream>

#include "lib/journal/journal_error.h"
#include "tests/fakes/temporary_directory.h"

using namespace webhook::journal;
using webhook::fakes::TemporaryDirectory;

namespace {

mode_t Mode(const std::string& path) {
  struct stat status = {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 07777;
}

}  // namespace

TEST_CASE("missing directories are created for their owner only, whatever the umask") {
  TemporaryDirectory directory;
  const mode_t umask_before = ::umask(0);
  CreateJournalDirectory(directory.File("a/b/journal.db"));
  CreateJournalFile(directory.File("a/b/journal.db"));
  ::umask(umask_before);
  CHECK(Mode(directory.File("a")) == 0700);
  CHECK(Mode(directory.File("a/b")) == 0700);
  CHECK(Mode(directory.File("a/b/journal.db")) == 0600);
}

TEST_CASE("an existing directory stays as it is, an existing journal loses the rights of others") {
  TemporaryDirectory directory;
  ::mkdir(directory.File("a").c_str(), 0700);
  ::chmod(directory.File("a").c_str(), 0750);
  std::ofstream(directory.File("a/journal.db")) << "kept";
  ::chmod(directory.File("a/journal.db").c_str(), 0664);
  CreateJournalDirectory(directory.File("a/journal.db"));
  CreateJournalFile(directory.File("a/journal.db"));
  CHECK(Mode(directory.File("a")) == 0750);
  CHECK(Mode(directory.File("a/journal.db")) == 0600);
  std::string content;
  std::ifstream(directory.File("a/journal.db")) >> content;
  CHECK(content == "kept");
}

TEST_CASE("a place where nothing can be created is an error that names it") {
  TemporaryDirectory directory;
  std::ofstream(directory.File("file")) << "x";
  const std::string below = directory.File("file/sub/journal.db");
  const std::string expected =
      "cannot create the journal's directory " + directory.File("file/sub") + ": Not a directory";
  CHECK_THROWS_WITH_AS(CreateJournalDirectory(below), expected.c_str(), JournalError);
  CHECK_THROWS_AS(CreateJournalFile(below), JournalError);
}
