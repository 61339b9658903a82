// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/config/load_config.h"

#include <doctest/doctest.h>

#include <string>

#include "tests/fakes/temporary_directory.h"
#include "tests/unit/config/mode_file.h"

namespace webhook::config {

TEST_CASE("file, key file and environment are read together") {
  const fakes::TemporaryDirectory folder;
  WriteFile(folder, "key", "abc\n", 0600);
  WriteFile(folder, "worker.toml",
            "[odoo]\nurl = \"https://odoo.example.com\"\ndatabase = \"a\"\napi_key_file = \"" +
                folder.File("key") + "\"\n",
            0644);
  const auto loaded =
      LoadConfig(folder.File("worker.toml"), {{"WEBHOOK_WORKER_ODOO_DATABASE", "b"}});
  REQUIRE(loaded.ok());
  CHECK(loaded.value().config.odoo.database == "b");
  CHECK_FALSE(loaded.value().config.worker.name.empty());
}

TEST_CASE("a file that is not there is an error with its name") {
  const fakes::TemporaryDirectory folder;
  const auto loaded = LoadConfig(folder.File("worker.toml"), {});
  REQUIRE_FALSE(loaded.ok());
  CHECK(
      ErrorsText(loaded.error()) ==
      folder.File("worker.toml") +
          ": cannot be read: No such file or directory; expected the configuration file (TOML)\n");
}

TEST_CASE("a key file's real mode is looked at") {
  const fakes::TemporaryDirectory folder;
  WriteFile(folder, "key", "abc\n", 0604);
  const auto loaded = LoadConfig("", {{"WEBHOOK_WORKER_ODOO_URL", "https://odoo.example.com"},
                                      {"WEBHOOK_WORKER_ODOO_DATABASE", "b"},
                                      {"WEBHOOK_WORKER_ODOO_API_KEY_FILE", folder.File("key")}});
  REQUIRE_FALSE(loaded.ok());
  CHECK(ErrorsText(loaded.error()).find("run: chmod 0600 " + folder.File("key")) !=
        std::string::npos);
}

TEST_CASE("the environment of a process") {
  const char* const variables[] = {"A=1", "B=", "C=x=y", "no equals sign", "A=2", nullptr};
  CHECK(ReadEnvironment(variables) == Environment{{"A", "1"}, {"B", ""}, {"C", "x=y"}});
}

}  // namespace webhook::config
