// SPDX-License-Identifier: LGPL-3.0-or-later
// What rules see of a received body.
#include "lib/delivery/fact_values.h"

#include <doctest/doctest.h>

namespace webhook::delivery {
namespace {

std::string PayloadOf(const std::string& type, const std::string& body) {
  model::Event event;
  if (!type.empty()) event.headers["content-type"] = type;
  event.body = body;
  model::ProbeSample sample;
  if (!type.empty()) sample.headers["Content-Type"] = type;
  sample.body = body;
  const model::Value payload = FactsOf(event).payload;
  CHECK(payload == FactsOf(sample).payload);
  return payload.is_missing() ? "(missing)" : model::DumpJson(payload);
}

TEST_CASE("the payload of events and samples is read as its content type says") {
  CHECK(PayloadOf("", R"({"a": 1.0})") == R"({"a":1.0})");
  CHECK(PayloadOf("application/json", "[1]") == "[1]");
  CHECK(PayloadOf("text/plain", R"({"a": 1})") == R"({"a":1})");
  CHECK(PayloadOf("application/x-www-form-urlencoded", "a=1") == R"({"a":"1"})");
  CHECK(PayloadOf("text/xml", "<a/>") == R"("<a/>")");
  CHECK(PayloadOf("", "no json") == "(missing)");
  CHECK(PayloadOf("", "") == "(missing)");
}

}  // namespace
}  // namespace webhook::delivery
