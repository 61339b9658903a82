// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/signing/hash.h"

#include <doctest/doctest.h>

namespace webhook::signing {

TEST_CASE("SHA-256 of nothing and of an empty object") {
  CHECK(EncodeHex(HashBytes(Digest::kSha256, "")) ==
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(EncodeHex(HashBytes(Digest::kSha256, "{}")) ==
        "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
}

TEST_CASE("hexadecimal text is read in either case, and never half") {
  CHECK(DecodeHex("00fFaB") == std::string("\x00\xFF\xAB", 3));
  CHECK(DecodeHex("") == "");
  for (const char* wrong : {"0", "0g", "é0", " 00", "0x00"}) {
    CAPTURE(wrong);
    CHECK_FALSE(DecodeHex(wrong));
  }
}

TEST_CASE("comparing looks at length and at every byte") {
  CHECK(EqualInConstantTime("", ""));
  CHECK(EqualInConstantTime("abc", "abc"));
  CHECK_FALSE(EqualInConstantTime("abc", "abd"));
  CHECK_FALSE(EqualInConstantTime("xbc", "abc"));
  CHECK_FALSE(EqualInConstantTime("abc", "ab"));
}

}  // namespace webhook::signing
