// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/base/event_log.h"

#include <doctest/doctest.h>

#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include "lib/base/secret.h"
#include "tests/fakes/recording_log.h"

namespace webhook::base {

// A secret is no field value, neither by itself nor wrapped: these lines do not compile otherwise.
static_assert(!std::constructible_from<FieldValue, Secret>);
static_assert(!std::constructible_from<FieldValue, const Secret&>);
static_assert(!std::constructible_from<FieldValue, std::optional<Secret>>);
static_assert(!std::convertible_to<Secret, std::string_view>);
static_assert(!fmt::is_formattable<Secret>::value);
template <typename Value>
concept CanBeLogged = requires(EventLog& log, const Value& value) {
  log.Write(Level::kInfo, "e", {{"f", value}});
};
static_assert(CanBeLogged<std::string>);
static_assert(CanBeLogged<std::optional<int>>);
static_assert(!CanBeLogged<Secret>);
// Nor does a pointer turn into true.
static_assert(!std::constructible_from<FieldValue, const int*>);

TEST_CASE("each type of value is kept as what it is") {
  fakes::RecordingLog log;
  const std::string text = "t";
  log.Write(Level::kInfo, "a.b",
            {{"text", text},
             {"literal", "l"},
             {"int", -3},
             {"big", std::numeric_limits<std::uint64_t>::max()},
             {"fraction", 0.5},
             {"yes", true},
             {"given", std::optional<int>(4)},
             {"absent", std::optional<std::string>()}});
  const auto events = log.Named("a.b");
  REQUIRE(events.size() == 1);
  using Pairs = std::vector<std::pair<std::string, std::string>>;
  CHECK(events[0].fields == Pairs{{"text", "t"},
                                  {"literal", "l"},
                                  {"int", "-3"},
                                  {"big", "18446744073709551615"},
                                  {"fraction", "0.5"},
                                  {"yes", "true"},
                                  {"given", "4"}});
  CHECK(events[0].Get("int") == "-3");
  CHECK(events[0].Get("absent").empty());
}

TEST_CASE("an event may have no fields, or fields put together at run time") {
  fakes::RecordingLog log;
  log.Write(Level::kError, "x");
  const std::vector<Field> fields = {{"n", 1}};
  log.Write(Level::kDebug, "y", Fields(fields));
  CHECK(log.events().size() == 2);
  CHECK(log.Named("x")[0].level == Level::kError);
  CHECK(log.Named("y")[0].Get("n") == "1");
}

}  // namespace webhook::base
