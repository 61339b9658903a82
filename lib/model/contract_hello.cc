// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/model/contract_json.h"

namespace webhook::model {
namespace {

constexpr std::size_t kUrlBytesMax = 255;  // of the schema (hello.schema.json)

Json InboxJson(const InboxState& inbox) {
  Json json = {{"event_count", inbox.event_count},
               {"bytes_used", inbox.bytes_used},
               {"bytes_max", inbox.bytes_max},
               {"set_aside_count", inbox.set_aside_count},
               {"healthy", inbox.healthy}};
  if (inbox.oldest_accepted_at) {
    json["oldest_accepted_at_ms"] = base::ToUnixMs(*inbox.oldest_accepted_at);
  }
  return json;
}

}  // namespace

std::string EncodeHello(const HelloRequest& request) {
  Json json = {{"contract_version", kContractVersion},
               {"worker_uid", request.worker_uid},
               {"name", request.name},
               {"version", request.version},
               {"host", request.host},
               {"callbacks", request.callbacks},
               {"journal_healthy", request.journal_healthy}};
  if (request.inbox) json["inbox"] = InboxJson(*request.inbox);
  if (!request.gateway_url.empty()) json["gateway_url"] = Clip(request.gateway_url, kUrlBytesMax);
  if (!request.wake_address.empty()) json["wake_address"] = request.wake_address;
  if (!request.public_key.empty()) json["public_key"] = base::EncodeBase64(request.public_key);
  if (!request.confirm_fingerprint.empty()) {
    json["confirm_fingerprint"] = request.confirm_fingerprint;
  }
  if (request.check_only) json["options"] = {{"check_only", true}};
  return Dump(json);
}

Decoded<HelloAnswer> DecodeHello(std::string_view text) {
  return DecodeWith("hello", text, [](const Json& json) {
    HelloAnswer answer;
    answer.envelope = ReadEnvelope(json);
    answer.compatible = ReadFlag(json, "compatible");
    answer.incompatible_message = ReadOptionalText(json, "incompatible_message");
    answer.contract_version = ReadInt(json, "contract_version", 1);
    answer.addon_version = ReadText(json, "addon_version");
    answer.odoo_version = ReadText(json, "odoo_version");
    answer.wake_secret = ReadOptionalText(json, "wake_secret");
    if (json.contains("sealing_public_key")) {
      answer.sealing_public_key = ReadBytes(json, "sealing_public_key");
    }
    if (json.contains("key_expires_at_ms")) {
      answer.key_expires_at = ReadTime(json, "key_expires_at_ms");
    }
    if (json.contains("limits")) {
      const Json& limits = ReadObject(json, "limits");
      answer.claim_batch_max = ReadInt(limits, "claim_batch_max", 1);
      answer.settle_batch_max = ReadInt(limits, "settle_batch_max", 1);
    }
    return answer;
  });
}

}  // namespace webhook::model
