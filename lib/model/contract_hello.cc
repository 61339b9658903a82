// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/model/contract_json.h"

namespace webhook::model {

std::string EncodeHello(const HelloRequest& request) {
  Json json = {{"contract_version", kContractVersion},
               {"worker_uid", request.worker_uid},
               {"name", request.name},
               {"version", request.version},
               {"host", request.host},
               {"callbacks", Json::array()},
               {"journal_healthy", request.journal_healthy}};
  if (!request.wake_address.empty()) json["wake_address"] = request.wake_address;
  if (!request.confirm_fingerprint.empty()) {
    json["confirm_fingerprint"] = request.confirm_fingerprint;
  }
  return Dump(json);
}

Decoded<HelloAnswer> DecodeHello(std::string_view text) {
  return DecodeWith("hello", text, [](const Json& json) {
    HelloAnswer answer;
    answer.envelope = ReadEnvelope(json);
    answer.compatible = json.at("compatible").get<bool>();
    answer.incompatible_message = ReadText(json, "incompatible_message");
    answer.contract_version = json.at("contract_version").get<int>();
    answer.addon_version = json.at("addon_version").get<std::string>();
    answer.odoo_version = json.at("odoo_version").get<std::string>();
    answer.wake_secret = ReadText(json, "wake_secret");
    if (json.contains("key_expires_at_ms")) {
      answer.key_expires_at = ReadTime(json.at("key_expires_at_ms"));
    }
    if (json.contains("limits")) {
      answer.claim_batch_max = json.at("limits").at("claim_batch_max").get<int>();
      answer.settle_batch_max = json.at("limits").at("settle_batch_max").get<int>();
    }
    return answer;
  });
}

}  // namespace webhook::model
