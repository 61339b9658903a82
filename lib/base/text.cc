// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/base/text.h"

#include <fmt/format.h>

#include <iterator>

namespace webhook::base {
namespace {

struct Lead {
  std::size_t length;  // of the whole sequence; 0: no lead byte
  unsigned char
      second_min;  // bounds of the second byte, which exclude overlong forms and surrogates
  unsigned char second_max;
};

// Table 3-7 of the Unicode standard.
Lead ReadLead(unsigned char byte) {
  if (byte >= 0xC2 && byte <= 0xDF) return {2, 0x80, 0xBF};
  if (byte == 0xE0) return {3, 0xA0, 0xBF};
  if (byte == 0xED) return {3, 0x80, 0x9F};
  if (byte >= 0xE1 && byte <= 0xEF) return {3, 0x80, 0xBF};
  if (byte == 0xF0) return {4, 0x90, 0xBF};
  if (byte >= 0xF1 && byte <= 0xF3) return {4, 0x80, 0xBF};
  if (byte == 0xF4) return {4, 0x80, 0x8F};
  return {0, 0, 0};
}

// Length of the valid multi-byte sequence at the start of `bytes`, 0 when there is none.
std::size_t SequenceLength(std::string_view bytes) {
  const Lead lead = ReadLead(static_cast<unsigned char>(bytes[0]));
  if (lead.length == 0 || bytes.size() < lead.length) return 0;
  const auto second = static_cast<unsigned char>(bytes[1]);
  if (second < lead.second_min || second > lead.second_max) return 0;
  for (std::size_t i = 2; i < lead.length; ++i) {
    if ((static_cast<unsigned char>(bytes[i]) & 0xC0U) != 0x80U) return 0;
  }
  return lead.length;
}

bool IsPlain(unsigned char byte) {
  return (byte >= 0x20 && byte < 0x7F) || byte == '\t' || byte == '\n' || byte == '\r';
}

}  // namespace

std::string PrintableText(std::string_view bytes, std::size_t bytes_max) {
  std::string text;
  text.reserve(bytes.size() < bytes_max ? bytes.size() : bytes_max);
  std::size_t at = 0;
  while (at < bytes.size() && at < bytes_max) {
    const auto byte = static_cast<unsigned char>(bytes[at]);
    const std::size_t length = byte < 0x80 ? 1 : SequenceLength(bytes.substr(at));
    if (at + length > bytes_max) break;
    if (byte < 0x80 && !IsPlain(byte)) {
      fmt::format_to(std::back_inserter(text), "\\u{:04x}", byte);
    } else if (length == 0) {
      fmt::format_to(std::back_inserter(text), "\\x{:02x}", byte);
    } else {
      text.append(bytes.substr(at, length));
    }
    at += length == 0 ? 1 : length;
  }
  return text;
}

}  // namespace webhook::base
