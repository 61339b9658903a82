// SPDX-License-Identifier: LGPL-3.0-or-later
#include <algorithm>

#include "lib/base/uuid.h"
#include "lib/model/contract_json.h"

namespace webhook::model {
namespace {

std::string ReadUuid(const Json& json, const char* key) {
  return ReadTextThat(json, key, "must be a UUID in lower case", base::IsUuid);
}

bool IsMethod(std::string_view text) {
  constexpr std::array<std::string_view, 5> kMethods = {"get", "post", "put", "patch", "delete"};
  return std::find(kMethods.begin(), kMethods.end(), text) != kMethods.end();
}

std::map<std::string, std::string> ReadTextMap(const Json& json, const char* key) {
  const Json& object = Member(json, key);
  if (!object.is_object()) throw Misfit(key, "must map texts to texts");
  std::map<std::string, std::string> map;
  for (const auto& [name, value] : object.items()) {
    if (!value.is_string()) throw Misfit(key, "must map texts to texts");
    map.emplace(name, value.get_ref<const std::string&>());
  }
  return map;
}

Delivery ReadDelivery(const Json& json) {
  Delivery delivery;
  delivery.id = ReadId(json, "id");
  delivery.delivery_uid = ReadUuid(json, "delivery_uid");
  delivery.endpoint_id = ReadId(json, "endpoint_id");
  delivery.lease_token = ReadUuid(json, "lease_token");
  delivery.lease_expires_at = ReadTime(json, "lease_expires_at_ms");
  delivery.lease_count = ReadInt(json, "lease_count", 1);
  delivery.attempt_count = ReadInt(json, "attempt_count", 0);
  delivery.queued_at = ReadTime(json, "queued_at_ms");
  delivery.http_method =
      ReadTextThat(json, "http_method", "must be get, post, put, patch or delete", IsMethod);
  ReadTextThat(json, "request_body_mode", "must be json",
               [](const std::string& mode) { return mode == "json"; });
  delivery.request_headers = ReadTextMap(json, "request_headers");
  delivery.payload = ReadText(json, "payload");
  return delivery;
}

Json LeaseList(const std::vector<Lease>& leases) {
  Json list = Json::array();
  for (const Lease& lease : leases) {
    list.push_back(
        {{"kind", "delivery"}, {"id", lease.delivery_id}, {"lease_token", lease.lease_token}});
  }
  return list;
}

}  // namespace

std::string EncodeClaim(const ClaimRequest& request) {
  Json quotas = Json::array();
  for (const Quota& quota : request.quotas) {
    quotas.push_back({{"endpoint_id", quota.endpoint_id}, {"free", quota.free}});
  }
  return Dump({{"worker_uid", request.worker_uid},
               {"claim_token", request.claim_token},
               {"limit", request.limit},
               {"lease_seconds", request.lease.count()},
               {"takeover", request.takeover},
               {"quotas", std::move(quotas)}});
}

Decoded<ClaimAnswer> DecodeClaim(std::string_view text) {
  return DecodeWith("claim", text, [](const Json& json) {
    ClaimAnswer answer;
    answer.envelope = ReadEnvelope(json);
    for (const Json& item : ReadList(json, "deliveries"))
      answer.deliveries.push_back(ReadDelivery(item));
    answer.interrupted = ReadInt(json, "interrupted", 0);
    answer.poisoned = ReadInt(json, "poisoned", 0);
    if (json.contains("next_due_at_ms")) answer.next_due_at = ReadTime(json, "next_due_at_ms");
    return answer;
  });
}

std::string EncodeRenew(const std::string& worker_uid, std::chrono::seconds lease,
                        const std::vector<Lease>& leases) {
  return Dump({{"worker_uid", worker_uid},
               {"lease_seconds", lease.count()},
               {"leases", LeaseList(leases)}});
}

Decoded<RenewAnswer> DecodeRenew(std::string_view text) {
  return DecodeWith("renew", text, [](const Json& json) {
    RenewAnswer answer;
    answer.envelope = ReadEnvelope(json);
    for (const Json& lost : ReadList(json, "lost")) {
      answer.lost.push_back({ReadId(lost, "id"), ReadUuid(lost, "lease_token")});
    }
    return answer;
  });
}

std::string EncodeRelease(const std::string& worker_uid, const std::vector<Lease>& leases) {
  return Dump({{"worker_uid", worker_uid}, {"leases", LeaseList(leases)}});
}

Decoded<Envelope> DecodeRelease(std::string_view text) {
  return DecodeWith("release", text, [](const Json& json) { return ReadEnvelope(json); });
}

}  // namespace webhook::model
