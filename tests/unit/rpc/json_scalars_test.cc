// SPDX-License-Identifier: LGPL-3.0-or-later
#include "rpc/json_scalars.h"

#include <doctest/doctest.h>

#include <array>

namespace webhook::rpc {
namespace {

constexpr std::array<std::string_view, 4> kPaths = {"", "a", "a.b", "a.b.c"};

JsonScalars Read(std::string_view json) {
  auto read = ReadJsonScalars(json, kPaths);
  REQUIRE(read.ok());
  return read.value();
}

TEST_CASE("scalars by path") {
  CHECK(std::get<std::string>(Read(R"("x\u0000y")").at("")) == std::string("x\0y", 3));
  CHECK(std::get<std::int64_t>(Read(R"({"a": -5, "z": {"a": 6}})").at("a")) == -5);
  const auto nested = Read(R"({"x": [{"a": 1}], "a": {"b": {"c": true, "d": [[1]]}}})");
  CHECK(std::get<bool>(nested.at("a.b.c")));
  CHECK(std::holds_alternative<OtherJson>(nested.at("a.b")));
  CHECK(std::holds_alternative<OtherJson>(Read(R"({"a": null})").at("a")));
  CHECK(std::holds_alternative<OtherJson>(Read(R"({"a": 1.5})").at("a")));
  CHECK(std::holds_alternative<OtherJson>(Read(R"({"a": 18446744073709551615})").at("a")));
}

TEST_CASE("objects inside arrays have no path") {
  const auto scalars = Read(R"([{"a": 1}, "x"])");
  CHECK(std::holds_alternative<OtherJson>(scalars.at("")));
  CHECK_FALSE(scalars.contains("a"));
}

TEST_CASE("of repeated keys the last one counts") {
  CHECK(std::get<std::int64_t>(Read(R"({"a": 1, "a": 2})").at("a")) == 2);
}

TEST_CASE("cut off and invalid are told apart") {
  const auto trouble = [](std::string_view json) {
    const auto read = ReadJsonScalars(json, kPaths);
    REQUIRE_FALSE(read.ok());
    return read.error();
  };
  for (const char* json : {"", "{", "\"x", "\"\\u12", "{\"a\": 12", "[1, ", "tru", "\"\xc3"}) {
    CAPTURE(json);
    CHECK(trouble(json) == JsonTrouble::kCutOff);
  }
  for (const char* json : {"<html></html>", "{a}", "\"\xff\" ", "1 2", "{} x"}) {
    CAPTURE(json);
    CHECK(trouble(json) == JsonTrouble::kInvalid);
  }
}

TEST_CASE("a million levels are refused or read without harm") {
  const std::string deep(1'000'000, '[');
  CHECK_FALSE(ReadJsonScalars(deep, kPaths).ok());
  CHECK(ReadJsonScalars(deep + std::string(1'000'000, ']'), kPaths).ok());
  std::string objects;
  for (int i = 0; i < 100'000; ++i) objects += "{\"a\":";
  CHECK_FALSE(ReadJsonScalars(objects, kPaths).ok());
}

}  // namespace
}  // namespace webhook::rpc
