// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/config/keys.h"

#include <doctest/doctest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "lib/base/result.h"

namespace webhook::config {
namespace {

using Json = nlohmann::ordered_json;

// What the JSON schema must say about a key.
Json SchemaOf(const Key& key) {
  Config defaults;
  Json schema;
  schema["description"] = key.description;
  std::visit(base::Overloaded{
                 [&](const Text& text) {
                   schema["type"] = "string";
                   if (key.example.empty()) schema["default"] = text.at(defaults);
                 },
                 [&](const SecretText&) { schema["type"] = "string"; },
                 [&](const TextList& list) {
                   schema["type"] = "array";
                   schema["items"]["type"] = "string";
                   schema["maxItems"] = list.items_max;
                   schema["default"] = list.at(defaults);
                 },
                 [&](const Whole& whole) {
                   schema["type"] = "integer";
                   schema["minimum"] = whole.min;
                   schema["maximum"] = whole.max;
                   schema["default"] = whole.at(defaults);
                 },
                 [&](const Large& large) {
                   schema["type"] = "integer";
                   schema["minimum"] = large.min;
                   schema["maximum"] = large.max;
                   schema["default"] = large.at(defaults);
                 },
                 [&](const Flag& flag) {
                   schema["type"] = "boolean";
                   schema["default"] = flag.at(defaults);
                 },
                 [&](const Choice& choice) {
                   for (const std::string_view name : choice.names) schema["enum"].push_back(name);
                   schema["default"] = choice.names[choice.get(defaults)];
                 },
             },
             key.slot);
  return schema;
}

}  // namespace

TEST_CASE("the JSON schema and the table of keys say the same") {
  std::ifstream file(WEBHOOK_SCHEMA);
  REQUIRE(file);
  const Json schema = Json::parse(file);
  CHECK(schema["$schema"] == "http://json-schema.org/draft-07/schema#");
  CHECK(schema["additionalProperties"] == false);
  for (const Section& section : Sections()) {
    const Json& found = schema["properties"][std::string(section.name)];
    CHECK(found["description"] == section.description);
    CHECK(found["additionalProperties"] == false);
    CHECK(found["properties"].size() == KeyNames(section.name).size());
  }
  CHECK(schema["properties"].size() == Sections().size());
  for (const Key& key : Keys()) {
    const Json& section = schema["properties"][std::string(key.section)]["properties"];
    CHECK(section[std::string(key.name)].dump(2) == SchemaOf(key).dump(2));
  }
}

TEST_CASE("every section of the table has keys, every key a known section") {
  std::set<std::string_view> used;
  for (const Key& key : Keys()) used.insert(key.section);
  const auto names = SectionNames();
  CHECK(used == std::set<std::string_view>(names.begin(), names.end()));
}

TEST_CASE("names of keys and of variables are unique") {
  std::set<std::string> names;
  std::set<std::string> variables;
  for (const Key& key : Keys()) {
    CHECK(names.insert(FullName(key)).second);
    CHECK(variables.insert(EnvironmentVariable(key)).second);
  }
}

TEST_CASE("every default is within its own range") {
  Config defaults;
  for (const Key& key : Keys()) {
    CAPTURE(FullName(key));
    if (const auto* whole = std::get_if<Whole>(&key.slot)) {
      CHECK(whole->min <= whole->at(defaults));
      CHECK(whole->at(defaults) <= whole->max);
    }
    if (const auto* large = std::get_if<Large>(&key.slot)) {
      CHECK(large->min <= large->at(defaults));
      CHECK(large->at(defaults) <= large->max);
    }
    const auto* text = std::get_if<Text>(&key.slot);
    if (text != nullptr && key.example.empty()) CHECK_FALSE(text->check(text->at(defaults)));
  }
}

TEST_CASE("a variable's name") {
  CHECK(EnvironmentVariable(*FindKey("worker", "lease_seconds")) ==
        "WEBHOOK_WORKER_WORKER_LEASE_SECONDS");
  CHECK(FindKey("worker", "url") == nullptr);
  CHECK(FindKey("nothing", "url") == nullptr);
}

}  // namespace webhook::config
