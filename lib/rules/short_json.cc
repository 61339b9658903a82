// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/rules/short_json.h"

#include <array>

namespace webhook::rules {
namespace {

using model::Value;

constexpr std::string_view kMore = "…";

bool NeedsEscape(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; }

void AppendEscaped(std::string& out, char c) {
  constexpr std::string_view kHex = "0123456789abcdef";
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      out += "\\u00";
      out += kHex[static_cast<unsigned char>(c) / 16];
      out += kHex[static_cast<unsigned char>(c) % 16];
  }
}

// Where to cut so that no character is: not before a continuation byte.
std::size_t CutBefore(std::string_view text, std::size_t at) {
  while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) --at;
  return at;
}

// Writes until the room is used up; the last piece may be longer than the room, never much.
class Writer {
 public:
  Writer(std::string& out, std::size_t bytes_max) : out_(out), end_(out.size() + bytes_max) {}

  // Each level writes a bracket: no deeper than there is room.
  void Write(const Value& value) {
    if (const auto* text = value.text()) return WriteText(*text);
    if (const auto* number = value.number()) return WritePart(number->text);
    if (const bool* boolean = value.bool_value()) return WritePart(*boolean ? "true" : "false");
    if (const auto* list = value.list()) return WriteList(*list);
    if (const auto* object = value.object()) return WriteObject(*object);
    WritePart(value.is_null() ? "null" : "missing");
  }

 private:
  bool is_full() const { return out_.size() > end_; }
  std::size_t room() const { return is_full() ? 0 : end_ - out_.size() + 1; }

  void WritePart(std::string_view text) { out_ += text.substr(0, room()); }

  void WriteText(std::string_view text) {
    // One byte more than fits is enough to see that it does not.
    AppendJsonText(out_, text.substr(0, room()));
  }

  void WriteList(const Value::List& list) {
    WritePart("[");
    for (std::size_t i = 0; i < list.size() && !is_full(); ++i) {
      if (i > 0) WritePart(",");
      Write(list[i]);
    }
    WritePart("]");
  }

  void WriteObject(const Value::Object& object) {
    WritePart("{");
    for (std::size_t i = 0; i < object.size() && !is_full(); ++i) {
      if (i > 0) WritePart(",");
      WriteText(object[i].key);
      WritePart(":");
      Write(object[i].value);
    }
    WritePart("}");
  }

  std::string& out_;
  const std::size_t end_;
};

}  // namespace

void AppendJsonText(std::string& out, std::string_view text) {
  out += '"';
  std::size_t written = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!NeedsEscape(text[i])) continue;
    out += text.substr(written, i - written);
    AppendEscaped(out, text[i]);
    written = i + 1;
  }
  out += text.substr(written);
  out += '"';
}

void AppendShortJson(std::string& out, const Value& value, std::size_t bytes_max) {
  const std::size_t begin = out.size();
  Writer(out, bytes_max).Write(value);
  if (out.size() - begin <= bytes_max) return;
  out.resize(CutBefore(out, begin + bytes_max));
  out += kMore;
}

std::string Shortened(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return std::string(text);
  return std::string(text.substr(0, CutBefore(text, bytes_max))) + std::string(kMore);
}

}  // namespace webhook::rules
