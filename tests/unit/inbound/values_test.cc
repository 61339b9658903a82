// SPDX-License-Identifier: LGPL-3.0-or-later
#include <doctest/doctest.h>

#include "lib/inbound/resolve_values.h"
#include "tests/unit/inbound/inbound_world.h"

namespace webhook::inbound {
namespace {

using Texts = std::vector<std::string>;

struct ValuesWorld : InboundWorld {
  Texts CandidatesOf(std::string_view key, bool several = false) {
    const Request request(parts);
    return Candidates(Compiled(), request, key, several);
  }
  std::map<std::string, std::string> Values() {
    const Request request(parts);
    return ResolveValues(Compiled(), request);
  }
  // Of one path.
  std::string AtPath(std::string path) {
    AddSource("p", ValueSourceKind::kPayloadPath, std::move(path));
    const auto values = Values();
    endpoint.sources.pop_back();
    return values.contains("p") ? values.at("p") : "(missing)";
  }
};

TEST_CASE("a path gives text; what is missing, null or empty is missing") {
  ValuesWorld world;
  world.SetBody(kJsonType,
                R"({"a": {"b": "x"}, "n": 1.10, "zero": 0, "yes": true, "no": false, "nul": null,
                    "empty": "", "list": [{"z": 1, "a": [true, "é"]}, 2], "²": "two"})");
  CHECK(world.AtPath("a.b") == "x");
  CHECK(world.AtPath("n") == "1.10");
  CHECK(world.AtPath("zero") == "0");
  CHECK(world.AtPath("yes") == "true");
  CHECK(world.AtPath("no") == "false");
  CHECK(world.AtPath("nul") == "(missing)");
  CHECK(world.AtPath("empty") == "(missing)");
  CHECK(world.AtPath("a.c") == "(missing)");
  CHECK(world.AtPath("a.b.c") == "(missing)");
  CHECK(world.AtPath("list.0") == R"({"a":[true,"é"],"z":1})");
  CHECK(world.AtPath("list.1") == "2");
  CHECK(world.AtPath("list.2") == "(missing)");
  CHECK(world.AtPath("list.x") == "(missing)");
  CHECK(world.AtPath("list.²") == "(missing)");
  CHECK(world.AtPath("²") == "two");
  CHECK(world.AtPath("list[*].z") == "[1]");
}

TEST_CASE("a list at the top, and a body that is none") {
  ValuesWorld world;
  world.SetBody(kJsonType, R"([{"id": 5}])");
  CHECK(world.AtPath("0.id") == "5");
  world.parts.body = "{";
  CHECK(world.AtPath("0.id") == "(missing)");
}

TEST_CASE("every kind of source") {
  ValuesWorld world;
  world.parts.url += "?tenant=a%20b&empty=";
  world.SetHeader("X-Topic", "orders");
  world.SetHeader("Sig", "t=5,v1=a,v1=b");
  world.parts.body = "{}";
  world.AddSource("header", ValueSourceKind::kHeader, "x-topic");
  world.AddSource("param", ValueSourceKind::kHeaderParam, "Sig", "v1");
  world.AddSource("query", ValueSourceKind::kQueryParameter, "tenant");
  world.AddSource("empty", ValueSourceKind::kQueryParameter, "empty");
  world.AddSource("literal", ValueSourceKind::kLiteral, "42");
  world.AddSource("nothing", ValueSourceKind::kLiteral, "");
  world.AddSource("body", ValueSourceKind::kBodySha256, "");
  world.AddSource("absent", ValueSourceKind::kHeader, "X-Absent");
  const std::map<std::string, std::string> expected = {
      {"body", "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"},
      {"header", "orders"},
      {"literal", "42"},
      {"param", "a"},
      {"query", "a b"}};
  CHECK(world.Values() == expected);
}

TEST_CASE("a required line that is missing drops its tier; the next one is joined") {
  ValuesWorld world;
  world.SetHeader("X-Shop", "acme");
  world.SetHeader("X-Order", "42");
  world.AddSource("id", ValueSourceKind::kHeader, "X-Shop");
  world.AddSource("id", ValueSourceKind::kHeader, "X-Event").required = true;
  auto& first = world.AddSource("id", ValueSourceKind::kHeader, "X-Shop");
  first.tier = 20;
  auto& second = world.AddSource("id", ValueSourceKind::kHeader, "X-Order");
  second.tier = 20;
  second.joiner = ":";
  CHECK(world.CandidatesOf("id") == Texts{"acme:42"});
  world.SetHeader("X-Event", "e1");
  CHECK(world.CandidatesOf("id") == Texts{"acmee1", "acme:42"});
  CHECK(world.Values().at("id") == "acmee1");
}

TEST_CASE("an optional line that is missing is skipped, with its joiner") {
  ValuesWorld world;
  world.SetHeader("A", "a");
  world.SetHeader("C", "c");
  for (const char* name : {"A", "B", "C"}) {
    world.AddSource("k", ValueSourceKind::kHeader, name).joiner = "-";
  }
  CHECK(world.CandidatesOf("k") == Texts{"a-c"});
}

TEST_CASE("tiers count, not the order of lines") {
  ValuesWorld world;
  world.AddSource("k", ValueSourceKind::kLiteral, "late").tier = 20;
  world.AddSource("a", ValueSourceKind::kLiteral, "other");
  world.AddSource("k", ValueSourceKind::kLiteral, "early").tier = 10;
  CHECK(world.CandidatesOf("k") == Texts{"early", "late"});
  CHECK(world.CandidatesOf("none").empty());
}

TEST_CASE("normalising, then hashing") {
  ValuesWorld world;
  world.SetHeader("X-Mail", " Anna@Example.COM ");
  auto& lower = world.AddSource("lower", ValueSourceKind::kHeader, "X-Mail");
  lower.normalize = model::Normalize::kLower;
  auto& upper = world.AddSource("upper", ValueSourceKind::kLiteral, "é");
  upper.normalize = model::Normalize::kUpper;
  auto& strip = world.AddSource("strip", ValueSourceKind::kHeader, "X-Mail");
  strip.normalize = model::Normalize::kStrip;
  auto& blank = world.AddSource("blank", ValueSourceKind::kLiteral, "  ");
  blank.normalize = model::Normalize::kStrip;
  blank.hash = model::SignatureDigest::kSha256;
  auto& hashed = world.AddSource("hashed", ValueSourceKind::kLiteral, "ABC");
  hashed.normalize = model::Normalize::kLower;
  hashed.hash = model::SignatureDigest::kSha256;
  auto& sha1 = world.AddSource("sha1", ValueSourceKind::kLiteral, "abc");
  sha1.hash = model::SignatureDigest::kSha1;
  const auto values = world.Values();
  CHECK(values.at("lower") == " anna@example.com ");
  CHECK(values.at("upper") == "É");
  CHECK(values.at("strip") == "Anna@Example.COM");
  CHECK_FALSE(values.contains("blank"));
  CHECK(values.at("hashed") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(values.at("sha1") == "a9993e364706816aba3e25717850c26c9cd0d89d");
}

TEST_CASE("several candidates: parameters that come again, and lists in a header") {
  ValuesWorld world;
  world.SetHeader("Sig", "v1=a,v1=,v1=b");
  world.SetHeader("List", "x, y z");
  world.AddSource("p", ValueSourceKind::kHeaderParam, "Sig", "v1");
  world.AddSource("l", ValueSourceKind::kHeader, "List");
  world.AddSource("one", ValueSourceKind::kLiteral, "v");
  CHECK(world.CandidatesOf("p", true) == Texts{"a", "b"});
  CHECK(world.CandidatesOf("p") == Texts{"a"});
  CHECK(world.CandidatesOf("l", true) == Texts{"x, y z", "x", "y", "z"});
  CHECK(world.CandidatesOf("l") == Texts{"x, y z"});
  CHECK(world.CandidatesOf("one", true) == Texts{"v"});
  world.AddSource("p", ValueSourceKind::kHeader, "X-Absent").required = true;
  CHECK(world.CandidatesOf("p", true).empty());
}

TEST_CASE("semantics are the values of bound keys") {
  ValuesWorld world;
  world.AddSource("kind", ValueSourceKind::kLiteral, "order.paid");
  world.Bind("event_type", "kind");
  world.Bind("topic", "absent");
  const CompiledInbound compiled = world.Compiled();
  const auto semantics = Semantics(compiled, world.Values());
  CHECK(semantics == std::map<std::string, std::string>{{"event_type", "order.paid"}});
  CHECK(Semantics(compiled, {}).empty());
}

TEST_CASE("values are stored so that a protocol can carry them, credentials not at all") {
  ValuesWorld world;
  world.SetHeader("X-Bad", std::string("a\0b\xFF", 4));
  world.SetHeader("X-Long", std::string(100'000, 'x'));
  world.SetHeader("Authorization", "Bearer hunter2");
  world.AddSource("bad", ValueSourceKind::kHeader, "X-Bad");
  world.AddSource("long", ValueSourceKind::kHeader, "X-Long");
  world.AddSource("token", ValueSourceKind::kHeader, "authorization");
  auto& hashed = world.AddSource("who", ValueSourceKind::kHeader, "Authorization");
  hashed.hash = model::SignatureDigest::kSha256;
  const auto values = world.Values();
  CHECK(values.at("bad") == "a\\u0000b\\xff");
  CHECK(values.at("long").size() == kValueBytesMax);
  CHECK(values.at("token") == "***");
  CHECK(values.at("who").size() == 64);
  CHECK(world.CandidatesOf("token") == Texts{"Bearer hunter2"});
}

}  // namespace
}  // namespace webhook::inbound
