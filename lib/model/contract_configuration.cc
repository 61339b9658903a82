// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/model/contract_json.h"

namespace webhook::model {
namespace {

using Seconds = std::chrono::seconds;

Seconds ReadSeconds(const Json& json) { return Seconds(json.get<std::int64_t>()); }

ExecutionMode ReadExecutionMode(const Json& json) {
  const auto text = json.get<std::string>();
  if (text == "native") return ExecutionMode::kNative;
  if (text == "python") return ExecutionMode::kPython;
  return ExecutionMode::kModelDriven;
}

Handler ReadHandler(const Json& json) {
  Handler handler;
  handler.id = json.at("id").get<RecordId>();
  handler.code = json.at("code").get<std::string>();
  handler.execution_mode = ReadExecutionMode(json.at("execution_mode"));
  handler.active = json.at("active").get<bool>();
  return handler;
}

Endpoint ReadEndpoint(const Json& json) {
  Endpoint endpoint;
  endpoint.id = json.at("id").get<RecordId>();
  endpoint.code = json.at("code").get<std::string>();
  endpoint.active = json.at("state").get<std::string>() == "active";
  endpoint.held_reason = ReadText(json, "held_reason");
  if (json.contains("handler_id")) endpoint.handler_id = json.at("handler_id").get<RecordId>();
  endpoint.target_hostname = json.at("target_hostname").get<std::string>();
  endpoint.target_path = json.at("target_path").get<std::string>();
  endpoint.timeout = ReadSeconds(json.at("timeout_seconds"));
  endpoint.retry_policy_id = json.at("retry_policy_id").get<RecordId>();
  endpoint.concurrency_max = json.at("concurrency_max").get<int>();
  endpoint.capture_request = json.at("capture_request").get<bool>();
  endpoint.capture_response = json.at("capture_response").get<bool>();
  endpoint.capture_bytes_max = json.at("capture_bytes_max").get<std::size_t>();
  return endpoint;
}

RetryPolicy ReadRetryPolicy(const Json& json) {
  RetryPolicy policy;
  policy.id = json.at("id").get<RecordId>();
  for (const Json& delay : json.at("delays_seconds")) policy.delays.push_back(ReadSeconds(delay));
  policy.attempts_max = json.at("attempts_max").get<int>();
  policy.age_max = ReadSeconds(json.at("age_max_seconds"));
  policy.jitter_percent = json.at("jitter_percent").get<int>();
  policy.retry_after_max = ReadSeconds(json.at("retry_after_max_seconds"));
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
  configuration.revision = json.at("revision").get<std::int64_t>();
  configuration.handlers = ReadById<Handler>(json.at("handlers"), ReadHandler);
  configuration.endpoints = ReadById<Endpoint>(json.at("endpoints"), ReadEndpoint);
  configuration.retry_policies = ReadById<RetryPolicy>(json.at("retry_policies"), ReadRetryPolicy);
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
    if (!json.at("unchanged").get<bool>()) {
      answer.configuration = ReadConfiguration(json.at("configuration"));
    }
    return answer;
  });
}

}  // namespace webhook::model
