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

#include "lib/base/base64.h"
#include "lib/base/text.h"
#include "lib/base/uuid.h"
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

// One text that is too long, or that PostgreSQL cannot store, would make Odoo refuse the whole
// request. The second pass cuts what the first made longer by writing bytes visibly.
inline std::string Clip(const std::string& text, std::size_t bytes_max) {
  return base::PrintableText(base::PrintableText(text, bytes_max), bytes_max);
}

// Parses and reads with `read(json)`; anything missing, of another type or out of range is a
// ContractError. The parser's own message is left out: it quotes the text, which holds secrets.
template <typename Read>
auto DecodeText(std::string_view what, std::string_view text, Read read)
    -> Decoded<decltype(read(std::declval<const Json&>()))> {
  const std::string start = std::string(what) + " does not follow the contract: ";
  try {
    return read(Json::parse(text));
  } catch (const Json::parse_error& error) {
    return ContractError{start + "not JSON at byte " + std::to_string(error.byte)};
  } catch (const Misfit& misfit) {
    return ContractError{start + misfit.what()};
  }
}

// An answer of the method.
template <typename Read>
auto DecodeWith(std::string_view method, std::string_view text, Read read) {
  return DecodeText(std::string(method) + " answer", text, read);
}

inline const Json* FindMember(const Json& object, const char* key) {
  if (!object.is_object()) throw Misfit(key, "must be in an object");
  const auto found = object.find(key);
  return found == object.end() ? nullptr : &*found;
}

inline const Json& RequiredMember(const Json& object, const char* key) {
  const Json* member = FindMember(object, key);
  if (member == nullptr) throw Misfit(key, "is missing");
  return *member;
}

inline std::int64_t ReadWhole(const Json& object, const char* key, std::int64_t min,
                              std::int64_t max) {
  const Json& member = RequiredMember(object, key);
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
  const Json& member = RequiredMember(object, key);
  if (!member.is_boolean()) throw Misfit(key, "must be true or false");
  return member.get<bool>();
}

inline const std::string& ReadText(const Json& object, const char* key) {
  const Json& member = RequiredMember(object, key);
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
  const Json& member = RequiredMember(object, key);
  if (!member.is_array()) throw Misfit(key, "must be a list");
  return member;
}

inline const Json& ReadObject(const Json& object, const char* key) {
  const Json& member = RequiredMember(object, key);
  if (!member.is_object()) throw Misfit(key, "must be an object");
  return member;
}

// A list of at most `items_max`.
inline const Json& ReadList(const Json& object, const char* key, std::size_t items_max) {
  const Json& list = ReadList(object, key);
  if (list.size() > items_max) {
    throw Misfit(key, "must have at most " + std::to_string(items_max) + " items");
  }
  return list;
}

inline std::map<std::string, std::string> ReadTextMap(const Json& json, const char* key) {
  const Json& object = RequiredMember(json, key);
  if (!object.is_object()) throw Misfit(key, "must map texts to texts");
  std::map<std::string, std::string> map;
  for (const auto& [name, value] : object.items()) {
    if (!value.is_string()) throw Misfit(key, "must map texts to texts");
    map.emplace(name, value.get_ref<const std::string&>());
  }
  return map;
}

inline std::map<std::string, std::string> ReadOptionalTextMap(const Json& json, const char* key) {
  return FindMember(json, key) == nullptr ? std::map<std::string, std::string>()
                                          : ReadTextMap(json, key);
}

inline std::string ReadUuid(const Json& json, const char* key) {
  return ReadTextThat(json, key, "must be a UUID in lower case", base::IsUuid);
}

// Base64 as the bytes that it stands for.
inline std::string ReadBytes(const Json& object, const char* key) {
  std::optional<std::string> bytes = base::DecodeBase64(ReadText(object, key));
  if (!bytes) throw Misfit(key, "must be base64");
  return *std::move(bytes);
}

// Absent means false.
inline bool ReadOptionalFlag(const Json& object, const char* key) {
  return FindMember(object, key) != nullptr && ReadFlag(object, key);
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
