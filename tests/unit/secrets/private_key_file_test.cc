// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/secrets/private_key_file.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "lib/signing/sealed_secret.h"
#include "tests/fakes/temporary_directory.h"

namespace webhook::secrets {
namespace {

std::string ReadText(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::string ErrorOf(const std::string& path) {
  const auto key = ReadPrivateKeyFile(path);
  REQUIRE_FALSE(key.ok());
  return key.error();
}

bool Has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// A key of 32 bytes that are known.
const base::Secret kKey(std::string(32, 'k'));
constexpr const char* kLine =
    "webhook-worker-private-key:1:a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s=";

}  // namespace

TEST_CASE("what is written is read") {
  const fakes::TemporaryDirectory directory;
  const std::string path = directory.File("key");
  CHECK(WritePrivateKeyFile(path, kKey) == "");
  CHECK(ReadText(path) == std::string(kLine) + "\n");
  struct stat status {};
  REQUIRE(stat(path.c_str(), &status) == 0);
  CHECK((status.st_mode & 07777U) == 0600);
  const auto key = ReadPrivateKeyFile(path);
  REQUIRE(key.ok());
  CHECK(key.value().Reveal() == kKey.Reveal());
}

TEST_CASE("a file that exists is not overwritten, a link not followed") {
  const fakes::TemporaryDirectory directory;
  const std::string path = directory.File("key");
  std::ofstream(path) << "something else";
  CHECK(Has(WritePrivateKeyFile(path, kKey), "exists already"));
  CHECK(ReadText(path) == "something else");
  const std::string link = directory.File("link");
  std::filesystem::create_symlink(directory.File("target"), link);
  CHECK(Has(WritePrivateKeyFile(link, kKey), "exists already"));
  CHECK_FALSE(std::filesystem::exists(directory.File("target")));
  CHECK(Has(WritePrivateKeyFile("/nowhere/key", kKey), "cannot be made: No such file"));
}

TEST_CASE("a file that others can reach is refused") {
  const fakes::TemporaryDirectory directory;
  const std::string path = directory.File("key");
  REQUIRE(WritePrivateKeyFile(path, kKey) == "");
  for (const unsigned mode : {0640U, 0604U, 0620U, 0602U, 0610U, 0644U}) {
    REQUIRE(chmod(path.c_str(), mode) == 0);
    CHECK(Has(ErrorOf(path), "lets others at it: run chmod 600 " + path));
  }
  for (const unsigned mode : {0400U, 0600U, 0700U}) {
    REQUIRE(chmod(path.c_str(), mode) == 0);
    CHECK(ReadPrivateKeyFile(path).ok());
  }
}

TEST_CASE("what is no key file") {
  const fakes::TemporaryDirectory directory;
  const std::string path = directory.File("key");
  const std::string line = kLine;
  for (const std::string& text :
       {std::string(), std::string("PLANTED"), "x" + line, line + "x", line + "\n\n",
        line + "\n" + line, "webhook-worker-private-key:2:" + line.substr(29),
        line.substr(0, line.size() - 4), std::string(300, 'x'), line + std::string(300, '\n')}) {
    CAPTURE(text);
    std::ofstream(path, std::ios::trunc) << text;
    REQUIRE(chmod(path.c_str(), 0600) == 0);
    CHECK(ErrorOf(path) == path + " holds no private key as webhook-worker keygen writes it");
  }
  for (const std::string& text : {line, line + "\n", line + "\r\n"}) {
    std::ofstream(path, std::ios::trunc) << text;
    CHECK(ReadPrivateKeyFile(path).ok());
  }
}

TEST_CASE("what is no file") {
  const fakes::TemporaryDirectory directory;
  CHECK(Has(ErrorOf(directory.File("none")), "cannot be read: No such file"));
  CHECK(Has(ErrorOf(directory.File("")), "is not a file"));
  REQUIRE(mkfifo(directory.File("pipe").c_str(), 0600) == 0);
  CHECK(Has(ErrorOf(directory.File("pipe")), "is not a file"));
}

}  // namespace webhook::secrets
