// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/resealer.h"

#include <doctest/doctest.h>

#include "lib/base/base64.h"
#include "tests/unit/delivery/engine_world.h"

using namespace webhook::delivery;
namespace base = webhook::base;

namespace {

const std::string kOurKey(32, 'k');

// There are so many secrets, sealed to an older key.
struct World : EngineWorld {
  explicit World(int count = 3) : resealer(kWorkerUid, Milliseconds(150000), ports, link) {
    secrets.public_key = kOurKey;
    for (int id = 1; id <= count; ++id) secrets.values[Old(id)] = "clear " + std::to_string(id);
    link.Start({.on_ready = [this] { resealer.Check(); },
                .on_configuration = [this] { resealer.Check(); },
                .on_wake_secret = [](const std::string&) {},
                .on_sealing_key = [this] { resealer.Check(); }},
               {});
    strand.RunReady();
  }
  static std::string Old(int id) { return "sealed:1:old" + std::to_string(id); }

  void SayHello(const std::string& key) {
    const Json members =
        key.empty() ? Json::object() : Json({{"sealing_public_key", base::EncodeBase64(key)}});
    odoo.Answer(Method::kHello, Hello(members));
  }
  // 50 secrets an endpoint at most.
  void Configure(const std::vector<std::string>& values) {
    database.endpoints.clear();
    for (std::size_t id = 1; id <= values.size() / 50 + 1; ++id) {
      database.endpoints.push_back(static_cast<RecordId>(id));
    }
    Json answer = Configuration();
    Json& endpoints = answer.at("configuration").at("endpoints");
    for (std::size_t i = 0; i < values.size(); ++i) {
      endpoints.at(i / 50)["secrets"].push_back(
          {{"id", i + 1}, {"purpose", "signing"}, {"value", values[i]}});
    }
    odoo.Answer(Method::kConfiguration, answer);
  }
  std::vector<std::string> OldValues(int count) const {
    std::vector<std::string> values;
    for (int id = 1; id <= count; ++id) values.push_back(Old(id));
    return values;
  }
  Json Sent() const { return odoo.Pending(Method::kReseal).request.at("secrets"); }
  void Accept() {
    Json ids = Json::array();
    for (const Json& secret : Sent()) ids.push_back(secret.at("id"));
    odoo.Answer(Method::kReseal, Envelope({{"resealed_ids", ids}}));
  }

  Resealer resealer;
};

}  // namespace

TEST_CASE("secrets that are sealed to another key are sealed to the confirmed one") {
  World world;
  world.SayHello(kOurKey);
  world.Configure({World::Old(1), "env:NAME", World::Old(3)});
  const Json sent = world.Sent();
  REQUIRE(sent.size() == 2);
  CHECK(sent[0].at("id") == 1);
  CHECK(sent[0].at("previous_value") == World::Old(1));
  CHECK(sent[0].at("value") == "sealed:1:" + kOurKey + ":clear 1");
  CHECK(sent[1].at("id") == 3);
  world.Accept();
  CHECK_FALSE(world.odoo.IsPending(Method::kReseal));
}

TEST_CASE("nothing is sealed to a key that is not ours, or while none is confirmed") {
  World other;
  other.SayHello(std::string(32, 'x'));
  other.Configure(other.OldValues(3));
  CHECK(other.odoo.Count(Method::kReseal) == 0);
  World none;
  none.SayHello("");
  none.Configure(none.OldValues(3));
  CHECK(none.odoo.Count(Method::kReseal) == 0);
  World keyless;
  keyless.secrets.public_key.clear();
  keyless.SayHello("");
  keyless.Configure(keyless.OldValues(3));
  CHECK(keyless.odoo.Count(Method::kReseal) == 0);
}

TEST_CASE("a key that is confirmed later starts it") {
  World world;
  world.SayHello("");
  world.Configure(world.OldValues(3));
  for (int i = 0; i < 100 && !world.odoo.IsPending(Method::kHello); ++i) world.Advance(seconds(1));
  world.SayHello(kOurKey);
  CHECK(world.Sent().size() == 3);
}

TEST_CASE("many secrets go in batches, each once") {
  World world(250);
  world.SayHello(kOurKey);
  world.Configure(world.OldValues(250));
  std::vector<std::size_t> sizes;
  while (world.odoo.IsPending(Method::kReseal)) {
    sizes.push_back(world.Sent().size());
    world.Accept();
  }
  CHECK(sizes == std::vector<std::size_t>{100, 100, 50});
}

TEST_CASE("a lost reply: the batch is sent again when Odoo is back") {
  World world;
  world.SayHello(kOurKey);
  world.Configure(world.OldValues(3));
  world.odoo.Fail(Method::kReseal, RpcFaultKind::kUnknown);
  CHECK_FALSE(world.link.ready());
  for (int i = 0; i < 100 && !world.odoo.IsPending(Method::kHello); ++i) world.Advance(seconds(1));
  world.SayHello(kOurKey);
  CHECK(world.Sent().size() == 3);
}

TEST_CASE("a batch that Odoo refuses again and again does not keep the worker from its work") {
  World world;
  world.SayHello(kOurKey);
  world.Configure(world.OldValues(3));
  for (int i = 0; i < 10 && world.odoo.IsPending(Method::kReseal); ++i) {
    world.odoo.Fail(Method::kReseal, RpcFaultKind::kRejected);
    for (int n = 0; n < 100 && !world.odoo.IsPending(Method::kHello); ++n)
      world.Advance(seconds(1));
    world.SayHello(kOurKey);
  }
  CHECK(world.odoo.Count(Method::kReseal) == 3);
  CHECK(world.link.ready());
}

TEST_CASE("hello brings our public key") {
  World world;
  CHECK(world.odoo.Pending(Method::kHello).request.at("public_key") == base::EncodeBase64(kOurKey));
  world.SayHello(kOurKey);
  CHECK(world.link.sealing_public_key() == kOurKey);
}
