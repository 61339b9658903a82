// SPDX-License-Identifier: LGPL-3.0-or-later
// Every node of a value has a path that finds it; no text makes a path do harm.
#include "lib/rules/path.h"

#include <doctest/doctest.h>

#include "tests/property/rules_sources/random_values.h"

namespace webhook::property {
namespace {

using model::Value;

constexpr std::uint64_t kSeeds = 3000;

std::string Quoted(std::string_view key) {
  std::string quoted = "[\"";
  for (const char c : key) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "\"]";
}

struct Node {
  std::string path;
  const Value* value;
};

void AddNodes(const std::string& path, const Value& value, std::vector<Node>& nodes) {
  nodes.push_back({path, &value});
  if (const Value::List* items = value.list()) {
    for (std::size_t i = 0; i < items->size(); ++i) {
      AddNodes(path + "[" + std::to_string(i) + "]", (*items)[i], nodes);
      const std::string from_end = "-" + std::to_string(items->size() - i);
      nodes.push_back({path + "." + from_end, &(*items)[i]});
    }
  }
  if (const Value::Object* members = value.object()) {
    for (const auto& [key, member] : *members) AddNodes(path + Quoted(key), member, nodes);
  }
}

}  // namespace

TEST_CASE("every node is found by its path") {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    CAPTURE(seed);
    base::SeededRandom random(seed);
    const Value value = RandomValue(random);
    std::vector<Node> nodes;
    AddNodes("$", value, nodes);
    for (const Node& node : nodes) {
      CAPTURE(node.path);
      const auto path = rules::ParsePath(node.path);
      REQUIRE(path.ok());
      REQUIRE(rules::Locate(path.value(), value) == node.value);
      REQUIRE(rules::Find(path.value(), value) == *node.value);
    }
  }
}

TEST_CASE("[*] finds what the indexes find, one after the other") {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    CAPTURE(seed);
    base::SeededRandom random(seed);
    Value::List rows;
    for (std::size_t i = Below(random, 8); i > 0; --i) {
      rows.push_back(Below(random, 4) == 0 ? RandomValue(random, 5)
                                           : Value::ObjectOf({{"k", RandomValue(random, 5)}}));
    }
    Value::List expected;
    for (const Value& row : rows) {
      if (const Value* found = row.Find("k")) expected.push_back(*found);
    }
    const Value value = Value::ObjectOf({{"rows", Value::ListOf(rows)}});
    REQUIRE(rules::Find(rules::ParsePath("rows[*].k").value(), value) == Value::ListOf(expected));
  }
}

TEST_CASE("any text is a path or an error, and any path reads any value") {
  constexpr std::string_view kPieces[] = {
      "a", "b.c", ".", "..", "[",  "]", "[0]", "[-1]", "[*]",  "\"",          "\\",
      "$", "*",   "²", "0",  "-1", " ", "[\"", "\"]",  "\xC3", "99999999999", "[*][*]"};
  std::size_t paths = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds * 5; ++seed) {
    CAPTURE(seed);
    base::SeededRandom random(seed);
    const std::string text = RandomMix(random, kPieces, 1 + Below(random, 12));
    CAPTURE(text);
    const auto path = rules::ParsePath(text);
    if (!path.ok()) {
      REQUIRE(path.error().starts_with("path, character "));
      continue;
    }
    ++paths;
    const Value found = rules::Find(path.value(), RandomValue(random));
    REQUIRE((found.is_missing() || !path.value().collects() || found.list() != nullptr));
  }
  CHECK(paths > kSeeds / 2);
}

}  // namespace webhook::property
