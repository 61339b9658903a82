// SPDX-License-Identifier: LGPL-3.0-or-later
// JSON of any shape comes back as it was; of texts that are nearly JSON, nlohmann's parser says the
// same as ours.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "lib/model/value.h"
#include "tests/property/rules_sources/random_values.h"

namespace webhook::property {
namespace {

constexpr std::uint64_t kSeeds = 3000;
constexpr int kNumberOverflow = 406;  // nlohmann's id

// What nlohmann says no to and we say yes, on purpose: numbers no double can hold, half of a pair.
enum class Verdict { kYes, kNo, kOnlyOurs };

Verdict NlohmannSays(const std::string& text) {
  try {
    static_cast<void>(nlohmann::json::parse(text).size());
    return Verdict::kYes;
  } catch (const nlohmann::json::out_of_range& error) {
    return error.id == kNumberOverflow ? Verdict::kOnlyOurs : Verdict::kNo;
  } catch (const nlohmann::json::parse_error& error) {
    const bool is_half = std::string_view(error.what()).find("surrogate") != std::string_view::npos;
    return is_half ? Verdict::kOnlyOurs : Verdict::kNo;
  }
}

}  // namespace

TEST_CASE("a value written and parsed is the same value, and is written the same again") {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    CAPTURE(seed);
    base::SeededRandom random(seed);
    const model::Value value = RandomValue(random);
    const std::string json = model::DumpJson(value);
    const auto parsed = model::ParseJson(json);
    REQUIRE(parsed.ok());
    REQUIRE(parsed.value() == value);
    REQUIRE(model::DumpJson(parsed.value()) == json);
    const std::string ascii = model::DumpAsciiJson(value);
    REQUIRE(ascii.find_first_of("\x80\xC3\xE2\xF0") == std::string::npos);
    const auto parsed_ascii = model::ParseJson(ascii);
    REQUIRE(parsed_ascii.ok());
    REQUIRE(parsed_ascii.value() == value);
  }
}

TEST_CASE("of texts that are nearly JSON another parser says the same") {
  std::size_t accepted = 0;
  std::size_t refused = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds * 5; ++seed) {
    CAPTURE(seed);
    base::SeededRandom random(seed);
    const std::string text = Mutated(random, model::DumpJson(RandomValue(random, 3)));
    CAPTURE(text);
    const Verdict verdict = NlohmannSays(text);
    const auto parsed = model::ParseJson(text);
    if (verdict == Verdict::kOnlyOurs) continue;
    REQUIRE(parsed.ok() == (verdict == Verdict::kYes));
    ++(parsed.ok() ? accepted : refused);
    if (!parsed.ok()) continue;
    REQUIRE(nlohmann::json::parse(model::DumpJson(parsed.value())) == nlohmann::json::parse(text));
    REQUIRE(nlohmann::json::parse(model::DumpAsciiJson(parsed.value())) ==
            nlohmann::json::parse(text));
  }
  CHECK(accepted > kSeeds / 2);
  CHECK(refused > kSeeds / 2);
}

}  // namespace webhook::property
