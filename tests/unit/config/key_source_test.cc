// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/config/key_source.h"

#include <doctest/doctest.h>

#include <memory>
#include <string>

#include "tests/unit/config/config_input.h"

namespace webhook::config {
namespace {

std::string Shown(const base::Result<base::Secret, Complaint>& key) {
  return key.ok() ? "key " + key.value().Reveal() : key.error().what + "; " + key.error().expected;
}

std::string Read(std::string bytes, unsigned mode = 0600) {
  return Shown(ReadKeyFile("/k", MemoryFiles({{"/k", {std::move(bytes), mode}}})));
}

}  // namespace

TEST_CASE("a line break at the end of a key file is not part of the key") {
  CHECK(Read("abc") == "key abc");
  CHECK(Read("abc\n") == "key abc");
  CHECK(Read("abc\r\n") == "key abc");
}

TEST_CASE("a key file holds one key and nothing else") {
  CHECK(Read("") == "\"/k\" is empty; expected an API key made in Odoo");
  CHECK(Read("\n") == "\"/k\" is empty; expected an API key made in Odoo");
  CHECK(Read("s3cr3t\nother\n") == "\"/k\" has more than one line; expected the API key alone");
  CHECK(Read("key = s3cr3t") ==
        "\"/k\" is not an API key: it is too long, or holds spaces or special characters; "
        "expected the API key alone, as Odoo showed it");
}

TEST_CASE("a key file that everybody can read or write is refused, with the command to run") {
  CHECK(Read("abc", 0644) ==
        "\"/k\" holds a secret, and its mode 0644 lets every user of this machine read it; "
        "run: chmod 0640 /k");
  CHECK(Read("abc", 0602) ==
        "\"/k\" holds a secret, and its mode 0602 lets every user of this machine write it; "
        "run: chmod 0600 /k");
  CHECK(Read("abc", 0640) == "key abc");
  CHECK(Read("abc", 0400) == "key abc");
}

TEST_CASE("a key file that is not there") {
  CHECK(Shown(ReadKeyFile("/none", MemoryFiles({}))) ==
        "\"/none\" cannot be read: No such file or directory; "
        "expected a file that holds the API key and nothing else");
}

TEST_CASE("the source reads its file again each time") {
  OdooConfig odoo;
  odoo.api_key_file = "/k";
  auto content = std::make_shared<std::string>("old");
  const KeySource source = MakeKeySource(
      odoo, [content](const std::string&, std::size_t) -> base::Result<FileText, FileError> {
        return FileText{*content, 0600};
      });
  CHECK(Shown(source()) == "key old");
  *content = "new\n";
  CHECK(Shown(source()) == "key new");
  *content = "";
  CHECK(Shown(source()) == "\"/k\" is empty; expected an API key made in Odoo");
}

TEST_CASE("an inline key needs no file") {
  OdooConfig odoo;
  odoo.api_key = base::Secret("k");
  CHECK(Shown(MakeKeySource(odoo, {})()) == "key k");
}

TEST_CASE("a bad key file is an error of the configuration") {
  ConfigInput input = Input(kOdoo);
  input.read_file = MemoryFiles({{"/key", {"abc", 0666}}});
  CHECK(ErrorsOf(input) ==
        "worker.toml:4: odoo.api_key_file: \"/key\" holds a secret, and its mode 0666 lets every "
        "user of this machine read it; run: chmod 0660 /key\n");
}

}  // namespace webhook::config
