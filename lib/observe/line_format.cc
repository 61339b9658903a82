// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/observe/line_format.h"

#include <fmt/format.h>

#include <cmath>
#include <iterator>

#include "lib/base/result.h"
#include "lib/base/text.h"

namespace webhook::observe {
namespace {

using base::FieldValue;
using base::Level;

constexpr std::size_t kNameBytesMax = 128;

std::string_view UpperName(Level level) {
  switch (level) {
    case Level::kDebug:
      return "DEBUG";
    case Level::kInfo:
      return "INFO";
    case Level::kWarning:
      return "WARNING";
    case Level::kError:
      return "ERROR";
  }
  return "ERROR";
}

std::string_view LowerName(Level level) {
  switch (level) {
    case Level::kDebug:
      return "debug";
    case Level::kInfo:
      return "info";
    case Level::kWarning:
      return "warning";
    case Level::kError:
      return "error";
  }
  return "error";
}

// Whether the character may break the line or change how a terminal shows it: the second control
// block, line and paragraph separators, bidirectional marks and the byte order mark.
bool IsUnsafe(char32_t character) {
  return (character >= 0x80 && character <= 0x9F) || character == 0x061C ||
         (character >= 0x200E && character <= 0x200F) ||
         (character >= 0x2028 && character <= 0x202E) ||
         (character >= 0x2066 && character <= 0x2069) || character == 0xFEFF;
}

struct Decoded {
  char32_t character;
  std::size_t length;
};

// Precondition: valid UTF-8 of two or three bytes at `at`; four-byte characters are all safe.
Decoded Decode(std::string_view text, std::size_t at) {
  const auto bits = [&](std::size_t index, unsigned mask) {
    return static_cast<char32_t>(static_cast<unsigned char>(text[index]) & mask);
  };
  const auto lead = static_cast<unsigned char>(text[at]);
  if (lead < 0xE0) return {(bits(at, 0x1F) << 6) | bits(at + 1, 0x3F), 2};
  if (lead < 0xF0) {
    return {(bits(at, 0x0F) << 12) | (bits(at + 1, 0x3F) << 6) | bits(at + 2, 0x3F), 3};
  }
  return {0x10000, 4};
}

void AppendEscaped(std::string& out, char character) {
  switch (character) {
    case '"':
      out += "\\\"";
      break;
    case '\\':
      out += "\\\\";
      break;
    case '\n':
      out += "\\n";
      break;
    case '\r':
      out += "\\r";
      break;
    case '\t':
      out += "\\t";
      break;
    default:
      out += character;
  }
}

// The inside of a quoted string, the same for text and JSON. `printable` comes from PrintableText.
void AppendQuotedInside(std::string& out, std::string_view printable) {
  for (std::size_t at = 0; at < printable.size();) {
    if (static_cast<unsigned char>(printable[at]) < 0x80) {
      AppendEscaped(out, printable[at++]);
      continue;
    }
    const Decoded decoded = Decode(printable, at);
    if (IsUnsafe(decoded.character)) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}",
                     static_cast<unsigned>(decoded.character));
    } else {
      out += printable.substr(at, decoded.length);
    }
    at += decoded.length;
  }
}

std::string Printable(std::string_view bytes, std::size_t bytes_max) {
  std::string text = base::PrintableText(bytes, bytes_max);
  if (bytes.size() > bytes_max) text += "\xE2\x80\xA6";
  return text;
}

// A value without these needs no quotes in the text format.
bool IsBareWord(std::string_view text) {
  if (text.empty()) return false;
  for (const char character : text) {
    const auto byte = static_cast<unsigned char>(character);
    if (byte <= 0x20 || byte >= 0x7F || byte == '"' || byte == '=' || byte == '\\') return false;
  }
  return true;
}

void AppendText(std::string& out, std::string_view text, LogFormat format, std::size_t bytes_max) {
  const std::string printable = Printable(text, bytes_max);
  if (format == LogFormat::kText && IsBareWord(printable)) {
    out += printable;
    return;
  }
  out += '"';
  AppendQuotedInside(out, printable);
  out += '"';
}

void AppendDouble(std::string& out, double value) {
  if (std::isfinite(value)) {
    fmt::format_to(std::back_inserter(out), "{}", value);
  } else {
    out += "\"not a finite number\"";  // JSON has no spelling for it
  }
}

void AppendValue(std::string& out, const FieldValue& value, LogFormat format,
                 const LineLimits& limits) {
  std::visit(
      base::Overloaded{
          [](std::monostate) {},
          [&](std::string_view text) { AppendText(out, text, format, limits.value_bytes_max); },
          [&](std::int64_t number) { out += fmt::format_int(number).c_str(); },
          [&](std::uint64_t number) { out += fmt::format_int(number).c_str(); },
          [&](double number) { AppendDouble(out, number); },
          [&](bool yes) { out += yes ? "true" : "false"; },
      },
      value.state());
}

// A name is a constant of the program; should it be something else, the line still holds together.
void AppendName(std::string& out, std::string_view name, LogFormat format) {
  AppendText(out, name, format, kNameBytesMax);
}

void AppendHead(std::string& out, const LineEvent& event, LogFormat format) {
  if (format == LogFormat::kText) {
    out += FormatTime(event.time);
    out += ' ';
    out += UpperName(event.level);
    out += ' ';
    AppendName(out, event.name, format);
    return;
  }
  out += "{\"time\":\"";
  out += FormatTime(event.time);
  out += "\",\"level\":\"";
  out += LowerName(event.level);
  out += "\",\"event\":";
  AppendName(out, event.name, format);
}

void AppendField(std::string& out, const base::Field& field, LogFormat format,
                 const LineLimits& limits) {
  out += format == LogFormat::kText ? ' ' : ',';
  AppendName(out, field.name, format);
  out += format == LogFormat::kText ? '=' : ':';
  AppendValue(out, field.value, format, limits);
}

}  // namespace

std::string FormatTime(base::WallTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                     clock.subseconds().count());
}

std::string FormatLine(const LineEvent& event, LogFormat format, const LineLimits& limits) {
  std::string line;
  line.reserve(256);
  AppendHead(line, event, format);
  for (const base::Field& field : event.fields) {
    if (std::holds_alternative<std::monostate>(field.value.state())) continue;
    const std::size_t before = line.size();
    AppendField(line, field, format, limits);
    if (line.size() > limits.line_bytes_max) {
      line.resize(before);
      AppendField(line, {"fields_left_out", true}, format, limits);
      break;
    }
  }
  if (format == LogFormat::kJson) line += '}';
  return line;
}

}  // namespace webhook::observe
