// SPDX-License-Identifier: LGPL-3.0-or-later
// Which shared objects are loaded, and what is said about the others.
#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "lib/callback_host/library_check.h"
#include "tests/integration/callback/host_fixture.h"

namespace webhook::callback_host {
namespace {

namespace fs = std::filesystem;

constexpr uid_t kStranger = 4711;

// Of a host with nothing but this library.
std::vector<std::string> ProblemsWith(const std::string& library) {
  HostFixture fixture(HostFixture::Options({library}));
  CHECK(fixture.host->Names() == std::vector<std::string>{"builtin.done"});
  std::vector<std::string> logged;
  for (const auto& line : fixture.log.Named("callback.library_refused")) {
    logged.push_back(line.Get("why"));
  }
  CHECK(logged == fixture.host->Problems());
  CHECK(fixture.RunEvent("builtin.done").result.ok());  // the others work
  CHECK(ErrorOf(fixture.RunEvent("test.raw").result).kind ==
        delivery::CallbackErrorKind::kUnknownCallback);
  return logged;
}

}  // namespace

TEST_CASE("the names of all libraries, sorted") {
  HostFixture fixture;
  const std::vector<std::string> names = fixture.host->Names();
  CHECK(std::is_sorted(names.begin(), names.end()));
  CHECK(std::count(names.begin(), names.end(), "builtin.done") == 1);
  CHECK(std::count(names.begin(), names.end(), "test.raw") == 1);
  CHECK(fixture.host->Problems().empty());
}

TEST_CASE("libraries of another SDK say which side to build again; nothing of them runs") {
  fakes::TemporaryDirectory folder;
  const std::string older = CopiedLibrary(folder, "callback_library_older.so");
  CHECK(ProblemsWith(older) ==
        std::vector<std::string>{older +
                                 " was built with version 0 of the SDK, this worker has 1: build " +
                                 older + " again"});
  const std::string newer = CopiedLibrary(folder, "callback_library_newer.so");
  CHECK(ProblemsWith(newer) ==
        std::vector<std::string>{
            newer +
            " was built with version 1000 of the SDK, this worker has 1: install a newer worker, "
            "or build " +
            newer + " with this worker's SDK"});
}

TEST_CASE("what is no library of callbacks") {
  fakes::TemporaryDirectory folder;
  const std::string foreign = CopiedLibrary(folder, "callback_library_foreign.so");
  CHECK(
      ProblemsWith(foreign) ==
      std::vector<std::string>{foreign + " has no callbacks: nothing in it uses WEBHOOK_CALLBACK"});
  const std::string text = folder.File("text.so");
  std::ofstream(text) << "no code";
  fs::permissions(text, fs::perms(0644));
  const auto problems = ProblemsWith(text);
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].find(text + " cannot be loaded: ") == 0);
  CHECK(ProblemsWith(folder.File("missing.so")) ==
        std::vector<std::string>{folder.File("missing.so") +
                                 " cannot be looked at: No such file or directory"});
}

TEST_CASE("a file that others can write is not loaded") {
  fakes::TemporaryDirectory folder;
  const std::string library = CopiedLibrary(folder);
  for (const int mode : {0757, 0775, 0722}) {
    CAPTURE(mode);
    fs::permissions(library, fs::perms(mode));
    CHECK(ProblemsWith(library) ==
          std::vector<std::string>{
              library + " can be written by others than its owner; run: chmod go-w " + library});
  }
}

TEST_CASE("a directory that others can write, here or above") {
  fakes::TemporaryDirectory folder;
  const fs::path above = folder.File("above");
  const fs::path inner = above / "inner";
  fs::create_directories(inner);
  const std::string library = (inner / "library.so").string();
  fs::copy_file(CopiedLibrary(folder), library);
  fs::permissions(above, fs::perms(0755));
  fs::permissions(inner, fs::perms(0755));
  CHECK_FALSE(RefuseLibrary(library, geteuid()));
  for (const fs::path& directory : {above, inner}) {
    CAPTURE(directory);
    fs::permissions(directory, fs::perms(0777));
    CHECK(RefuseLibrary(library, geteuid()) ==
          "the directory " + directory.string() +
              " can be written by others than its owner; run: chmod go-w " + directory.string());
    fs::permissions(directory, fs::perms(01777));
    // Like /tmp: good enough above, not for the library's own directory.
    CHECK(RefuseLibrary(library, geteuid()).has_value() == (directory == inner));
    fs::permissions(directory, fs::perms(0755));
  }
}

TEST_CASE("links, directories, relative paths and detours") {
  fakes::TemporaryDirectory folder;
  const std::string library = CopiedLibrary(folder);
  fs::create_symlink(library, folder.File("link.so"));
  CHECK(RefuseLibrary(folder.File("link.so"), geteuid()) ==
        folder.File("link.so") + " is a symbolic link; name the file itself");
  fs::create_directory(folder.File("directory.so"));
  CHECK(RefuseLibrary(folder.File("directory.so"), geteuid()) ==
        folder.File("directory.so") + " is no regular file");
  CHECK(RefuseLibrary("lib.so", geteuid()) == "lib.so is not an absolute path");
  CHECK(RefuseLibrary("", geteuid()) == " is not an absolute path");
  CHECK(RefuseLibrary(folder.File("x/../callback_library.so"), geteuid()) ==
        folder.File("x/../callback_library.so") + " is not a plain path");
}

// Files of strangers: made by root, or seen with the eyes of one.
TEST_CASE("what belongs to a stranger is not loaded") {
  fakes::TemporaryDirectory folder;
  const std::string library = CopiedLibrary(folder);
  if (geteuid() == 0) {
    REQUIRE(chown(library.c_str(), kStranger, 0) == 0);
    CHECK(RefuseLibrary(library, 0) ==
          library + " belongs to user 4711, who could put other code there; run: chown root " +
              library);
    CHECK(ProblemsWith(library).size() == 1);
    REQUIRE(chown(library.c_str(), 0, 0) == 0);
    const std::string directory = fs::path(library).parent_path().string();
    REQUIRE(chown(directory.c_str(), kStranger, 0) == 0);
    CHECK(RefuseLibrary(library, 0) ==
          directory + " belongs to user 4711, who could put other code there; run: chown root " +
              directory);
    CHECK_FALSE(RefuseLibrary(library, kStranger));  // it is the worker's own user
    REQUIRE(chown(directory.c_str(), 0, 0) == 0);
    CHECK_FALSE(RefuseLibrary(library, kStranger));  // root may
  } else {
    CHECK(RefuseLibrary(library, kStranger).has_value());
    CHECK_FALSE(RefuseLibrary(library, geteuid()));
  }
}

TEST_CASE("a name that two libraries have: the second one is not used at all") {
  fakes::TemporaryDirectory folder;
  const std::string first = CopiedLibrary(folder);
  const std::string twin = CopiedLibrary(folder, "callback_library_twin.so");
  HostFixture fixture(HostFixture::Options({first, twin}));
  CHECK(fixture.host->Problems() ==
        std::vector<std::string>{twin + " is not used: the name test.raw is registered by " +
                                 first + " already"});
  CHECK(AnswerOf(fixture.RunEvent("test.raw").result).note == "JSON");
  CHECK_FALSE(fixture.RunEvent("twin.other").result.ok());
}

TEST_CASE("a name that one library has twice") {
  fakes::TemporaryDirectory folder;
  const std::string doubled = CopiedLibrary(folder, "callback_library_doubled.so");
  CHECK(
      ProblemsWith(doubled) ==
      std::vector<std::string>{
          doubled + " is not used: the name doubled.one is registered twice: neither can be used"});
}

TEST_CASE("a library that does not get through its initialisers") {
  fakes::TemporaryDirectory folder;
  HostOptions options =
      HostFixture::Options({CopiedLibrary(folder, "callback_library_slow_start.so")});
  options.start_timeout = base::Milliseconds(500);
  HostFixture fixture(options);
  CHECK(fixture.host->Names().empty());
  const auto ended = fixture.RunEvent("builtin.done");
  CHECK(ErrorOf(ended.result).kind == delivery::CallbackErrorKind::kCrashed);
  CHECK(ErrorOf(ended.result).message ==
        "the callback builtin.done was not called, because its process cannot be started: it did "
        "not get ready in time; a library may not get through its initialisers");
}

TEST_CASE("a program that cannot be run") {
  HostOptions options = HostFixture::Options({"/opt/acme/libacme.so"});
  options.program = "/no/such/program";
  HostFixture fixture(options);
  CHECK(ErrorOf(fixture.RunEvent("test.raw").result).message ==
        "the callback test.raw was not called, because its process cannot be started: exit code "
        "127");
}

TEST_CASE("nothing configured, nothing linked in: no process, and every callback is unknown") {
  HostFixture fixture{HostOptions()};
  CHECK(fixture.host->Names().empty());
  CHECK(ErrorOf(fixture.RunEvent("acme.x").result).message ==
        "this worker has no callback acme.x: no libraries are configured");
  CHECK(fixture.log.events().empty());
}

}  // namespace webhook::callback_host
