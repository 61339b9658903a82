// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/request_builder.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "lib/base/ascii.h"

namespace webhook::delivery {
namespace {

// Headers that belong to the connection, to the framing of the body or to us.
constexpr std::array<std::string_view, 16> kReservedHeaders = {"connection",
                                                               "content-length",
                                                               "expect",
                                                               "host",
                                                               "idempotency-key",
                                                               "keep-alive",
                                                               "proxy-authorization",
                                                               "proxy-connection",
                                                               "te",
                                                               "trailer",
                                                               "transfer-encoding",
                                                               "upgrade",
                                                               "user-agent",
                                                               "webhook-id",
                                                               "webhook-signature",
                                                               "webhook-timestamp"};

bool IsReserved(const std::string& lower_name) {
  return std::find(kReservedHeaders.begin(), kReservedHeaders.end(), lower_name) !=
         kReservedHeaders.end();
}

HttpHeaders OwnHeaders(const model::Delivery& delivery, base::WallTime now,
                       const std::string& user_agent) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  return {{"User-Agent", user_agent},
          {"webhook-id", delivery.delivery_uid},
          {"webhook-timestamp", std::to_string(seconds)},
          {"Idempotency-Key", delivery.delivery_uid}};
}

}  // namespace

const std::string& TargetPath(const model::Endpoint& endpoint, const model::Delivery& delivery) {
  return delivery.target_path.empty() ? endpoint.target_path : delivery.target_path;
}

base::Result<HttpRequest, model::DeadLetter> BuildRequest(const model::Endpoint& endpoint,
                                                          const model::Delivery& delivery,
                                                          base::WallTime now,
                                                          const RequestOptions& options) {
  HttpRequest request;
  request.method = base::AsciiUpper(delivery.http_method);
  request.url = endpoint.target_hostname + TargetPath(endpoint, delivery);
  request.headers = OwnHeaders(delivery, now, options.user_agent);
  bool has_content_type = false;
  for (const auto& [name, value] : delivery.request_headers) {
    const std::string lower = base::AsciiLower(name);
    if (IsReserved(lower)) {
      return model::DeadLetter{model::FailureReason::kRequestInvalid,
                               fmt::format("the header {} cannot be set by a delivery", lower)};
    }
    has_content_type = has_content_type || lower == "content-type";
    request.headers.emplace_back(name, value);
  }
  if (!has_content_type) request.headers.emplace_back("Content-Type", "application/json");
  request.body = delivery.payload;
  request.timeout = endpoint.timeout;
  request.response_bytes_max = options.response_bytes_max;
  return request;
}

}  // namespace webhook::delivery
