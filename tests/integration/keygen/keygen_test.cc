// SPDX-License-Identifier: LGPL-3.0-or-later
// The command as an operator runs it: the program itself.
#include <doctest/doctest.h>
#include <sys/stat.h>

#include <string>

#include "lib/secrets/key_ring.h"
#include "tests/fakes/run_program.h"
#include "tests/fakes/temporary_directory.h"

namespace webhook::app {
namespace {

bool Has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("keygen writes a key file and shows the fingerprint, never the key") {
  const fakes::TemporaryDirectory directory;
  const std::string path = directory.File("private_key");
  const auto made = fakes::RunProgram({WEBHOOK_WORKER, "keygen", "--out", path});
  REQUIRE_MESSAGE(made.exit_code == 0, made.output);
  struct stat status {};
  REQUIRE(stat(path.c_str(), &status) == 0);
  CHECK((status.st_mode & 07777U) == 0600);
  const secrets::KeyRing keys(path, {});
  CHECK(Has(made.output, "\n  " + signing::KeyFingerprint(keys.public_key()) + "\n"));
  CHECK(Has(made.output, "key_file = \"" + path + "\""));
  CHECK_FALSE(Has(made.output, "webhook-worker-private-key"));
}

TEST_CASE("keygen overwrites nothing") {
  const fakes::TemporaryDirectory directory;
  const std::string path = directory.File("private_key");
  REQUIRE(fakes::RunProgram({WEBHOOK_WORKER, "keygen", "--out", path}).exit_code == 0);
  const std::string before = secrets::KeyRing(path, {}).public_key();
  const auto again = fakes::RunProgram({WEBHOOK_WORKER, "keygen", "-o", path});
  CHECK(again.exit_code == 1);
  CHECK(Has(again.output, path + " exists already"));
  CHECK(secrets::KeyRing(path, {}).public_key() == before);
}

TEST_CASE("keygen says what it needs") {
  CHECK(fakes::RunProgram({WEBHOOK_WORKER, "keygen"}).exit_code == 64);
  const auto nowhere = fakes::RunProgram({WEBHOOK_WORKER, "keygen", "--out", "/nowhere/key"});
  CHECK(nowhere.exit_code == 1);
  CHECK(Has(nowhere.output, "/nowhere/key cannot be made: No such file or directory"));
}

}  // namespace webhook::app
