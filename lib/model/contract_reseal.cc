// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/model/contract_parts.h"

namespace webhook::model {

std::string EncodeReseal(const std::string& worker_uid,
                         const std::vector<ResealedSecret>& secrets) {
  constexpr std::size_t kItemsMax = 1000;
  Json list = Json::array();
  for (const ResealedSecret& secret : secrets) {
    if (list.size() == kItemsMax) break;
    list.push_back(
        {{"id", secret.id}, {"previous_value", secret.previous_value}, {"value", secret.value}});
  }
  return Dump({{"worker_uid", worker_uid}, {"secrets", std::move(list)}});
}

Decoded<ResealAnswer> DecodeReseal(std::string_view text) {
  return DecodeWith("reseal", text, [](const Json& json) {
    ResealAnswer answer;
    answer.envelope = ReadEnvelope(json);
    for (const Json& id : ReadList(json, "resealed_ids")) {
      answer.resealed_ids.push_back(ReadId({{"resealed_ids", id}}, "resealed_ids"));
    }
    return answer;
  });
}

}  // namespace webhook::model
