// SPDX-License-Identifier: LGPL-3.0-or-later
// What is written as a form, read back by an independent reader, is what was given.
#include <doctest/doctest.h>

#include <algorithm>

#include "lib/delivery/body_form.h"
#include "tests/property/rules_sources/random_values.h"

using namespace webhook::delivery;
namespace base = webhook::base;
using webhook::model::Value;
using webhook::property::Below;
using webhook::property::RandomText;
using webhook::property::RandomValue;

namespace {

constexpr std::uint64_t kRounds = 1000;

int DigitOf(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c < 'A' || c > 'F') FAIL("no upper-case digit of a %XX");
  return c - 'A' + 10;
}

std::string Decoded(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      decoded += ' ';
    } else if (text[i] == '%') {
      if (i + 2 >= text.size()) FAIL("a %XX is cut off");
      decoded += static_cast<char>(DigitOf(text[i + 1]) * 16 + DigitOf(text[i + 2]));
      i += 2;
    } else {
      decoded += text[i];
    }
  }
  return decoded;
}

FormFields Parsed(std::string_view form) {
  FormFields fields;
  while (!form.empty()) {
    const std::string_view pair = form.substr(0, form.find('&'));
    const std::size_t equals = pair.find('=');
    REQUIRE(equals != std::string_view::npos);
    fields.emplace_back(Decoded(pair.substr(0, equals)), Decoded(pair.substr(equals + 1)));
    form.remove_prefix(std::min(form.size(), pair.size() + 1));
  }
  return fields;
}

// "a", then each bracketed part.
std::vector<std::string> PathOf(std::string_view name) {
  std::vector<std::string> path = {std::string(name.substr(0, name.find('[')))};
  for (std::size_t at = name.find('['); at < name.size();) {
    const std::size_t end = name.find(']', at);
    REQUIRE(end != std::string_view::npos);
    path.emplace_back(name.substr(at + 1, end - at - 1));
    at = end + 1;
  }
  return path;
}

// The value's leaf at a path of keys and indexes, as the text that a form has for it.
std::string TextAt(const Value& root, const std::vector<std::string>& path) {
  const Value* at = &root;
  for (const std::string& key : path) {
    if (const Value::List* list = at->list()) {
      REQUIRE(std::stoul(key) < list->size());
      at = &(*list)[std::stoul(key)];
    } else {
      at = at->Find(key);
      REQUIRE(at != nullptr);
    }
  }
  if (const std::string* text = at->text()) return *text;
  if (const auto* number = at->number()) return number->text;
  if (const bool* flag = at->bool_value()) return *flag ? "true" : "false";
  CHECK((at->is_null() || (at->list() != nullptr && at->list()->empty()) ||
         (at->object() != nullptr && at->object()->empty())));
  return "";
}

std::size_t LeavesOf(const Value& value) {
  std::size_t leaves = 0;
  if (const Value::List* list = value.list(); list != nullptr && !list->empty()) {
    for (const Value& item : *list) leaves += LeavesOf(item);
    return leaves;
  }
  if (const Value::Object* object = value.object(); object != nullptr && !object->empty()) {
    for (const auto& member : *object) leaves += LeavesOf(member.value);
    return leaves;
  }
  return 1;
}

// Brackets in keys would make a name ambiguous, as in every such form.
Value WithoutBrackets(const Value& value) {
  if (const Value::List* list = value.list()) {
    Value::List items;
    for (const Value& item : *list) items.push_back(WithoutBrackets(item));
    return Value::ListOf(std::move(items));
  }
  if (const Value::Object* object = value.object()) {
    Value copy = Value::ObjectOf({});
    for (const auto& member : *object) {
      std::string key = member.key;
      for (char& c : key) c = c == '[' || c == ']' ? '_' : c;
      copy.Set(key, WithoutBrackets(member.value));
    }
    return copy;
  }
  return value;
}

}  // namespace

TEST_CASE("any texts come back from a form") {
  for (std::uint64_t seed = 1; seed <= kRounds; ++seed) {
    CAPTURE(seed);
    base::SeededRandom random(seed);
    FormFields fields;
    for (std::size_t i = 1 + Below(random, 8); i > 0; --i) {
      fields.emplace_back(RandomText(random), RandomText(random));
    }
    const std::string form = FormUrlencoded(fields);
    CHECK(Parsed(form) == fields);
    CHECK(std::all_of(form.begin(), form.end(), [](char c) { return c > 0x20 && c < 0x7F; }));
  }
}

TEST_CASE("every leaf of a payload is one field, found again by its name") {
  for (std::uint64_t seed = 1; seed <= kRounds; ++seed) {
    CAPTURE(seed);
    base::SeededRandom random(seed);
    Value payload = Value::ObjectOf({});
    std::size_t leaves = 0;
    for (std::size_t i = 1 + Below(random, 5); i > 0; --i) {
      payload.Set(std::string(1, static_cast<char>('a' + i)), WithoutBrackets(RandomValue(random)));
    }
    for (const auto& member : *payload.object()) leaves += LeavesOf(member.value);
    const auto fields = FormFieldsOf(webhook::model::DumpJson(payload));
    REQUIRE(fields.ok());
    const FormFields read = Parsed(FormUrlencoded(fields.value()));
    CHECK(read.size() == leaves);
    for (const auto& [name, text] : read) CHECK(TextAt(payload, PathOf(name)) == text);
  }
}
