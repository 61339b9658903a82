// SPDX-License-Identifier: LGPL-3.0-or-later
// Values and texts drawn from a seed.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/base/random.h"
#include "lib/base/utf8.h"
#include "lib/model/value.h"

namespace webhook::property {

inline std::size_t Below(base::Random& random, std::size_t count) {
  return static_cast<std::size_t>(random.Next() % count);
}

template <typename Choices>
std::string_view OneOf(base::Random& random, const Choices& choices) {
  return choices[Below(random, std::size(choices))];
}

inline std::string RandomText(base::Random& random) {
  std::string text;
  for (std::size_t i = Below(random, 12); i > 0; --i) {
    constexpr char32_t kEnds[] = {0x80, 0x100, 0x800, 0x10000, 0x110000};
    const char32_t c = static_cast<char32_t>(Below(random, kEnds[Below(random, 5)]));
    base::AppendUtf8(text, c >= 0xD800 && c <= 0xDFFF ? U'"' : c);
  }
  return text;
}

inline std::string RandomDigits(base::Random& random) {
  std::string digits;
  for (std::size_t i = 1 + Below(random, 25); i > 0; --i) {
    digits += static_cast<char>('0' + Below(random, 10));
  }
  return digits;
}

inline std::string RandomNumber(base::Random& random) {
  std::string text = Below(random, 3) == 0 ? "-" : "";
  if (Below(random, 3) == 0) {
    text += '0';
  } else {
    text += static_cast<char>('1' + Below(random, 9)) + RandomDigits(random);
  }
  if (Below(random, 2) == 0) text += "." + RandomDigits(random);
  constexpr std::string_view kExponents[] = {"", "", "e5", "E5", "e+05", "E-0", "e400", "e-99999"};
  text += OneOf(random, kExponents);
  return text;
}

inline model::Value RandomValue(base::Random& random, int depth = 0) {
  using model::Value;
  switch (Below(random, depth < 6 ? 8 : 5)) {
    case 0:
      return Value::MakeNull();
    case 1:
      return Value::Bool(Below(random, 2) == 0);
    case 2:
    case 3:
      return Value::Decimal(RandomNumber(random));
    case 4:
      return Value::Text(RandomText(random));
    case 5: {
      Value::List items;
      for (std::size_t i = Below(random, 6); i > 0; --i) {
        items.push_back(RandomValue(random, depth + 1));
      }
      return Value::ListOf(std::move(items));
    }
    default: {
      Value object = Value::ObjectOf({});
      for (std::size_t i = Below(random, Below(random, 10) == 0 ? 40 : 6); i > 0; --i) {
        object.Set(RandomText(random), RandomValue(random, depth + 1));
      }
      return object;
    }
  }
}

// Pieces put together, with some bytes of any kind between.
template <typename Pieces>
std::string RandomMix(base::Random& random, const Pieces& pieces, std::size_t count_max) {
  std::string mix;
  for (std::size_t i = Below(random, count_max + 1); i > 0; --i) {
    if (Below(random, 10) == 0) {
      mix += static_cast<char>(Below(random, 256));
    } else {
      mix += OneOf(random, pieces);
    }
  }
  return mix;
}

// A few bytes of the text replaced, removed or put in.
inline std::string Mutated(base::Random& random, std::string text) {
  constexpr std::string_view kBytes = "{}[]\",:\\u0123456789eE+-.tfn \n\x80\xC3\xFF";
  for (std::size_t i = Below(random, 4); i > 0; --i) {
    const std::size_t at = Below(random, text.size() + 1);
    const char c = kBytes[Below(random, kBytes.size())];
    const std::size_t how = Below(random, 3);
    if (how == 0 || at == text.size()) {
      text.insert(at, 1, c);
    } else if (how == 1) {
      text[at] = c;
    } else {
      text.erase(at, 1);
    }
  }
  return text;
}

}  // namespace webhook::property
