// SPDX-License-Identifier: LGPL-3.0-or-later
// Hashes, and bytes as hexadecimal text. Any thread. Throws std::runtime_error when OpenSSL cannot
// do what it must.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace webhook::signing {

enum class Digest { kSha1, kSha256, kSha512 };

std::string HashBytes(Digest digest, std::string_view message);

// Lower case.
std::string EncodeHex(std::string_view bytes);

// Either case; nothing when a character is no digit or one is missing.
std::optional<std::string> DecodeHex(std::string_view text);

// Takes the same time for all contents of one length. The length is no secret.
bool EqualInConstantTime(std::string_view left, std::string_view right);

}  // namespace webhook::signing
