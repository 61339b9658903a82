// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/rules/letter_case.h"

#include <array>

#include "lib/base/utf8.h"

namespace webhook::rules {
namespace {

// Upper-case letters `first` to `last`, each `step`th one, with the lower-case letter `distance`
// further on.
struct CaseRange {
  char32_t first;
  char32_t last;
  char32_t step;
  int distance;
};

// By UnicodeData.txt (Unicode 15), of the scripts that the header names.
constexpr auto kRanges = std::to_array<CaseRange>({
    {0x0041, 0x005A, 1, 32},                            // ASCII
    {0x00C0, 0x00D6, 1, 32},                            // Latin-1
    {0x00D8, 0x00DE, 1, 32},   {0x0100, 0x012E, 2, 1},  // Latin Extended-A
    {0x0132, 0x0136, 2, 1},    {0x0139, 0x0147, 2, 1},  {0x014A, 0x0176, 2, 1},
    {0x0178, 0x0178, 1, -121},                          // Ÿ
    {0x0179, 0x017D, 2, 1},    {0x0182, 0x0184, 2, 1},  // Latin Extended-B
    {0x0187, 0x0187, 1, 1},    {0x0198, 0x0198, 1, 1},  {0x01A0, 0x01A4, 2, 1},
    {0x01AF, 0x01AF, 1, 1},    {0x01B3, 0x01B5, 2, 1},  {0x01CD, 0x01DB, 2, 1},
    {0x01DE, 0x01EE, 2, 1},    {0x01F4, 0x01F4, 1, 1},  {0x01F8, 0x021E, 2, 1},
    {0x0222, 0x0232, 2, 1},    {0x0386, 0x0386, 1, 38},  // Greek
    {0x0388, 0x038A, 1, 37},   {0x038C, 0x038C, 1, 64}, {0x038E, 0x038F, 1, 63},
    {0x0391, 0x03A1, 1, 32},   {0x03A3, 0x03AB, 1, 32}, {0x03D8, 0x03EE, 2, 1},
    {0x0400, 0x040F, 1, 80},  // Cyrillic
    {0x0410, 0x042F, 1, 32},   {0x0460, 0x0480, 2, 1},  {0x048A, 0x04BE, 2, 1},
    {0x04C0, 0x04C0, 1, 15},   {0x04C1, 0x04CD, 2, 1},  {0x04D0, 0x052E, 2, 1},
    {0x1E00, 0x1E94, 2, 1},                              // Latin Extended Additional
    {0x1EA0, 0x1EFE, 2, 1},    {0xFF21, 0xFF3A, 1, 32},  // full width
});

// Letters whose way there is not their way back.
char32_t UpperOnly(char32_t c) {
  switch (c) {
    case 0x0131:  // ı
      return U'I';
    case 0x017F:  // long s
      return U'S';
    case 0x03C2:  // final sigma
      return 0x03A3;
    default:
      return c;
  }
}

char32_t LowerOnly(char32_t c) {
  switch (c) {
    case 0x0130:  // İ
      return U'i';
    case 0x1E9E:  // capital ß
      return 0x00DF;
    default:
      return c;
  }
}

char32_t Moved(char32_t c, int distance) {
  return static_cast<char32_t>(static_cast<int>(c) + distance);
}

char32_t Lower(char32_t c) {
  for (const CaseRange& range : kRanges) {
    if (c < range.first || c > range.last) continue;
    return (c - range.first) % range.step == 0 ? Moved(c, range.distance) : c;
  }
  return LowerOnly(c);
}

char32_t Upper(char32_t c) {
  for (const CaseRange& range : kRanges) {
    const char32_t upper = Moved(c, -range.distance);
    if (upper < range.first || upper > range.last) continue;
    if ((upper - range.first) % range.step == 0) return upper;
  }
  return UpperOnly(c);
}

template <typename Change>
std::string Changed(std::string_view text, Change change) {
  std::string changed;
  changed.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const base::Utf8Character read = base::ReadUtf8(text.substr(at));
    if (read.bytes == 0) {
      changed += text[at++];
      continue;
    }
    base::AppendUtf8(changed, change(read.code_point));
    at += read.bytes;
  }
  return changed;
}

}  // namespace

std::string UpperCase(std::string_view text) { return Changed(text, Upper); }
std::string LowerCase(std::string_view text) { return Changed(text, Lower); }

}  // namespace webhook::rules
