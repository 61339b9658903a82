// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/secrets/secret_references.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "tests/fakes/temporary_directory.h"

namespace webhook::secrets {
namespace {

using delivery::SecretTrouble;

ReadVariable Variables(std::map<std::string, std::string> variables) {
  return [variables = std::move(variables)](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };
}

delivery::SecretError ErrorOf(const SecretReferences& references, const std::string& value) {
  CAPTURE(value);
  const auto secret = references.Resolve(value);
  REQUIRE_FALSE(secret.ok());
  CHECK(secret.error().message.ends_with("."));
  return secret.error();
}

std::string SecretOf(const SecretReferences& references, const std::string& value) {
  const auto secret = references.Resolve(value);
  REQUIRE_MESSAGE(secret.ok(), secret.error().message);
  return secret.value().Reveal();
}

void Write(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

bool Has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("what is a reference") {
  CHECK(SecretReferences::IsReference("env:A"));
  CHECK(SecretReferences::IsReference("file:a"));
  for (const char* value : {"", "sealed:1:AA", "ENV:A", "environment", " env:A"}) {
    CHECK_FALSE(SecretReferences::IsReference(value));
  }
}

TEST_CASE("a variable within the prefix") {
  const SecretReferences references(
      {.env_prefix = "WEBHOOK_SECRET_",
       .read_variable = Variables(
           {{"WEBHOOK_SECRET_A", "value\n"}, {"WEBHOOK_SECRET_EMPTY", ""}, {"HOME", "/root"}})});
  CHECK(SecretOf(references, "env:WEBHOOK_SECRET_A") == "value\n");
  CHECK(ErrorOf(references, "env:HOME").message ==
        "env:HOME is not read on this worker: names must begin with WEBHOOK_SECRET_ "
        "(secrets.env_prefix).");
  CHECK(ErrorOf(references, "env:HOME").trouble == SecretTrouble::kNotHere);
  CHECK(Has(ErrorOf(references, "env:WEBHOOK_SECRET_B").message, "is not set on this worker"));
  CHECK(Has(ErrorOf(references, "env:WEBHOOK_SECRET_EMPTY").message, "is not set"));
  for (const char* value : {"env:", "env:A B", "env:A=B", "env:../A", "env:A\n", "env:Ä"}) {
    CHECK(ErrorOf(references, value).trouble == SecretTrouble::kInvalid);
  }
}

TEST_CASE("the worker's own variables are nobody's secret") {
  const SecretReferences references({.env_prefix = "W", .read_variable = [](const std::string&) {
                                       return std::optional<std::string>("k");
                                     }});
  CHECK(SecretOf(references, "env:WX") == "k");
  CHECK(ErrorOf(references, "env:WEBHOOK_WORKER_ODOO_API_KEY").trouble == SecretTrouble::kNotHere);
}

TEST_CASE("without prefix and directory nothing is read") {
  const SecretReferences references({.read_variable = Variables({{"A", "value"}})});
  CHECK(Has(ErrorOf(references, "env:A").message, "secrets.env_prefix"));
  CHECK(Has(ErrorOf(references, "file:a").message, "secrets.directory"));
}

TEST_CASE("a file of the directory") {
  const fakes::TemporaryDirectory directory;
  Write(directory.File("plain"), "value");
  Write(directory.File("line"), "value\n");
  Write(directory.File("windows"), "value\r\n");
  Write(directory.File("lines"), "one\ntwo\n\n");
  Write(directory.File("empty"), "\n");
  Write(directory.File("most"), std::string(kSecretFileBytesMax, 'x'));
  Write(directory.File("more"), std::string(kSecretFileBytesMax + 1, 'x'));
  const SecretReferences references({.directory = directory.File("")});
  CHECK(SecretOf(references, "file:plain") == "value");
  CHECK(SecretOf(references, "file:line") == "value");
  CHECK(SecretOf(references, "file:windows") == "value");
  CHECK(SecretOf(references, "file:lines") == "one\ntwo\n");
  CHECK(SecretOf(references, "file:most").size() == kSecretFileBytesMax);
  CHECK(Has(ErrorOf(references, "file:more").message, "has more than 65536 bytes"));
  CHECK(Has(ErrorOf(references, "file:empty").message, "is empty"));
  CHECK(Has(ErrorOf(references, "file:none").message, "No such file"));
  CHECK(ErrorOf(references, "file:none").trouble == SecretTrouble::kNotHere);
}

TEST_CASE("a name of a file, and nothing else") {
  const fakes::TemporaryDirectory directory;
  const SecretReferences references({.directory = directory.File("")});
  for (const char* value : {"file:", "file:.", "file:..", "file:../a", "file:/etc/passwd",
                            "file:a/b", "file:.hidden", "file:a b", "file:a\n"}) {
    CHECK(ErrorOf(references, value).trouble == SecretTrouble::kInvalid);
  }
  CHECK(ErrorOf(references, "file:" + std::string(256, 'a')).trouble == SecretTrouble::kInvalid);
  CHECK(ErrorOf(references, std::string("file:a\0b", 8)).trouble == SecretTrouble::kInvalid);
}

TEST_CASE("links stay in the directory") {
  namespace fs = std::filesystem;
  const fakes::TemporaryDirectory outer;
  const std::string directory = outer.File("secrets");
  fs::create_directories(directory + "/..data");
  Write(directory + "/..data/inside", "value");
  Write(outer.File("outside"), "PLANTED");
  Write(outer.File("secrets-beside"), "PLANTED");
  fs::create_symlink("..data/inside", directory + "/good");  // as containers mount secrets
  fs::create_symlink(outer.File("outside"), directory + "/absolute");
  fs::create_symlink("../outside", directory + "/relative");
  fs::create_symlink("../secrets-beside", directory + "/beside");
  fs::create_symlink("..", directory + "/up");
  fs::create_symlink(".", directory + "/self");
  fs::create_symlink("loop", directory + "/loop");
  fs::create_symlink(directory, outer.File("link"));
  for (const std::string& way : {directory, directory + "/", outer.File("link")}) {
    const SecretReferences references({.directory = way});
    CHECK(SecretOf(references, "file:good") == "value");
    for (const char* value :
         {"file:absolute", "file:relative", "file:beside", "file:up", "file:self"}) {
      CHECK(Has(ErrorOf(references, value).message, "leads out of the secrets' directory"));
    }
    CHECK(Has(ErrorOf(references, "file:loop").message, "Too many levels"));
  }
}

TEST_CASE("what is no file") {
  const fakes::TemporaryDirectory directory;
  std::filesystem::create_directory(directory.File("folder"));
  REQUIRE(mkfifo(directory.File("pipe").c_str(), 0600) == 0);
  const SecretReferences references({.directory = directory.File("")});
  CHECK(Has(ErrorOf(references, "file:folder").message, "is not a file"));
  CHECK(Has(ErrorOf(references, "file:pipe").message, "is not a file"));
}

TEST_CASE("the process's environment") {
  REQUIRE(setenv("WEBHOOK_TEST_VARIABLE", "value", 1) == 0);
  CHECK(ProcessEnvironment()("WEBHOOK_TEST_VARIABLE") == "value");
  CHECK_FALSE(ProcessEnvironment()("WEBHOOK_TEST_NO_VARIABLE"));
}

}  // namespace webhook::secrets
