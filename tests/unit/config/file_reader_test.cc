// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/config/file_reader.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/fakes/temporary_directory.h"
#include "tests/unit/config/mode_file.h"

namespace webhook::config {

TEST_CASE("a file is read whole, with its mode") {
  const fakes::TemporaryDirectory folder;
  WriteFile(folder, "a", std::string("x\0y", 3), 0640);
  const auto file = SystemFileReader()(folder.File("a"), 3);
  REQUIRE(file.ok());
  CHECK(file.value().bytes == std::string("x\0y", 3));
  CHECK(file.value().mode == 0640);
}

TEST_CASE("a file beyond the limit is refused") {
  const fakes::TemporaryDirectory folder;
  WriteFile(folder, "a", "1234", 0600);
  CHECK(SystemFileReader()(folder.File("a"), 3).error().reason == "more than 3 bytes");
}

TEST_CASE("what cannot be read says why") {
  const fakes::TemporaryDirectory folder;
  CHECK(SystemFileReader()(folder.File("a"), 3).error().reason == "No such file or directory");
  CHECK(SystemFileReader()(folder.File(""), 3).error().reason == "Is a directory");
}

TEST_CASE("a pipe that nobody writes to does not hang the worker") {
  const fakes::TemporaryDirectory folder;
  REQUIRE(mkfifo(folder.File("pipe").c_str(), 0600) == 0);
  CHECK(SystemFileReader()(folder.File("pipe"), 3).value().bytes.empty());
}

}  // namespace webhook::config
