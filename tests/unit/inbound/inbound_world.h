// SPDX-License-Identifier: LGPL-3.0-or-later
// One inbound endpoint and one request for it, to be changed line by line and then judged.
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <variant>

#include "lib/inbound/compiled_inbound.h"
#include "lib/inbound/judge.h"
#include "lib/inbound/request.h"
#include "tests/fakes/fake_secrets.h"

namespace webhook::inbound {

using model::ValueSource;
using model::ValueSourceKind;
using model::VerifiedPartKind;

constexpr std::string_view kUid = "01936f2e-0000-7000-8000-000000000001";
constexpr std::string_view kJsonType = "application/json";
constexpr std::string_view kFormType = "application/x-www-form-urlencoded";

inline constexpr std::int64_t kNowSeconds = 1'700'000'000;

struct InboundWorld {
  InboundWorld() {
    endpoint.id = 7;
    endpoint.path = "shop";
    endpoint.active = true;
    endpoint.delivery_identity = model::DeliveryIdentity::kBodySha256;
    parts.method = "POST";
    parts.url = "https://hooks.example.com/webhooks/in/shop";
    parts.remote_address = "192.0.2.7";
    parts.received_at = now;
  }

  // As one tier of one line, unless told otherwise.
  ValueSource& AddSource(std::string key, ValueSourceKind kind, std::string expression,
                         std::string parameter = "") {
    ValueSource source;
    source.id = next_id++;
    source.key = std::move(key);
    source.kind = kind;
    source.expression = std::move(expression);
    source.parameter = std::move(parameter);
    endpoint.sources.push_back(source);
    return endpoint.sources.back();
  }

  void Bind(std::string semantic, std::string key) {
    endpoint.bindings.push_back({next_id++, std::move(semantic), std::move(key)});
  }

  model::VerifiedPart& AddPart(VerifiedPartKind kind, std::string expression = "",
                               std::string parameter = "") {
    endpoint.verification.parts.push_back(
        {next_id++, kind, std::move(expression), std::move(parameter), true});
    return endpoint.verification.parts.back();
  }

  void AddSecret(model::SecretPurpose purpose, std::string value,
                 std::optional<base::WallTime> expires_at = std::nullopt) {
    const std::string stored = "env:SECRET_" + std::to_string(next_id);
    secrets.values[stored] = std::move(value);
    endpoint.secrets.push_back({next_id++, purpose, stored, expires_at});
  }

  // HMAC of the body in the header X-Signature; no limits of age.
  void SignWith(std::string secret) {
    endpoint.verification.mode = model::VerificationMode::kHmac;
    endpoint.verification.age_max = endpoint.verification.future_skew_max = {};
    AddSource("signature", ValueSourceKind::kHeader, "X-Signature");
    Bind("signature", "signature");
    AddSecret(model::SecretPurpose::kSigning, std::move(secret));
  }

  void SetHeader(std::string name, std::string value) {
    parts.headers.emplace_back(std::move(name), std::move(value));
  }
  void SetBody(std::string_view content_type, std::string body) {
    SetHeader("Content-Type", std::string(content_type));
    parts.body = std::move(body);
  }

  CompiledInbound Compiled() { return CompileInbound(endpoint, secrets, now); }
  Judgement Judged() {
    const Request request(parts);
    return Judge(Compiled(), request, std::string(kUid), now);
  }

  // "accepted", "challenged", or the category: reason.
  std::string Verdict() {
    const Judgement judgement = Judged();
    if (std::holds_alternative<Accepted>(judgement)) return "accepted";
    if (const auto* challenged = std::get_if<Challenged>(&judgement)) {
      return "challenged " + challenged->body;
    }
    return std::string(Spelling(std::get<Rejected>(judgement).category));
  }

  // Of an accepted or rejected one.
  model::IngestedEvent Event() {
    const Judgement judgement = Judged();
    if (const auto* accepted = std::get_if<Accepted>(&judgement)) return accepted->event;
    const auto* rejected = std::get_if<Rejected>(&judgement);
    return rejected == nullptr ? model::IngestedEvent() : rejected->event;
  }

  model::InboundEndpoint endpoint;
  fakes::FakeSecrets secrets;
  RequestParts parts;
  base::WallTime now{std::chrono::seconds(kNowSeconds)};
  model::RecordId next_id = 1;
};

}  // namespace webhook::inbound
