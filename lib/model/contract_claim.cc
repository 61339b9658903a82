// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/model/contract_parts.h"

namespace webhook::model {
namespace {

DeliveryFile ReadFile(const Json& json) {
  return {ReadText(json, "name"), ReadText(json, "filename"), ReadText(json, "content_type"),
          ReadBytes(json, "content_base64")};
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
  delivery.http_method = ReadMethod(json, "http_method");
  delivery.body_mode = ReadBodyMode(json);
  delivery.request_headers = ReadTextMap(json, "request_headers");
  delivery.payload = ReadText(json, "payload");
  delivery.files = ReadOptionalRows(json, "files", ReadFile);
  delivery.lane = ReadOptionalText(json, "lane");
  if (json.contains("expires_at_ms")) delivery.expires_at = ReadTime(json, "expires_at_ms");
  delivery.handler_id = ReadOptionalId(json, "handler_id");
  delivery.content_frozen = ReadOptionalFlag(json, "content_frozen");
  delivery.target_path = ReadOptionalText(json, "target_path");
  delivery.context_values = ReadObjectText(json, "context_values");
  delivery.field_values = ReadObjectText(json, "field_values");
  return delivery;
}

Json LeaseList(const std::vector<Lease>& leases) {
  Json list = Json::array();
  for (const Lease& lease : leases) list.push_back(LeaseJson(lease));
  return list;
}

}  // namespace

BodyMode ReadBodyMode(const Json& json) {
  constexpr std::array<std::pair<std::string_view, BodyMode>, 4> kModes = {
      {{"json", BodyMode::kJson},
       {"form_urlencoded", BodyMode::kFormUrlencoded},
       {"multipart", BodyMode::kMultipart},
       {"raw", BodyMode::kRaw}}};
  return ReadOneOf(json, "request_body_mode", kModes);
}

Json LeaseJson(const Lease& lease) {
  return {{"kind", Spelling(lease.kind)}, {"id", lease.job_id}, {"lease_token", lease.lease_token}};
}

Lease ReadLease(const Json& json) {
  return {ReadId(json, "id"), ReadUuid(json, "lease_token"),
          ReadSpelled(json, "kind", JobKind::kEvent)};
}

std::string EncodeClaim(const ClaimRequest& request) {
  Json quotas = Json::array();
  for (const Quota& quota : request.quotas) {
    quotas.push_back({{"endpoint_id", quota.endpoint_id}, {"free", quota.free}});
  }
  Json json = {{"worker_uid", request.worker_uid}, {"claim_token", request.claim_token},
               {"limit", request.limit},           {"lease_seconds", request.lease.count()},
               {"takeover", request.takeover},     {"quotas", std::move(quotas)}};
  if (request.work == Work::kEvents) json["work"] = "events";
  if (request.work == Work::kIntake) json["work"] = "intake";
  return Dump(json);
}

Decoded<ClaimAnswer> DecodeClaim(std::string_view text) {
  return DecodeWith("claim", text, [](const Json& json) {
    ClaimAnswer answer;
    answer.envelope = ReadEnvelope(json);
    for (const Json& item : ReadList(json, "deliveries"))
      answer.deliveries.push_back(ReadDelivery(item));
    answer.events = ReadOptionalRows(json, "events", ReadEvent);
    answer.probes = ReadOptionalRows(json, "probes", ReadProbe);
    answer.intake = ReadOptionalRows(json, "intake", ReadIntakeRow);
    answer.intake_waiting = ReadOptionalFlag(json, "intake_waiting");
    answer.interrupted = ReadInt(json, "interrupted", 0);
    answer.poisoned = ReadInt(json, "poisoned", 0);
    if (json.contains("workers_alive")) answer.workers_alive = ReadInt(json, "workers_alive", 1);
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
      answer.lost.push_back(ReadLease(lost));
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
