// SPDX-License-Identifier: LGPL-3.0-or-later
// One endpoint, and a transport that answers when it is told to.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lib/delivery/outbound_call.h"
#include "tests/unit/delivery/engine_world.h"

namespace webhook::delivery {

inline HttpReply ReplyOf(int status, std::string body = "", HttpHeaders headers = {}) {
  return {status, std::move(headers), std::move(body), false};
}

inline HttpReply TokenReply(const std::string& token, int expires_in = 3600) {
  return ReplyOf(200, R"({"access_token":")" + token + R"(","token_type":"Bearer","expires_in":)" +
                          std::to_string(expires_in) + "}");
}

inline std::string HeaderOf(const HttpRequest& request, std::string_view name) {
  for (const auto& [key, value] : request.headers) {
    if (key == name) return value;
  }
  return "(none)";
}

struct OutboundWorld : EngineWorld {
  OutboundWorld() {
    endpoint.id = 1;
    endpoint.code = "orders";
    endpoint.active = true;
    endpoint.target_hostname = "https://example.com";
    endpoint.target_path = "/hook";
    endpoint.timeout = seconds(30);
    endpoint.retry_policy_id = 1;
    secrets.values["sealed:1:client"] = kClientSecret;
  }

  // As an administrator sets it: client credentials.
  void UseOauth2() {
    endpoint.auth.mode = model::AuthMode::kOauth2ClientCredentials;
    endpoint.auth.token_url = "https://login.example/token";
    endpoint.auth.client_id = "worker";
    endpoint.secrets = {{11, model::SecretPurpose::kOauth2ClientSecret, "sealed:1:client", {}}};
  }
  void SetClientSecret(const std::string& clear) {
    const std::string value = "sealed:1:" + std::to_string(secrets.values.size());
    secrets.values[value] = clear;
    endpoint.secrets.at(0).value = value;
  }

  // Of the endpoint as it is now.
  HandlerBookPtr Book() {
    auto configuration = std::make_shared<model::Configuration>();
    configuration->revision = 1;
    configuration->endpoints[endpoint.id] = endpoint;
    model::RetryPolicy policy;
    policy.id = 1;
    policy.delays = {seconds(5)};
    configuration->retry_policies[1] = policy;
    for (const model::Handler& handler : handlers) configuration->handlers[handler.id] = handler;
    return MakeHandlerBook(std::move(configuration), {}, secrets, clock.Now());
  }

  // The oldest request under way.
  const HttpRequest& Asked() const {
    REQUIRE_FALSE(transport.under_way.empty());
    return transport.under_way.front().request;
  }
  void Reply(HttpResult result) {
    REQUIRE_FALSE(transport.under_way.empty());
    auto sent = std::move(transport.under_way.front());
    transport.under_way.pop_front();
    sent.done(std::move(result));
    strand.RunReady();
  }

  static inline const std::string kClientSecret = "s3cr3t/of the+client";

  model::Endpoint endpoint;
  std::vector<model::Handler> handlers;
};

}  // namespace webhook::delivery
