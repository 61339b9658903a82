// SPDX-License-Identifier: LGPL-3.0-or-later
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "lib/inbound/presets.h"
#include "tests/unit/model/contract_schema.h"

namespace webhook::inbound {
namespace {

using Json = nlohmann::ordered_json;

Json Minimal() {
  return Json::parse(R"({
    "name": "acme", "label": "Acme", "documentation": "Enter the URL.",
    "secret": {"purpose": "signing", "hint": "a key"},
    "endpoint": {
      "verification": {"mode": "hmac", "parts": [{"kind": "raw_body"}]},
      "sources": [{"key": "s", "tier": 10, "kind": "header", "expression": "X-Signature"}],
      "semantic_bindings": [{"semantic": "signature", "key": "s"}]
    },
    "request": {"content_type": "application/json", "headers": {"X-Signature": "{signature}"}},
    "samples": {"a.b": {"id": "{id}"}}
  })");
}

std::string ErrorOf(const Json& json) {
  const auto preset = ReadPreset(json.dump());
  return preset.ok() ? "" : preset.error();
}

}  // namespace

TEST_CASE("every bundled preset can be read, and is called as its file") {
  REQUIRE(BundledPresetFiles().size() >= 7);
  std::set<std::string> names;
  for (const PresetFile& file : BundledPresetFiles()) {
    CAPTURE(std::string(file.name));
    const auto preset = ReadPreset(file.json);
    REQUIRE_MESSAGE(preset.ok(), preset.error());
    CHECK(preset.value().name + ".json" == file.name);
    CHECK(names.insert(preset.value().name).second);
    CHECK(preset.value().endpoint.active);
    CHECK(preset.value().endpoint.secrets.empty());
  }
  for (const char* name :
       {"stripe", "github", "shopify", "slack", "gitlab", "twilio", "standard_webhooks"}) {
    CHECK(names.contains(name));
  }
}

// The reader takes what it knows; the schema also refuses what it does not.
TEST_CASE("every bundled endpoint is one of the contract once it has its ids") {
  for (const PresetFile& file : BundledPresetFiles()) {
    CAPTURE(std::string(file.name));
    Json endpoint = Json::parse(file.json)["endpoint"];
    for (const char* rows : {"sources", "semantic_bindings"}) {
      for (Json& row : endpoint[rows]) row["id"] = 1;
    }
    if (endpoint.contains("verification") && endpoint["verification"].contains("parts")) {
      for (Json& part : endpoint["verification"]["parts"]) part["id"] = 1;
    }
    endpoint.update({{"id", 1},
                     {"company_id", 1},
                     {"name", "n"},
                     {"path", "p"},
                     {"state", "active"},
                     {"retry_policy_id", 1}});
    CHECK(model::SchemaErrors("inbound_endpoint", endpoint.dump(-1, ' ', true)) == "");
  }
}

TEST_CASE("what a preset says is what is read") {
  const auto read = ReadPreset(Minimal().dump());
  REQUIRE_MESSAGE(read.ok(), read.error());
  const Preset& preset = read.value();
  CHECK(preset.label == "Acme");
  CHECK(preset.secret_hint == "a key");
  CHECK(preset.endpoint.path == "acme");
  CHECK(preset.endpoint.verification.parts.size() == 1);
  CHECK(preset.endpoint.sources.front().expression == "X-Signature");
  CHECK(preset.headers.front().second == "{signature}");
  CHECK(preset.samples.front().name == "a.b");
}

TEST_CASE("an unknown member is refused, wherever it is") {
  Json json = Minimal();
  json["lable"] = "x";
  CHECK(ErrorOf(json) == "the preset has an unknown member \"lable\"");
  json = Minimal();
  json["endpoint"]["path"] = "x";
  CHECK(ErrorOf(json) == "endpoint has an unknown member \"path\"");
  json = Minimal();
  json["secret"]["value"] = "x";
  CHECK(ErrorOf(json) == "secret has an unknown member \"value\"");
  json = Minimal();
  json["request"]["method"] = "GET";
  CHECK(ErrorOf(json) == "request has an unknown member \"method\"");
}

TEST_CASE("what is missing, or something else than it should be, is refused") {
  for (const char* member :
       {"name", "label", "documentation", "secret", "endpoint", "request", "samples"}) {
    CAPTURE(member);
    Json json = Minimal();
    json.erase(member);
    CHECK(ErrorOf(json) == "the preset lacks the member \"" + std::string(member) + "\"");
    json[member] = 7;
    CHECK_FALSE(ErrorOf(json).empty());
    json[member] = nullptr;
    CHECK_FALSE(ErrorOf(json).empty());
  }
  Json json = Minimal();
  json["secret"]["purpose"] = "client_key";
  CHECK(ErrorOf(json) == "secret: \"purpose\" is not one that an inbound endpoint has");
  json = Minimal();
  json["endpoint"]["verification"]["mode"] = "rot13";
  CHECK(ErrorOf(json).starts_with("endpoint: "));
  json = Minimal();
  json["samples"] = Json::object();
  CHECK(ErrorOf(json) == "\"samples\" is no object, or empty");
  json = Minimal();
  json["request"]["headers"]["X"] = 1;
  CHECK(ErrorOf(json) == "request: a header's value is no text");
  CHECK_FALSE(ReadPreset("[]").ok());
  CHECK_FALSE(ReadPreset("{").ok());
}

TEST_CASE("a sample is found by its full name") {
  const std::vector<Preset> presets = BundledPresets();
  const auto found = FindSample(presets, "stripe.invoice.paid");
  REQUIRE(found.ok());
  CHECK(found.value().preset->name == "stripe");
  CHECK(found.value().sample->name == "invoice.paid");
  CHECK(FindSample(presets, "stripe.invoice.payd").error() ==
        "there is no such sample; did you mean stripe.invoice.paid?");
  CHECK(FindSample(presets, "nothing").error() ==
        "there is no such sample; webhook-worker trigger --list shows all");
  CHECK_FALSE(FindSample(presets, "stripe").ok());
  CHECK_FALSE(FindSample(presets, "").ok());
}

}  // namespace webhook::inbound
