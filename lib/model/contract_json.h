// SPDX-License-Identifier: LGPL-3.0-or-later
// Shared by the contract's codecs: the one place where nlohmann's exceptions become values.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "lib/model/contract.h"

namespace webhook::model {

using Json = nlohmann::json;

// ASCII only; bytes that are not UTF-8 become U+FFFD, so that encoding never fails.
inline std::string Dump(const Json& json) {
  return json.dump(-1, ' ', true, Json::error_handler_t::replace);
}

// Parses and reads with `read(json)`; anything missing, of another type or out of range is a
// ContractError.
template <typename Read>
auto DecodeWith(std::string_view what, std::string_view text, Read read)
    -> Decoded<decltype(read(std::declval<const Json&>()))> {
  try {
    return read(Json::parse(text));
  } catch (const Json::exception& error) {
    return ContractError{std::string(what) +
                         " answer does not follow the contract: " + error.what()};
  }
}

inline base::WallTime ReadTime(const Json& json) {
  return base::FromUnixMs(json.get<std::int64_t>());
}

inline std::string ReadText(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() ? std::string() : found->get<std::string>();
}

inline Envelope ReadEnvelope(const Json& answer) {
  Envelope envelope;
  envelope.fingerprint = answer.at("fingerprint").get<std::string>();
  envelope.fingerprint_confirmed = answer.at("fingerprint_confirmed").get<bool>();
  envelope.neutralized = answer.at("neutralized").get<bool>();
  envelope.configuration_revision = answer.at("configuration_revision").get<std::int64_t>();
  envelope.settlement_number = answer.at("settlement_number").get<std::int64_t>();
  envelope.server_time = ReadTime(answer.at("server_time_ms"));
  return envelope;
}

}  // namespace webhook::model
