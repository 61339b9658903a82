// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/request_builder.h"

#include <fmt/format.h>

#include <optional>
#include <string_view>

#include "lib/base/ascii.h"
#include "lib/base/http_header.h"
#include "lib/base/text.h"
#include "lib/delivery/endpoint_credential.h"
#include "lib/delivery/request_body.h"
#include "lib/delivery/request_signature.h"
#include "lib/delivery/reserved_headers.h"
#include "lib/delivery/url_template.h"
#include "lib/rules/request_changes.h"

namespace webhook::delivery {
namespace {

using model::DeadLetter;

constexpr std::size_t kShownBytesMax = 80;

DeadLetter Invalid(std::string message) {
  return {model::FailureReason::kRequestInvalid, std::move(message)};
}

void SetHeader(HttpHeaders& headers, std::string_view name, const std::string& value) {
  std::erase_if(headers,
                [&](const auto& header) { return base::EqualsIgnoringCase(header.first, name); });
  headers.emplace_back(name, value);
}

base::Result<std::string, DeadLetter> TargetUrl(const model::Endpoint& endpoint,
                                                const model::Delivery& delivery,
                                                const RequestBody& body) {
  model::Value context = model::Value::ObjectOf({});
  auto given = model::ParseJson(delivery.context_values);
  if (given.ok() && given.value().object() != nullptr) context = std::move(given).value();
  const auto path = RenderPath(TargetPath(endpoint, delivery), context);
  if (!path.ok()) return Invalid("target_path: " + path.error().message);
  std::string url = WithQuery(endpoint.target_hostname + path.value(), body.query);
  if (url.size() > kUrlBytesMax) {
    return Invalid(fmt::format("{}: the URL becomes longer than {} bytes",
                               body.query.empty() ? "target_path" : "payload", kUrlBytesMax));
  }
  return url;
}

HttpHeaders OwnHeaders(const model::Delivery& delivery, base::WallTime now,
                       const std::string& user_agent) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  return {{"User-Agent", user_agent},
          {"webhook-id", delivery.delivery_uid},
          {"webhook-timestamp", std::to_string(seconds)},
          {"Idempotency-Key", delivery.delivery_uid}};
}

// Empty: it may be sent.
std::string WhyNotSent(const std::string& name, const std::string& value) {
  const std::string shown = base::PrintableText(base::AsciiLower(name), kShownBytesMax);
  if (!base::IsHeaderName(name))
    return fmt::format("request_headers: {} is no name of a header", shown);
  if (!MaySetHeader(name)) {
    return fmt::format("request_headers: the header {} cannot be set by a delivery", shown);
  }
  if (base::IsHeaderValue(value) && value.size() <= rules::kHeaderValueBytesMax) return {};
  return fmt::format(
      "request_headers: the value of the header {} is not in one line of at most {} bytes, without "
      "blanks around it",
      shown, rules::kHeaderValueBytesMax);
}

// What the endpoint itself sets later: a delivery's own is not sent then.
bool IsOfEndpoint(const model::Endpoint& endpoint, std::string_view name) {
  if (base::EqualsIgnoringCase(name, CredentialHeader(endpoint.auth))) return true;
  if (endpoint.signature.mode != model::SignatureMode::kHmac) return false;
  return base::EqualsIgnoringCase(name, endpoint.signature.header_name) ||
         base::EqualsIgnoringCase(name, endpoint.signature.timestamp_header_name);
}

std::string ContentType(const model::Endpoint& endpoint, const model::Delivery& delivery,
                        const RequestBody& body) {
  const bool is_of_mode = body.content_type_is_fixed || delivery.content_frozen;
  return is_of_mode || endpoint.content_type.empty() ? body.content_type : endpoint.content_type;
}

base::Result<HttpHeaders, DeadLetter> HeadersToSign(const model::Endpoint& endpoint,
                                                    const model::Delivery& delivery,
                                                    const RequestBody& body, base::WallTime now,
                                                    const std::string& user_agent) {
  HttpHeaders headers = OwnHeaders(delivery, now, user_agent);
  if (delivery.request_headers.size() > rules::kHeadersMax) {
    return Invalid(fmt::format("request_headers: there are more than {}", rules::kHeadersMax));
  }
  bool has_content_type = false;
  for (const auto& [name, value] : delivery.request_headers) {
    if (std::string why = WhyNotSent(name, value); !why.empty()) return Invalid(why);
    if (IsOfEndpoint(endpoint, name)) continue;
    const bool is_content_type = base::EqualsIgnoringCase(name, "content-type");
    if (is_content_type && body.content_type_is_fixed) continue;
    has_content_type = has_content_type || is_content_type;
    headers.emplace_back(name, value);
  }
  if (body.is_sent && !has_content_type) {
    headers.emplace_back("Content-Type", ContentType(endpoint, delivery, body));
  }
  return headers;
}

// Nothing, or why the request cannot be signed.
std::optional<std::string> Sign(const model::Endpoint& endpoint, const CompiledEndpoint& compiled,
                                const model::Delivery& delivery, base::WallTime now,
                                HttpRequest& request) {
  if (endpoint.signature.mode == model::SignatureMode::kNone) return std::nullopt;
  std::vector<base::Secret> valid;
  for (const OpenedSecret& opened : compiled.signing_secrets) {
    if (!opened.expires_at || now < *opened.expires_at) valid.push_back(opened.secret);
  }
  const RequestToSign to_sign{delivery.delivery_uid, request.method, request.url, request.headers,
                              request.body};
  const auto signature = SignRequest(endpoint.signature, valid, to_sign, now);
  if (!signature.ok()) return signature.error();
  for (const auto& [name, value] : signature.value()) SetHeader(request.headers, name, value);
  return std::nullopt;
}

}  // namespace

const std::string& TargetPath(const model::Endpoint& endpoint, const model::Delivery& delivery) {
  return delivery.target_path.empty() ? endpoint.target_path : delivery.target_path;
}

base::Result<HttpRequest, DeadLetter> BuildRequest(const model::Endpoint& endpoint,
                                                   const CompiledEndpoint& compiled,
                                                   const model::Delivery& delivery,
                                                   base::WallTime now,
                                                   const RequestOptions& options) {
  if (!compiled.problem.empty()) return Invalid(compiled.problem);
  auto body = MakeRequestBody(delivery);
  if (!body.ok()) return Invalid(body.error());
  auto url = TargetUrl(endpoint, delivery, body.value());
  if (!url.ok()) return url.error();
  auto headers = HeadersToSign(endpoint, delivery, body.value(), now, options.user_agent);
  if (!headers.ok()) return headers.error();
  HttpRequest request;
  request.method = base::AsciiUpper(delivery.http_method);
  request.url = std::move(url).value();
  request.headers = std::move(headers).value();
  request.body = std::move(body.value().bytes);
  request.timeout = endpoint.timeout;
  request.response_bytes_max = options.response_bytes_max;
  request.tls = compiled.tls;
  if (auto why = Sign(endpoint, compiled, delivery, now, request)) return Invalid(*std::move(why));
  const base::Secret credential = CredentialValue(endpoint.auth, compiled.credential);
  if (!credential.empty()) {
    SetHeader(request.headers, CredentialHeader(endpoint.auth), credential.Reveal());
  }
  return request;
}

void Authorize(const base::Secret& access_token, HttpRequest& request) {
  SetHeader(request.headers, "Authorization", "Bearer " + access_token.Reveal());
}

}  // namespace webhook::delivery
