// SPDX-License-Identifier: LGPL-3.0-or-later
// An inbox moves to another host: whole, once, and only where it belongs.
#include "lib/journal/inbox_transfer.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "lib/journal/journal_error.h"
#include "tests/integration/journal/inbox_harness.h"

using namespace webhook;
using namespace webhook::integration;
using journal::ExportInbox;
using journal::ImportInbox;

namespace {

struct Fixture : InboxHarness {
  InboxHarness target;
  const std::string file = directory.File("export");

  // Three events, one of them set aside, one gone but not forgotten, and duplicates.
  void FillAndExport(const std::string& fingerprint = "db-1") {
    Open();
    for (const char* key : {"a", "b", "c", "gone"}) Accept(Item(key, key, std::string("r") + key));
    Accept(Item("again", "a"));
    const auto rows = Fetch().rows;
    inbox->SetAside(rows[1].sequence, "no, \"never\"");
    inbox->Forget({rows[3].sequence}, {});
    Settled();
    inbox.reset();
    const journal::ExportedInbox exported = ExportInbox(options, fingerprint, clock.Now(), file);
    CHECK(exported.events == 3);
    CHECK(exported.set_aside == 1);
    CHECK(exported.identities == 8);
  }

  std::string Text() const {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  }

  void Write(const std::string& text) const { std::ofstream(file) << text; }

  void CheckRefused(const std::string& part) {
    try {
      ImportInbox(target.options, "db-1", false, file);
      FAIL("imported");
    } catch (const journal::JournalError& error) {
      CAPTURE(error.what());
      CHECK(std::string(error.what()).find(part) != std::string::npos);
      CHECK(std::string(error.what()).find("nothing was imported") != std::string::npos);
    }
    target.Open();
    CHECK(target.Uids().empty());
    target.inbox.reset();
  }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "everything arrives, and the source keeps it") {
  FillAndExport();
  const journal::ImportedInbox imported = ImportInbox(target.options, "db-1", false, file);
  CHECK(imported.added.events == 3);
  CHECK(imported.added.set_aside == 1);
  CHECK(imported.added.identities == 8);
  CHECK(imported.events_known + imported.identities_known == 0);
  target.Open();
  CHECK(target.Uids() == std::vector<std::string>{"a", "c"});
  CHECK(target.Fetch().rows[0].event_json == R"({"uid":"a"})");
  CHECK(target.inbox->State().set_aside_count == 1);
  CheckAnswer(target.Accept(target.Item("x", "gone")), InboxVerdict::kDuplicate, "gone");
  CheckAnswer(target.Accept(target.Item("x", "", "rb")), InboxVerdict::kDuplicate, "b");
  Open();
  CHECK(Uids() == std::vector<std::string>{"a", "c"});
  struct stat status = {};
  REQUIRE(::stat(file.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
}

TEST_CASE_FIXTURE(Fixture, "duplicates that were not reported yet arrive too, once") {
  FillAndExport();
  ImportInbox(target.options, "db-1", false, file);
  ImportInbox(target.options, "db-1", false, file);
  target.Open();
  target.ForgetRows();
  const auto duplicates = target.Fetch().duplicates;
  REQUIRE(duplicates.size() == 1);
  CHECK(duplicates[0].event_uid == "a");
  CHECK(duplicates[0].count == 1);
}

TEST_CASE_FIXTURE(Fixture, "a second import adds nothing, an import adds to what is there") {
  FillAndExport();
  target.Open();
  target.Accept(target.Item("mine", "mine"));
  target.Accept(target.Item("c", "c", "rc"));
  target.inbox.reset();
  const auto first = ImportInbox(target.options, "", false, file);
  CHECK(first.added.events == 2);
  CHECK(first.events_known == 1);
  CHECK(first.identities_known == 2);
  const auto second = ImportInbox(target.options, "db-1", false, file);
  CHECK(second.added.events + second.added.identities == 0);
  CHECK(second.events_known == 3);
  CHECK(second.identities_known == 8);
  target.Open();
  CHECK(target.Uids() == std::vector<std::string>{"mine", "c", "a"});
}

TEST_CASE_FIXTURE(Fixture, "what is for another database is refused, unless forced or unknown") {
  FillAndExport("db-2");
  CheckRefused("fingerprint db-2, and this worker serves db-1");
  CHECK(ImportInbox(target.options, "db-1", true, file).added.events == 3);
  std::filesystem::remove(file);
  ExportInbox(options, "", clock.Now(), file);
  CHECK(ImportInbox(target.options, "db-1", false, file).events_known == 3);
}

TEST_CASE_FIXTURE(Fixture, "a file that is not whole is refused, all of it") {
  FillAndExport();
  const std::string text = Text();
  for (std::size_t size = 1; size + 1 < text.size(); size += 97) {
    Write(text.substr(0, size));
    CheckRefused("line ");
  }
  Write(text.substr(0, text.rfind("{\"end\"")));
  CheckRefused("it was cut short");
  Write(text + "{}\n");
  CheckRefused("it goes on after its end");
  const auto line = text.find('\n') + 1;
  Write(text.substr(0, line) + text.substr(text.find('\n', line) + 1));
  CheckRefused("as many lines as its end says");
  Write("{\"format\":\"other\"}\n");
  CheckRefused("it is not an export of an inbox");
  Write(R"({"format":"webhook-worker-inbox","version":2,"fingerprint":""})");
  CheckRefused("newer webhook-worker");
  Write("");
  CheckRefused("line 1");
}

TEST_CASE_FIXTURE(Fixture,
                  "no inbox, a running worker, a file that is there: refused in a sentence") {
  CHECK_THROWS_WITH_AS(ExportInbox(options, "", clock.Now(), file),
                       ("there is no inbox " + options.path).c_str(), journal::JournalError);
  FillAndExport();
  CHECK_THROWS_WITH_AS(ExportInbox(options, "", clock.Now(), file),
                       ("cannot make " + file + ": File exists").c_str(), journal::JournalError);
  Open();
  CHECK_THROWS_AS(ExportInbox(options, "", clock.Now(), file + "2"), journal::JournalLocked);
  CHECK_THROWS_AS(ImportInbox(options, "", false, file), journal::JournalLocked);
  CHECK_THROWS_WITH_AS(ImportInbox(options, "", false, file + "3"),
                       ("cannot open " + file + "3: No such file or directory").c_str(),
                       journal::JournalError);
}
