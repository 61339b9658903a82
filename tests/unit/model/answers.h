// SPDX-License-Identifier: LGPL-3.0-or-later
// Hand-written answers of the contract, one good one of each method, to take apart.
#pragma once

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/unit/model/contract_schema.h"

namespace webhook::model {

inline const std::string kUid = "01890a5d-ac96-774b-bcce-b302099a8057";
inline const std::string kOtherUid = "01890a5d-ac96-774b-bcce-b302099a8058";
inline const std::string kFingerprint(64, 'a');

// The envelope's members and those of `members`.
inline nlohmann::json Answer(const nlohmann::json& members) {
  nlohmann::json answer = {{"fingerprint", kFingerprint},   {"fingerprint_confirmed", true},
                           {"neutralized", false},          {"configuration_revision", 7},
                           {"settlement_number", 12345678}, {"server_time_ms", 1767225600123}};
  answer.update(members);
  return answer;
}

inline const char* const kEnvelopeMembers[] = {"fingerprint",       "fingerprint_confirmed",
                                               "neutralized",       "configuration_revision",
                                               "settlement_number", "server_time_ms"};

// One way to spoil an answer: the member (as a JSON pointer) and what it becomes.
struct Spoilt {
  std::string pointer;
  nlohmann::json value;
};

inline std::string MemberName(const std::string& pointer) {
  return pointer.substr(pointer.rfind('/') + 1);
}

// The decoder refuses the answer without the member, and says its name.
template <typename Decode>
void CheckRequired(const nlohmann::json& good, const std::string& pointer, Decode decode) {
  CAPTURE(pointer);
  nlohmann::json answer = good;
  const nlohmann::json::json_pointer at(pointer);
  REQUIRE(answer.contains(at));
  answer.at(at.parent_pointer()).erase(MemberName(pointer));
  const auto decoded = decode(answer.dump());
  REQUIRE_FALSE(decoded.ok());
  CHECK(decoded.error().message.find(MemberName(pointer)) != std::string::npos);
}

// The decoder refuses the spoilt answer and says the member's name.
template <typename Decode>
void CheckRefused(const nlohmann::json& good, const Spoilt& spoilt, Decode decode) {
  CAPTURE(spoilt.pointer);
  CAPTURE(spoilt.value.dump());
  nlohmann::json answer = good;
  answer[nlohmann::json::json_pointer(spoilt.pointer)] = spoilt.value;
  const auto decoded = decode(answer.dump());
  REQUIRE_FALSE(decoded.ok());
  CAPTURE(decoded.error().message);
  CHECK(decoded.error().message.find(MemberName(spoilt.pointer)) != std::string::npos);
}

// What nobody may take for an integer, a text, a boolean.
inline const std::vector<nlohmann::json> kNoIntegers = {nullptr,
                                                        true,
                                                        false,
                                                        "1",
                                                        "",
                                                        1.5,
                                                        nlohmann::json::array(),
                                                        nlohmann::json::object(),
                                                        -1,
                                                        18446744073709551615U};
inline const std::vector<nlohmann::json> kNoTexts = {nullptr,
                                                     true,
                                                     1,
                                                     1.5,
                                                     nlohmann::json::array(),
                                                     nlohmann::json::object(),
                                                     nlohmann::json::array({"text"})};
inline const std::vector<nlohmann::json> kNoFlags = {
    nullptr, 0, 1, "true", "", nlohmann::json::array(), nlohmann::json::object()};
inline const std::vector<nlohmann::json> kNoLists = {
    nullptr, true, 1, "text", nlohmann::json::object(), {{"0", nlohmann::json::object()}}};

template <typename Decode>
void CheckMistyped(const nlohmann::json& good, const std::string& pointer,
                   const std::vector<nlohmann::json>& values, Decode decode) {
  for (const nlohmann::json& value : values) CheckRefused(good, {pointer, value}, decode);
}

// Whatever arrives, decoding ends with a value: cut anywhere, one byte changed, other JSON.
template <typename Decode>
void CheckNeverThrows(const std::string& good, Decode decode) {
  REQUIRE(decode(good).ok());
  for (std::size_t length = 0; length < good.size(); ++length) {
    CHECK_FALSE(decode(good.substr(0, length)).ok());
  }
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (const char byte : {'\0', '\xFF', '"', '9', '[', '}'}) {
      std::string changed = good;
      changed[at] = byte;
      CHECK_NOTHROW(static_cast<void>(decode(changed)));
    }
  }
  for (const char* other : {"", " ", "null", "true", "1", "\"text\"", "[]", "{}", "[{}]",
                            "{\"a\":", "\xEF\xBB\xBF{}", "\xFF\xFE", "<html></html>"}) {
    CAPTURE(other);
    CHECK_FALSE(decode(other).ok());
  }
  const std::string deep = std::string(100000, '[') + std::string(100000, ']');
  CHECK_FALSE(decode(deep).ok());
}

}  // namespace webhook::model
