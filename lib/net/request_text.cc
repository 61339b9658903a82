// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/net/request_text.h"

#include <algorithm>
#include <array>
#include <optional>

#include "lib/base/ascii.h"
#include "lib/base/http_header.h"
#include "lib/base/text.h"

namespace webhook::net {
namespace {

constexpr std::size_t kShownBytesMax = 60;

constexpr std::array<std::string_view, 10> kReserved = {
    "connection",        "content-length", "expect", "host",    "keep-alive",
    "transfer-encoding", "upgrade",        "te",     "trailer", "http2-settings"};

bool IsValueCharacter(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte == '\t' || (byte >= 0x20 && byte != 0x7f);
}

std::optional<std::string> WhyMethodRefused(const std::string& method) {
  if (!IsToken(method) || method != base::AsciiUpper(method)) {
    return "the method is not an upper-case token";
  }
  // CONNECT opens a tunnel; TRACE sends our own headers back into a stored reply.
  if (method == "CONNECT" || method == "TRACE") return "the method " + method + " is not allowed";
  return std::nullopt;
}

std::optional<std::string> WhyHeaderRefused(const std::string& name, const std::string& value) {
  if (!IsToken(name)) return "a header name is not a token: " + base::PrintableText(name, 60);
  const std::string shown = base::PrintableText(name, kShownBytesMax);
  if (IsReservedHeader(name)) return "the header " + shown + " is set by the worker only";
  if (!IsHeaderValue(value))
    return "the value of the header " + shown + " holds a control character";
  return std::nullopt;
}

std::optional<std::string> WhyHeadersRefused(const delivery::HttpHeaders& headers,
                                             const RequestLimits& limits) {
  if (headers.size() > limits.header_count_max) {
    return "the request has more than " + std::to_string(limits.header_count_max) + " headers";
  }
  std::size_t bytes = 0;
  for (const auto& [name, value] : headers) {
    if (auto why = WhyHeaderRefused(name, value)) return why;
    bytes += name.size() + value.size();
  }
  if (bytes > limits.header_bytes_max) {
    return "the headers of the request are longer than " + std::to_string(limits.header_bytes_max) +
           " bytes";
  }
  return std::nullopt;
}

std::optional<std::string> WhyRefused(const delivery::HttpRequest& request,
                                      const RequestLimits& limits) {
  if (auto why = WhyMethodRefused(request.method)) return why;
  if (auto why = WhyHeadersRefused(request.headers, limits)) return why;
  if (request.body.size() > limits.body_bytes_max) {
    return "the body of the request is longer than " + std::to_string(limits.body_bytes_max) +
           " bytes";
  }
  return std::nullopt;
}

// RFC 9110, 8.6: a method that expects a body says so even when it is empty.
bool SaysContentLength(const delivery::HttpRequest& request) {
  return !request.body.empty() || request.method == "POST" || request.method == "PUT" ||
         request.method == "PATCH";
}

bool Has(const delivery::HttpHeaders& headers, std::string_view name) {
  return std::any_of(headers.begin(), headers.end(), [&](const auto& header) {
    return base::EqualsIgnoringCase(header.first, name);
  });
}

void AppendHeader(std::string& text, std::string_view name, std::string_view value) {
  text.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace

bool IsToken(std::string_view text) { return base::IsHeaderName(text); }

bool IsHeaderValue(std::string_view text) {
  return std::all_of(text.begin(), text.end(), IsValueCharacter);
}

bool IsReservedHeader(std::string_view name) {
  const std::string lower = base::AsciiLower(name);
  return lower.starts_with("proxy-") ||
         std::find(kReserved.begin(), kReserved.end(), lower) != kReserved.end();
}

base::Result<std::string, RequestProblem> WriteRequest(const delivery::HttpRequest& request,
                                                       const Url& url,
                                                       const RequestLimits& limits) {
  if (auto why = WhyRefused(request, limits)) return RequestProblem{*std::move(why)};
  std::string text;
  text.reserve(512 + url.target.size() + request.body.size());
  text.append(request.method).append(" ").append(url.target).append(" HTTP/1.1\r\n");
  AppendHeader(text, "Host", url.Authority());
  for (const auto& [name, value] : request.headers) AppendHeader(text, name, value);
  if (!Has(request.headers, "Accept-Encoding")) AppendHeader(text, "Accept-Encoding", "identity");
  if (SaysContentLength(request)) {
    AppendHeader(text, "Content-Length", std::to_string(request.body.size()));
  }
  text.append("\r\n").append(request.body);
  return text;
}

}  // namespace webhook::net
