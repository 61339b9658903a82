// SPDX-License-Identifier: LGPL-3.0-or-later
// Whatever a value holds, the URL keeps its segments and parameters, and the value comes back.
#include <doctest/doctest.h>

#include "lib/delivery/url_template.h"
#include "tests/property/rules_sources/random_values.h"

using namespace webhook::delivery;
namespace base = webhook::base;
using webhook::model::Value;
using webhook::property::Below;
using webhook::property::RandomMix;
using webhook::property::RandomText;

namespace {

constexpr std::uint64_t kRounds = 2000;
constexpr std::string_view kPieces[] = {"/", "//",  "..",  ".",  "?", "#", "&",    "=", "{",
                                        "}", "{x}", "%2e", "\\", "@", ":", "\r\n", " ", "a"};

std::string Unescaped(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      plain += text[i];
      continue;
    }
    plain += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
    i += 2;
  }
  return plain;
}

}  // namespace

TEST_CASE("a value stays within its segment and its parameter") {
  for (std::uint64_t seed = 1; seed <= kRounds; ++seed) {
    CAPTURE(seed);
    base::SeededRandom random(seed);
    std::string text = Below(random, 2) == 0 ? RandomText(random) : RandomMix(random, kPieces, 6);
    if (text.empty()) text = "x";
    Value context = Value::ObjectOf({});
    context.Set("v", Value::Text(text));
    const auto path = RenderPath("/a/{v}/b?c={v}&d=1", context);
    if (!path.ok()) {
      // Only a climbing segment is refused.
      CHECK((text == "." || text == ".."));
      continue;
    }
    const std::string& url = path.value();
    const std::size_t query = url.find('?');
    REQUIRE(query != std::string::npos);
    CHECK(url.find('?', query + 1) == std::string::npos);
    CHECK(url.find_first_of("# \\\r\n{}@") == std::string::npos);
    const std::string encoded = url.substr(3, url.find("/b?c=") - 3);
    CHECK(encoded.find('/') == std::string::npos);
    CHECK(Unescaped(encoded) == text);
    CHECK(url == "/a/" + encoded + "/b?c=" + encoded + "&d=1");
  }
}

TEST_CASE("any text is a template that can be rendered, or is refused") {
  for (std::uint64_t seed = 1; seed <= kRounds; ++seed) {
    CAPTURE(seed);
    base::SeededRandom random(seed);
    const std::string text = RandomMix(random, kPieces, 12);
    Value context = Value::ObjectOf({});
    context.Set("x", Value::Text("y"));
    const auto rendered = RenderPath(text, context);
    if (rendered.ok()) {
      CHECK(rendered.value().starts_with('/'));
      CHECK_FALSE(rendered.value().starts_with("//"));
      CHECK(CheckPathTemplate(text) == std::nullopt);
    }
    CheckOrigin(text);
  }
}
