// SPDX-License-Identifier: LGPL-3.0-or-later
#include "rpc/embedded/shapes.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>

#include "contract_schemas.h"

namespace webhook::embedded {
namespace {

using nlohmann::json;

constexpr std::size_t kMatchedCharactersMax = 4096;  // std::regex recurses

// Of bodies, which are too long for std::regex.
constexpr std::string_view kBase64Pattern = "^[A-Za-z0-9+/]*={0,2}$";

bool IsBase64Like(std::string_view text) {
  const std::size_t end = std::min(text.find('='), text.size());
  const auto is_digit = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/';
  };
  const std::string_view padding = text.substr(end);
  return std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(end), is_digit) &&
         (padding.empty() || padding == "=" || padding == "==");
}

bool HasType(const std::string& type, const json& value) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_boolean();
  return type == "integer" && value.is_number_integer();
}

std::size_t SizeOf(const json& value) {
  if (!value.is_string()) return value.size();
  const auto& text = value.get_ref<const std::string&>();
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char byte) { return (byte & 0xC0) != 0x80; }));
}

// The code unit of an escape \uXXXX at the place, or -1.
int EscapedUnit(std::string_view text, std::size_t at) {
  if (at + 6 > text.size() || text.substr(at, 2) != "\\u") return -1;
  const std::string digits(text.substr(at + 2, 4));
  if (digits.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos) return -1;
  return std::stoi(digits, nullptr, 16);
}

bool IsHighSurrogate(int unit) { return unit >= 0xD800 && unit < 0xDC00; }
bool IsLowSurrogate(int unit) { return unit >= 0xDC00 && unit < 0xE000; }

}  // namespace

struct Shapes::Schemas {
  json definitions = json::object();
  std::map<std::string, std::regex> patterns;

  void CompilePatterns(const json& schema) {
    for (const auto& [key, value] : schema.items()) {
      if (key == "pattern" && value.is_string()) {
        patterns.emplace(value, std::regex(value.get<std::string>()));
      } else if (value.is_structured()) {
        CompilePatterns(value);
      }
    }
  }

  std::string Misfit(const json& schema, const json& value, const std::string& place) const {
    if (schema.contains("$ref")) {
      const std::string ref = schema["$ref"];
      return Misfit(definitions.at(ref.substr(ref.rfind('/') + 1)), value, place);
    }
    if (schema.contains("type") && !HasType(schema["type"], value))
      return place + " is not of type " + schema["type"].get<std::string>();
    if (schema.contains("enum") &&
        std::count(schema["enum"].begin(), schema["enum"].end(), value) == 0)
      return place + " is not one of " + schema["enum"].dump();
    for (const char* limit :
         {"minimum", "minLength", "minItems", "maximum", "maxLength", "maxItems"}) {
      if (!schema.contains(limit)) continue;
      const json size = value.is_number() ? value : json(SizeOf(value));
      if (limit[1] == 'i' ? size < schema[limit] : size > schema[limit])
        return place + " does not keep " + limit + " " + schema[limit].dump();
    }
    if (schema.contains("pattern") && !Matches(schema["pattern"], value))
      return place + " does not match " + schema["pattern"].get<std::string>();
    if (schema.contains("items"))
      for (std::size_t i = 0; i < value.size(); ++i)
        if (auto misfit = Misfit(schema["items"], value[i], place + "/" + std::to_string(i));
            !misfit.empty())
          return misfit;
    return value.is_object() ? MisfitOfMembers(schema, value, place) : "";
  }

  std::string MisfitOfMembers(const json& schema, const json& value,
                              const std::string& place) const {
    for (const json& part : schema.value("allOf", json::array()))
      if (auto misfit = Misfit(part, value, place); !misfit.empty()) return misfit;
    for (const json& key : schema.value("required", json::array()))
      if (!value.contains(key.get_ref<const std::string&>())) return place + " lacks " + key.dump();
    for (const auto& [key, member] : value.items()) {
      const json* expected = nullptr;
      if (schema.contains("properties") && schema["properties"].contains(key)) {
        expected = &schema["properties"][key];
      } else if (schema.contains("additionalProperties")) {
        expected = &schema["additionalProperties"];
      }
      if (!expected) continue;
      if (*expected == false) return place + " has an unknown key " + json(key).dump();
      if (auto misfit = Misfit(*expected, member, place + "/" + key); !misfit.empty())
        return misfit;
    }
    return "";
  }

  bool Matches(const std::string& pattern, const json& value) const {
    const auto& text = value.get_ref<const std::string&>();
    if (pattern == kBase64Pattern) return IsBase64Like(text);
    return text.size() <= kMatchedCharactersMax && std::regex_search(text, patterns.at(pattern));
  }
};

Shapes::Shapes() {
  auto schemas = std::make_unique<Schemas>();
  for (const char* text : kContractSchemas)
    schemas->definitions.update(json::parse(text)["definitions"]);
  schemas->CompilePatterns(schemas->definitions);
  schemas_ = std::move(schemas);
}

Shapes::~Shapes() = default;

std::string Shapes::Misfit(std::string_view definition, const json& value) const {
  return schemas_->Misfit(schemas_->definitions.at(std::string(definition)), value, "request");
}

std::string WithVisibleEscapes(std::string_view json_text) {
  std::string visible;
  visible.reserve(json_text.size());
  for (std::size_t at = 0; at < json_text.size();) {
    const int unit = EscapedUnit(json_text, at);
    const bool is_pair = IsHighSurrogate(unit) && IsLowSurrogate(EscapedUnit(json_text, at + 6));
    if (!is_pair && (unit == 0 || IsHighSurrogate(unit) || IsLowSurrogate(unit))) visible += '\\';
    // An escaped backslash starts no escape, and a pair's second half stands for itself.
    const std::size_t taken = is_pair ? 12 : unit >= 0 ? 6 : json_text[at] == '\\' ? 2 : 1;
    visible += json_text.substr(at, taken);
    at += taken;
  }
  return visible;
}

}  // namespace webhook::embedded
