// SPDX-License-Identifier: LGPL-3.0-or-later
// Rows of claim with `work: events`.
#include "lib/model/contract_parts.h"

namespace webhook::model {
namespace {

constexpr std::size_t kSamplesMax = 1000;

ProbeSample ReadSample(const Json& json) {
  ProbeSample sample;
  sample.name = ReadText(json, "name");
  sample.phase = ReadSpelled(json, "phase", Phase::kResponse);
  if (json.contains("body_base64")) sample.body = ReadBytes(json, "body_base64");
  sample.headers = ReadOptionalTextMap(json, "headers");
  sample.query = ReadOptionalTextMap(json, "query");
  sample.resolved_values = ReadObjectText(json, "resolved_values");
  sample.semantics = ReadOptionalTextMap(json, "semantics");
  sample.field_values = ReadObjectText(json, "field_values");
  sample.context_values = ReadObjectText(json, "context_values");
  if (json.contains("response_status_code")) {
    sample.response_status_code =
        static_cast<int>(ReadWhole(json, "response_status_code", 100, 999));
  }
  sample.response_headers = ReadOptionalTextMap(json, "response_headers");
  sample.response_body = ReadOptionalText(json, "response_body");
  sample.recorded_action = ReadOptionalText(json, "recorded_action");
  if (json.contains("recorded_rule_id")) {
    sample.recorded_rule_id = ReadRowId(json, "recorded_rule_id");
  }
  return sample;
}

constexpr std::array<std::pair<std::string_view, ProbeKind>, 2> kProbeKinds = {
    {{"rules", ProbeKind::kRules}, {"send", ProbeKind::kSend}}};

Delivery ReadProbeDelivery(const Json& probe) {
  const Json& json = ReadObject(probe, "delivery");
  Delivery delivery;
  delivery.endpoint_id = ReadId(probe, "endpoint_id");
  delivery.delivery_uid = ReadUuid(json, "delivery_uid");
  delivery.http_method = ReadMethod(json, "http_method");
  delivery.body_mode = ReadBodyMode(json);
  delivery.request_headers = ReadTextMap(json, "request_headers");
  delivery.payload = ReadText(json, "payload");
  delivery.context_values = ReadObjectText(json, "context_values");
  delivery.field_values = ReadObjectText(json, "field_values");
  return delivery;
}

}  // namespace

Event ReadEvent(const Json& json) {
  Event event;
  event.id = ReadId(json, "id");
  event.event_uid = ReadUuid(json, "event_uid");
  event.endpoint_id = ReadId(json, "endpoint_id");
  event.handler_id = ReadOptionalId(json, "handler_id");
  event.lease_token = ReadUuid(json, "lease_token");
  event.lease_expires_at = ReadTime(json, "lease_expires_at_ms");
  event.lease_count = ReadInt(json, "lease_count", 1);
  event.attempt_count = ReadInt(json, "attempt_count", 0);
  event.received_at = ReadTime(json, "received_at_ms");
  event.body = ReadBytes(json, "request_body_base64");
  event.headers = ReadTextMap(json, "request_headers");
  event.query = ReadTextMap(json, "query");
  event.resolved_values = ReadText(json, "resolved_values");
  event.semantics = ReadTextMap(json, "semantics");
  event.field_values = ReadText(json, "field_values");
  return event;
}

Probe ReadProbe(const Json& json) {
  Probe probe;
  probe.probe_uid = ReadUuid(json, "probe_uid");
  probe.kind = ReadOneOf(json, "kind", kProbeKinds);
  if (probe.kind == ProbeKind::kSend) {
    probe.delivery = ReadProbeDelivery(json);
    return probe;
  }
  probe.handler = ReadHandler(ReadObject(json, "handler"));
  for (const Json& sample : ReadList(json, "samples", kSamplesMax)) {
    probe.samples.push_back(ReadSample(sample));
  }
  return probe;
}

}  // namespace webhook::model
