// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/model/contract_parts.h"

namespace webhook::model {
namespace {

std::chrono::seconds ReadSeconds(const Json& json, const char* key, std::int64_t min) {
  return std::chrono::seconds(ReadWhole(json, key, min, kIntegerMax));
}

std::vector<std::chrono::seconds> ReadDelays(const Json& json) {
  std::vector<std::chrono::seconds> delays;
  for (const Json& delay : ReadList(json, "delays_seconds")) {
    delays.push_back(ReadSeconds({{"delays_seconds", delay}}, "delays_seconds", 0));
  }
  if (delays.empty()) throw Misfit("delays_seconds", "must not be empty");
  return delays;
}

RetryPolicy ReadRetryPolicy(const Json& json) {
  RetryPolicy policy;
  policy.id = ReadId(json, "id");
  policy.delays = ReadDelays(json);
  policy.attempts_max = ReadInt(json, "attempts_max", 1);
  policy.age_max = ReadSeconds(json, "age_max_seconds", 1);
  policy.jitter_percent = static_cast<int>(ReadWhole(json, "jitter_percent", 0, 100));
  policy.retry_after_max = ReadSeconds(json, "retry_after_max_seconds", 0);
  policy.retry_statuses = ReadOptionalText(json, "retry_statuses");
  policy.final_statuses = ReadOptionalText(json, "final_statuses");
  return policy;
}

template <typename T, typename Read>
std::map<RecordId, T> ReadById(const Json& list, Read read) {
  std::map<RecordId, T> records;
  for (const Json& item : list) {
    T record = read(item);
    records.emplace(record.id, std::move(record));
  }
  return records;
}

Configuration ReadConfiguration(const Json& json) {
  Configuration configuration;
  configuration.revision = ReadWhole(json, "revision", 0, std::numeric_limits<std::int64_t>::max());
  configuration.handlers = ReadById<Handler>(ReadList(json, "handlers"), ReadHandler);
  configuration.endpoints = ReadById<Endpoint>(ReadList(json, "endpoints"), ReadEndpoint);
  configuration.inbound_endpoints =
      ReadById<InboundEndpoint>(ReadList(json, "inbound_endpoints"), ReadInboundEndpoint);
  configuration.retry_policies =
      ReadById<RetryPolicy>(ReadList(json, "retry_policies"), ReadRetryPolicy);
  return configuration;
}

}  // namespace

std::string EncodeConfigurationRequest(const std::string& worker_uid,
                                       std::optional<std::int64_t> known_revision) {
  Json json = {{"worker_uid", worker_uid}};
  if (known_revision) json["known_revision"] = *known_revision;
  return Dump(json);
}

Decoded<ConfigurationAnswer> DecodeConfiguration(std::string_view text) {
  return DecodeWith("configuration", text, [](const Json& json) {
    ConfigurationAnswer answer;
    answer.envelope = ReadEnvelope(json);
    if (!ReadFlag(json, "unchanged")) {
      answer.configuration = ReadConfiguration(ReadObject(json, "configuration"));
    }
    return answer;
  });
}

}  // namespace webhook::model
