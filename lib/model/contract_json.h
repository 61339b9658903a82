// SPDX-License-Identifier: LGPL-3.0-or-later
// Shared by the contract's codecs. Each reader takes one member of an object, of exactly the type
// and range that the schemas say, and names the member when it is not so; nlohmann's own
// conversions are never used, because they take true for 1, 1.5 for 1 and wrap what does not fit.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "lib/model/contract.h"

namespace webhook::model {

using Json = nlohmann::json;

// Odoo's integers and record ids; bounds every number of seconds, so that no sum overflows.
inline constexpr std::int64_t kIntegerMax = std::numeric_limits<std::int32_t>::max();
inline constexpr std::int64_t kTimeMsMax = 253402300799999;  // 9999-12-31T23:59:59.999Z

// Thrown by the readers, caught in DecodeWith: never leaves the codecs.
class Misfit : public std::runtime_error {
 public:
  Misfit(const char* member, const std::string& expected)
      : std::runtime_error(std::string(member) + " " + expected) {}
};

// ASCII only; bytes that are not UTF-8 become U+FFFD, so that encoding never fails.
inline std::string Dump(const Json& json) {
  return json.dump(-1, ' ', true, Json::error_handler_t::replace);
}

// Parses and reads with `read(json)`; anything missing, of another type or out of range is a
// ContractError. The parser's own message is left out: it quotes the answer, which holds secrets.
template <typename Read>
auto DecodeWith(std::string_view what, std::string_view text, Read read)
    -> Decoded<decltype(read(std::declval<const Json&>()))> {
  const std::string start = std::string(what) + " answer does not follow the contract: ";
  try {
    return read(Json::parse(text));
  } catch (const Json::parse_error& error) {
    return ContractError{start + "not JSON at byte " + std::to_string(error.byte)};
  } catch (const Misfit& misfit) {
    return ContractError{start + misfit.what()};
  }
}

inline const Json* FindMember(const Json& object, const char* key) {
  if (!object.is_object()) throw Misfit(key, "must be in an object");
  const auto found = object.find(key);
  return found == object.end() ? nullptr : &*found;
}

inline const Json& Member(const Json& object, const char* key) {
  const Json* member = FindMember(object, key);
  if (member == nullptr) throw Misfit(key, "is missing");
  return *member;
}

inline std::int64_t ReadWhole(const Json& object, const char* key, std::int64_t min,
                              std::int64_t max) {
  const Json& member = Member(object, key);
  const bool fits_64 = member.is_number_integer() &&
                       (!member.is_number_unsigned() ||
                        member.get<std::uint64_t>() <= std::numeric_limits<std::int64_t>::max());
  const std::int64_t whole = fits_64 ? member.get<std::int64_t>() : 0;
  if (!fits_64 || whole < min || whole > max) {
    throw Misfit(
        key, "must be a whole number from " + std::to_string(min) + " to " + std::to_string(max));
  }
  return whole;
}

inline int ReadInt(const Json& object, const char* key, int min) {
  return static_cast<int>(ReadWhole(object, key, min, kIntegerMax));
}

inline RecordId ReadId(const Json& object, const char* key) {
  return ReadWhole(object, key, 1, kIntegerMax);
}

inline base::WallTime ReadTime(const Json& object, const char* key) {
  return base::FromUnixMs(ReadWhole(object, key, 0, kTimeMsMax));
}

inline bool ReadFlag(const Json& object, const char* key) {
  const Json& member = Member(object, key);
  if (!member.is_boolean()) throw Misfit(key, "must be true or false");
  return member.get<bool>();
}

inline const std::string& ReadText(const Json& object, const char* key) {
  const Json& member = Member(object, key);
  if (!member.is_string()) throw Misfit(key, "must be a text");
  return member.get_ref<const std::string&>();
}

inline std::string ReadOptionalText(const Json& object, const char* key) {
  return FindMember(object, key) == nullptr ? std::string() : ReadText(object, key);
}

// A text that `fits`, which `expected` describes.
template <typename Fits>
const std::string& ReadTextThat(const Json& object, const char* key, const char* expected,
                                Fits fits) {
  const std::string& text = ReadText(object, key);
  if (!fits(text)) throw Misfit(key, expected);
  return text;
}

inline const Json& ReadList(const Json& object, const char* key) {
  const Json& member = Member(object, key);
  if (!member.is_array()) throw Misfit(key, "must be a list");
  return member;
}

inline const Json& ReadObject(const Json& object, const char* key) {
  const Json& member = Member(object, key);
  if (!member.is_object()) throw Misfit(key, "must be an object");
  return member;
}

// One of a closed list of spellings.
template <typename T, std::size_t N>
T ReadOneOf(const Json& object, const char* key,
            const std::array<std::pair<std::string_view, T>, N>& spellings) {
  const std::string& text = ReadText(object, key);
  std::string expected = "must be one of";
  for (const auto& [spelling, value] : spellings) {
    if (text == spelling) return value;
    expected += ' ';
    expected += spelling;
  }
  throw Misfit(key, expected);
}

inline bool IsFingerprint(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

inline Envelope ReadEnvelope(const Json& answer) {
  constexpr std::int64_t kCountMax = std::numeric_limits<std::int64_t>::max();
  Envelope envelope;
  envelope.fingerprint =
      ReadTextThat(answer, "fingerprint", "must be 64 hexadecimal digits", IsFingerprint);
  envelope.fingerprint_confirmed = ReadFlag(answer, "fingerprint_confirmed");
  envelope.neutralized = ReadFlag(answer, "neutralized");
  envelope.configuration_revision = ReadWhole(answer, "configuration_revision", 0, kCountMax);
  envelope.settlement_number = ReadWhole(answer, "settlement_number", 0, kCountMax);
  envelope.server_time = ReadTime(answer, "server_time_ms");
  return envelope;
}

}  // namespace webhook::model
