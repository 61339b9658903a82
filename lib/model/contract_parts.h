// SPDX-License-Identifier: LGPL-3.0-or-later
// Parts of requests and answers that several methods have in common. The readers throw Misfit: call
// them inside DecodeWith.
#pragma once

#include <string_view>

#include "lib/model/contract_json.h"
#include "lib/model/spelling.h"

namespace webhook::model {

Handler ReadHandler(const Json& json);
Event ReadEvent(const Json& json);
Probe ReadProbe(const Json& json);
Source ReadSource(const Json& row);  // its member "source"
Endpoint ReadEndpoint(const Json& json);
InboundEndpoint ReadInboundEndpoint(const Json& json);
SecretEntry ReadSecret(const Json& json);
IntakeRow ReadIntakeRow(const Json& json);
BodyMode ReadBodyMode(const Json& json);  // its member "request_body_mode"

Json AttemptJson(const Attempt& attempt);
Json FrozenContentJson(const FrozenContent& frozen);

Json LeaseJson(const Lease& lease);
Lease ReadLease(const Json& json);

// What a row comes to when Odoo refuses its record operations.
Json OtherwiseJson(const Transition& transition);

constexpr std::array<std::pair<std::string_view, bool>, 3> kActiveByState = {
    {{"draft", false}, {"active", true}, {"archived", false}}};

template <typename T, std::size_t N>
using Spellings = std::array<std::pair<std::string_view, T>, N>;

// Of endpoints of both directions.
constexpr std::size_t kSecretsMax = 50;
constexpr std::size_t kPartsMax = 20;
constexpr Spellings<SignatureDigest, 3> kDigests = {{{"sha1", SignatureDigest::kSha1},
                                                     {"sha256", SignatureDigest::kSha256},
                                                     {"sha512", SignatureDigest::kSha512}}};
constexpr Spellings<SignatureEncoding, 2> kEncodings = {
    {{"hex", SignatureEncoding::kHex}, {"base64", SignatureEncoding::kBase64}}};
constexpr Spellings<TimestampFormat, 3> kTimestampFormats = {
    {{"unix", TimestampFormat::kUnix},
     {"unix_ms", TimestampFormat::kUnixMs},
     {"iso8601", TimestampFormat::kIso8601}}};

// Absent: the value stays as it is.
template <typename T, std::size_t N>
void ReadIfThere(const Json& json, const char* key, const Spellings<T, N>& spellings, T& value) {
  if (FindMember(json, key) != nullptr) value = ReadOneOf(json, key, spellings);
}

inline void ReadIfThere(const Json& json, const char* key, std::string& value) {
  if (FindMember(json, key) != nullptr) value = ReadText(json, key);
}

inline bool IsMethod(std::string_view text) {
  return text == "get" || text == "post" || text == "put" || text == "patch" || text == "delete";
}

inline std::string ReadMethod(const Json& json, const char* key) {
  return ReadTextThat(json, key, "must be get, post, put, patch or delete", IsMethod);
}

inline std::optional<RecordId> ReadOptionalId(const Json& json, const char* key) {
  if (FindMember(json, key) == nullptr) return std::nullopt;
  return ReadId(json, key);
}

// A JSON object as text; absent means an empty one. Who uses it parses it.
inline std::string ReadObjectText(const Json& json, const char* key) {
  return FindMember(json, key) == nullptr ? "{}" : ReadText(json, key);
}

// One of the enumerators up to `last`, by its spelling.
template <typename T>
T ReadSpelled(const Json& json, const char* key, T last) {
  const std::string& text = ReadText(json, key);
  std::string expected = "must be one of";
  for (int i = 0; i <= static_cast<int>(last); ++i) {
    const std::string_view spelling = Spelling(static_cast<T>(i));
    if (text == spelling) return static_cast<T>(i);
    (expected += ' ') += spelling;
  }
  throw Misfit(key, expected);
}

template <typename T>
std::vector<T> ReadRows(const Json& list, T (*read)(const Json&)) {
  std::vector<T> rows;
  for (const Json& row : list) rows.push_back(read(row));
  return rows;
}

// A list of at most `rows_max`.
template <typename T>
std::vector<T> ReadRows(const Json& json, const char* key, std::size_t rows_max,
                        T (*read)(const Json&)) {
  return ReadRows(ReadList(json, key, rows_max), read);
}

// The same; absent means empty.
template <typename T>
std::vector<T> ReadOptionalRows(const Json& json, const char* key, std::size_t rows_max,
                                T (*read)(const Json&)) {
  return FindMember(json, key) == nullptr ? std::vector<T>() : ReadRows(json, key, rows_max, read);
}

// Of rows that the answer's size bounds.
template <typename T>
std::vector<T> ReadOptionalRows(const Json& json, const char* key, T (*read)(const Json&)) {
  return FindMember(json, key) == nullptr ? std::vector<T>() : ReadRows(ReadList(json, key), read);
}

inline RowId ReadRowId(const Json& json, const char* key) {
  return ReadWhole(json, key, -kIntegerMax - 1, kIntegerMax);
}

}  // namespace webhook::model
