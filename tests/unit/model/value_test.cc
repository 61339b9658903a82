// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/model/value.h"

#include <doctest/doctest.h>

namespace webhook::model {

TEST_CASE("missing, null, false, 0 and the empty text are five different things") {
  const std::vector<Value> five = {Value(), Value::MakeNull(), Value::Bool(false),
                                   Value::Integer(0), Value::Text("")};
  for (std::size_t i = 0; i < five.size(); ++i) {
    for (std::size_t j = 0; j < five.size(); ++j) {
      CAPTURE(i);
      CAPTURE(j);
      CHECK((five[i] == five[j]) == (i == j));
    }
  }
  CHECK(five[0].is_missing());
  CHECK(five[1].is_null());
  CHECK(!five[1].is_missing());
  CHECK(five[2].bool_value() != nullptr);
  CHECK(five[3].number() != nullptr);
  CHECK(five[4].text() != nullptr);
}

TEST_CASE("numbers are equal when they are written the same") {
  CHECK(Value::Integer(1) == Value::Decimal("1"));
  CHECK(!(Value::Decimal("1.0") == Value::Decimal("1")));
  CHECK(!(Value::Decimal("-0") == Value::Decimal("0")));
}

TEST_CASE("members keep their order, and each key its place") {
  Value object = Value::ObjectOf({});
  object.Set("b", Value::Integer(1));
  object.Set("a", Value::Integer(2));
  object.Set("b", Value::Integer(3));
  CHECK(DumpJson(object) == R"({"b":3,"a":2})");
  CHECK(*object.Find("a") == Value::Integer(2));
  CHECK(object.Find("c") == nullptr);
  CHECK(Value().Find("a") == nullptr);
  CHECK(Value::ListOf({object}).Find("a") == nullptr);
  CHECK(!(object == Value::ObjectOf({{"a", Value::Integer(2)}, {"b", Value::Integer(3)}})));
}

TEST_CASE("a value is written as JSON") {
  const Value value = Value::ListOf(
      {Value(), Value::MakeNull(), Value::Bool(true), Value::Bool(false), Value::Decimal("1.10"),
       Value::Text(std::string("\"\\/\b\f\n\r\t\x1f\x7f") + '\0'), Value::Text("ä€😀"),
       Value::ObjectOf({{"k\n", Value::ListOf({})}, {"", Value::ObjectOf({})}})});
  const std::string start = R"([null,null,true,false,1.10,"\"\\/\b\f\n\r\t\u001f)";
  const std::string end = R"(",{"k\n":[],"":{}}])";
  CHECK(DumpJson(value) == start + "\x7f" + R"(\u0000","ä€😀)" + end);
  CHECK(DumpAsciiJson(value) == start + "\x7f" + R"(\u0000","\u00e4\u20ac\ud83d\ude00)" + end);
}

TEST_CASE("bytes that are not UTF-8 are replaced, so that the result is JSON") {
  CHECK(DumpJson(Value::Text("a\xFFz")) == "\"a\uFFFDz\"");
  CHECK(DumpAsciiJson(Value::Text("a\xC3")) == R"("a\ufffd")");
  CHECK(DumpAsciiJson(Value::Text("\xED\xA0\x80")) == R"("\ufffd\ufffd\ufffd")");
}

}  // namespace webhook::model
