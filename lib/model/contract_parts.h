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
BodyMode ReadBodyMode(const Json& json);  // its member "request_body_mode"

Json AttemptJson(const Attempt& attempt);
Json FrozenContentJson(const FrozenContent& frozen);

Json LeaseJson(const Lease& lease);
Lease ReadLease(const Json& json);

// What a row comes to when Odoo refuses its record operations.
Json OtherwiseJson(const Transition& transition);

constexpr std::array<std::pair<std::string_view, bool>, 3> kActiveByState = {
    {{"draft", false}, {"active", true}, {"archived", false}}};

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
