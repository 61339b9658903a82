// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/secrets/worker_secrets.h"

#include <doctest/doctest.h>

#include <string>

#include "lib/secrets/private_key_file.h"
#include "tests/fakes/temporary_directory.h"

namespace webhook::secrets {
namespace {

using delivery::SecretTrouble;

// A key in a file of its own.
struct KeyFile {
  KeyFile(const fakes::TemporaryDirectory& directory, const std::string& name)
      : path(directory.File(name)), pair(signing::GenerateKeyPair()) {
    REQUIRE(WritePrivateKeyFile(path, pair.private_key) == "");
  }
  std::string path;
  signing::KeyPair pair;
};

model::SecretEntry Entry(std::string value) {
  return {.id = 7, .purpose = model::SecretPurpose::kSigning, .value = std::move(value)};
}

std::string Sealed(const signing::KeyPair& pair, const std::string& secret,
                   const std::string& data = "bwt.webhook.secret,7,signing") {
  return signing::Seal(pair.public_key, data, base::Secret(secret)).value();
}

std::string Opened(WorkerSecrets& secrets, const std::string& value) {
  const auto opened = secrets.Open(Entry(value));
  REQUIRE_MESSAGE(opened.ok(), opened.error().message);
  return opened.value().Reveal();
}

delivery::SecretError ErrorOf(WorkerSecrets& secrets, const std::string& value) {
  const auto opened = secrets.Open(Entry(value));
  REQUIRE_FALSE(opened.ok());
  CHECK(opened.error().message.ends_with("."));
  CHECK(opened.error().message.find("PLANTED") == std::string::npos);
  return opened.error();
}

}  // namespace

TEST_CASE("a sealed secret is opened with the key that it names") {
  const fakes::TemporaryDirectory directory;
  const KeyFile now(directory, "now");
  const KeyFile old(directory, "old");
  WorkerSecrets secrets({.key_file = now.path, .old_key_files = {old.path}});
  CHECK(secrets.PublicKey() == now.pair.public_key);
  CHECK(Opened(secrets, Sealed(now.pair, "new secret")) == "new secret");
  CHECK(Opened(secrets, Sealed(old.pair, "old secret")) == "old secret");
}

TEST_CASE("the purpose is part of what binds a secret to its record") {
  const fakes::TemporaryDirectory directory;
  const KeyFile key(directory, "key");
  WorkerSecrets secrets({.key_file = key.path});
  using Purpose = model::SecretPurpose;
  for (const auto& [purpose, spelling] : {std::pair(Purpose::kSigning, "signing"),
                                          {Purpose::kBasicPassword, "basic_password"},
                                          {Purpose::kBearerToken, "bearer_token"},
                                          {Purpose::kApiKey, "api_key"},
                                          {Purpose::kOauth2ClientSecret, "oauth2_client_secret"},
                                          {Purpose::kClientKey, "client_key"}}) {
    const std::string value =
        Sealed(key.pair, "s", std::string("bwt.webhook.secret,7,") + spelling);
    CHECK(secrets.Open({.id = 7, .purpose = purpose, .value = value}).ok());
    CHECK_FALSE(secrets.Open({.id = 8, .purpose = purpose, .value = value}).ok());
  }
}

TEST_CASE("a secret that must be entered again") {
  const fakes::TemporaryDirectory directory;
  const KeyFile key(directory, "key");
  WorkerSecrets secrets({.key_file = key.path});
  for (const std::string& value :
       {std::string("PLANTED in clear"), std::string(), std::string("sealed:1:AAAA"),
        Sealed(key.pair, ""), Sealed(key.pair, "PLANTED", "bwt.webhook.secret,8,signing")}) {
    CAPTURE(value);
    CHECK(ErrorOf(secrets, value).trouble == SecretTrouble::kInvalid);
  }
}

TEST_CASE("a key that this worker does not have") {
  const fakes::TemporaryDirectory directory;
  const KeyFile key(directory, "key");
  const std::string value = Sealed(signing::GenerateKeyPair(), "PLANTED");
  WorkerSecrets with_another({.key_file = key.path});
  CHECK(ErrorOf(with_another, value).trouble == SecretTrouble::kNotHere);
  WorkerSecrets without({});
  CHECK(without.PublicKey().empty());
  CHECK(ErrorOf(without, value).message == "This worker has no private key (secrets.key_file).");
}

TEST_CASE("references are resolved") {
  WorkerSecrets secrets({.references = {.env_prefix = "WEBHOOK_SECRET_",
                                        .read_variable = [](const std::string& name) {
                                          return std::optional("value of " + name);
                                        }}});
  CHECK(Opened(secrets, "env:WEBHOOK_SECRET_SHOP") == "value of WEBHOOK_SECRET_SHOP");
}

TEST_CASE("a rotation: what is sealed to the old key is sealed to the new one") {
  const fakes::TemporaryDirectory directory;
  const KeyFile now(directory, "now");
  const KeyFile old(directory, "old");
  WorkerSecrets both({.key_file = now.path, .old_key_files = {old.path}});
  const std::string resealed =
      both.Reseal(Entry(Sealed(old.pair, "the secret")), now.pair.public_key);
  WorkerSecrets only_new({.key_file = now.path});
  CHECK(Opened(only_new, resealed) == "the secret");
}

TEST_CASE("nothing is sealed anew without need, or for somebody else") {
  const fakes::TemporaryDirectory directory;
  const KeyFile now(directory, "now");
  const KeyFile old(directory, "old");
  WorkerSecrets both({.key_file = now.path, .old_key_files = {old.path}});
  const std::string& key = now.pair.public_key;
  CHECK(both.Reseal(Entry(Sealed(now.pair, "s")), key) == "");
  CHECK(both.Reseal(Entry("env:WEBHOOK_SECRET_A"), key) == "");
  CHECK(both.Reseal(Entry(Sealed(old.pair, "s", "of another record")), key) == "");
  CHECK(both.Reseal(Entry(Sealed(signing::GenerateKeyPair(), "s")), key) == "");
  // A key that somebody wrote into Odoo's database.
  CHECK(both.Reseal(Entry(Sealed(old.pair, "s")), signing::GenerateKeyPair().public_key) == "");
  CHECK(both.Reseal(Entry(Sealed(old.pair, "s")), "") == "");
}

TEST_CASE("a key file that cannot be used is said at the start") {
  CHECK_THROWS_WITH(WorkerSecrets({.key_file = "/nowhere/key"}),
                    "/nowhere/key cannot be read: No such file or directory");
  const fakes::TemporaryDirectory directory;
  const KeyFile key(directory, "key");
  CHECK_THROWS(WorkerSecrets({.key_file = key.path, .old_key_files = {"/nowhere/key"}}));
}

}  // namespace webhook::secrets
