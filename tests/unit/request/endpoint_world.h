// SPDX-License-Identifier: LGPL-3.0-or-later
// An endpoint that can be sent to, its secrets and its policy, easy to break.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "lib/delivery/compiled_endpoint.h"
#include "tests/fakes/fake_secrets.h"

namespace webhook::delivery {

inline model::Source SourceOf(model::SourceKind kind, std::string expression) {
  return {kind, std::move(expression), "", false};
}
inline model::Source Literal(std::string text) {
  return {model::SourceKind::kLiteral, "", std::move(text), false};
}
inline model::Source JsonLiteral(std::string json) {
  return {model::SourceKind::kLiteral, "", std::move(json), true};
}
inline model::Source TemplateOf(std::string text) {
  return SourceOf(model::SourceKind::kTemplate, std::move(text));
}

struct EndpointWorld {
  EndpointWorld() {
    endpoint.id = 3;
    endpoint.target_hostname = "https://example.com";
    endpoint.target_path = "/hooks";
    endpoint.retry_policy_id = 1;
    policy.id = 1;
  }

  // Kept as file:<clear>, which opens to the clear text.
  model::RecordId AddSecret(model::SecretPurpose purpose, const std::string& clear,
                            std::optional<base::WallTime> expires_at = std::nullopt) {
    const auto id = static_cast<model::RecordId>(100 + endpoint.secrets.size());
    endpoint.secrets.push_back({id, purpose, "file:" + clear, expires_at});
    secrets.values["file:" + clear] = clear;
    return id;
  }

  void AddHeaderRule(std::string name, model::Source source) {
    endpoint.header_rules.push_back({++last_id, std::move(name), std::move(source)});
  }
  void AddPayloadRule(std::string path, model::Source source) {
    endpoint.payload_rules.push_back({++last_id, std::move(path), std::move(source)});
  }
  void AddContextLine(std::string key, model::Source source) {
    endpoint.context_lines.push_back({++last_id, std::move(key), std::move(source)});
  }

  CompiledEndpoint Compiled() { return CompileEndpoint(endpoint, &policy, secrets, now); }

  model::Endpoint endpoint;
  model::RetryPolicy policy;
  fakes::FakeSecrets secrets;
  base::WallTime now = base::FromUnixMs(1767225600000);
  model::RecordId last_id = 0;
};

}  // namespace webhook::delivery
