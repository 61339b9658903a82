// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/base/base64.h"

#include <doctest/doctest.h>

#include "lib/base/random.h"

using namespace webhook::base;

TEST_CASE("the vectors of RFC 4648, section 10") {
  for (const auto& [bytes, text] : {std::pair{"", ""},
                                    {"f", "Zg=="},
                                    {"fo", "Zm8="},
                                    {"foo", "Zm9v"},
                                    {"foob", "Zm9vYg=="},
                                    {"fooba", "Zm9vYmE="},
                                    {"foobar", "Zm9vYmFy"}}) {
    CHECK(EncodeBase64(bytes) == text);
    CHECK(DecodeBase64(text) == bytes);
  }
  CHECK(EncodeBase64("\xFB\xFF\xFE") == "+//+");
}

TEST_CASE("every byte comes through, at every length") {
  constexpr std::uint64_t kSeed = 5;
  CAPTURE(kSeed);
  SeededRandom random(kSeed);
  for (std::size_t length = 0; length < 300; ++length) {
    std::string bytes;
    while (bytes.size() < length) bytes += static_cast<char>(random.Next() & 0xFF);
    CHECK(DecodeBase64(EncodeBase64(bytes)) == bytes);
  }
}

TEST_CASE("one text is the only one for its bytes") {
  for (const char* text : {"Z", "Zg", "Zg=", "Zg===", "Zm9v=", "Zh==", "Zm9=", "====", "A===", "=",
                           "Zm 9", "Zm9v\n", "Zm-_", "Zg==Zg==", "Z=g="}) {
    CAPTURE(text);
    CHECK_FALSE(DecodeBase64(text).has_value());
  }
}
