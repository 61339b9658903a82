// SPDX-License-Identifier: LGPL-3.0-or-later
#include <string>
#include <string_view>

#include "lib/base/utf8.h"
#include "lib/model/value.h"

namespace webhook::model {
namespace {

constexpr char32_t kReplacement = 0xFFFD;  // of bytes that are not UTF-8

class Dumper {
 public:
  explicit Dumper(bool ascii) : ascii_(ascii) {}

  void Add(const Value& value) {
    if (const bool* flag = value.bool_value()) {
      json_ += *flag ? "true" : "false";
    } else if (const Number* number = value.number()) {
      json_ += number->text;
    } else if (const std::string* text = value.text()) {
      AddText(*text);
    } else if (const Value::List* items = value.list()) {
      AddList(*items);
    } else if (const Value::Object* members = value.object()) {
      AddObject(*members);
    } else {
      json_ += "null";
    }
  }

  std::string Take() { return std::move(json_); }

 private:
  void AddList(const Value::List& items) {
    json_ += '[';
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (i > 0) json_ += ',';
      Add(items[i]);
    }
    json_ += ']';
  }

  void AddObject(const Value::Object& members) {
    json_ += '{';
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (i > 0) json_ += ',';
      AddText(members[i].key);
      json_ += ':';
      Add(members[i].value);
    }
    json_ += '}';
  }

  static bool IsPlain(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 && byte < 0x80 && c != '"' && c != '\\';
  }

  // Runs of plain characters are copied as one.
  void AddText(std::string_view text) {
    json_ += '"';
    std::size_t at = 0;
    while (at < text.size()) {
      std::size_t end = at;
      while (end < text.size() && IsPlain(text[end])) ++end;
      json_.append(text, at, end - at);
      at = end < text.size() ? end + AddCharacter(text.substr(end)) : end;
    }
    json_ += '"';
  }

  // Returns how many bytes it took.
  std::size_t AddCharacter(std::string_view rest) {
    const base::Utf8Character read = base::ReadUtf8(rest);
    const char32_t code_point = read.bytes == 0 ? kReplacement : read.code_point;
    if (code_point < 0x80) {
      AddEscape(code_point);
    } else if (ascii_) {
      AddUtf16(code_point);
    } else {
      base::AppendUtf8(json_, code_point);
    }
    return read.bytes == 0 ? 1 : read.bytes;
  }

  void AddEscape(char32_t c) {
    constexpr std::string_view kEscaped = "\"\\\b\f\n\r\t";
    constexpr std::string_view kLetters = "\"\\bfnrt";
    const std::size_t found = kEscaped.find(static_cast<char>(c));
    if (found == std::string_view::npos) return AddUtf16(c);
    json_ += '\\';
    json_ += kLetters[found];
  }

  void AddUtf16(char32_t code_point) {
    if (code_point < 0x10000) return AddUnit(code_point);
    AddUnit(0xD800 + ((code_point - 0x10000) >> 10U));
    AddUnit(0xDC00 + ((code_point - 0x10000) & 0x3FFU));
  }

  void AddUnit(char32_t unit) {
    json_ += "\\u";
    for (int shift = 12; shift >= 0; shift -= 4)
      json_ += "0123456789abcdef"[(unit >> shift) & 0xFU];
  }

  const bool ascii_;
  std::string json_;
};

std::string Dump(const Value& value, bool ascii) {
  Dumper dumper(ascii);
  dumper.Add(value);
  return dumper.Take();
}

}  // namespace

std::string DumpJson(const Value& value) { return Dump(value, false); }
std::string DumpAsciiJson(const Value& value) { return Dump(value, true); }

}  // namespace webhook::model
