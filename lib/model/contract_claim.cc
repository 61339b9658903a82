// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/model/contract_json.h"

namespace webhook::model {
namespace {

Delivery ReadDelivery(const Json& json) {
  Delivery delivery;
  delivery.id = json.at("id").get<RecordId>();
  delivery.delivery_uid = json.at("delivery_uid").get<std::string>();
  delivery.endpoint_id = json.at("endpoint_id").get<RecordId>();
  delivery.lease_token = json.at("lease_token").get<std::string>();
  delivery.lease_expires_at = ReadTime(json.at("lease_expires_at_ms"));
  delivery.lease_count = json.at("lease_count").get<int>();
  delivery.attempt_count = json.at("attempt_count").get<int>();
  delivery.queued_at = ReadTime(json.at("queued_at_ms"));
  delivery.http_method = json.at("http_method").get<std::string>();
  delivery.request_headers = json.at("request_headers").get<std::map<std::string, std::string>>();
  delivery.payload = json.at("payload").get<std::string>();
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
    for (const Json& item : json.at("deliveries")) answer.deliveries.push_back(ReadDelivery(item));
    answer.interrupted = json.at("interrupted").get<int>();
    answer.poisoned = json.at("poisoned").get<int>();
    if (json.contains("next_due_at_ms")) answer.next_due_at = ReadTime(json.at("next_due_at_ms"));
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
    for (const Json& lost : json.at("lost")) {
      answer.lost.push_back(
          {lost.at("id").get<RecordId>(), lost.at("lease_token").get<std::string>()});
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
