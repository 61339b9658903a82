// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/net/request_head.h"

#include <algorithm>
#include <charconv>

#include "lib/base/ascii.h"
#include "lib/base/http_header.h"
#include "lib/net/ip_address.h"

namespace webhook::net {
namespace {

constexpr int kBadRequest = 400;
constexpr int kContentTooLarge = 413;
constexpr int kUriTooLong = 414;
constexpr int kExpectationFailed = 417;
constexpr int kNotImplemented = 501;
constexpr int kVersionNotSupported = 505;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool AreDigits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), IsDigit);
}

std::string_view Trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// Origin form only (RFC 9112, 3.2.1): we are no proxy. A fragment is never sent.
bool IsTarget(std::string_view text) {
  return text.starts_with('/') && std::all_of(text.begin(), text.end(), [](char c) {
           return c > 0x20 && c < 0x7f && c != '#';
         });
}

bool IsHostName(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    const char lower = base::AsciiLower(c);
    return (lower >= 'a' && lower <= 'z') || IsDigit(c) || c == '.' || c == '-' || c == '_';
  });
}

bool IsPort(std::string_view text) {
  std::uint16_t port = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, port);
  return error == std::errc() && stop == end;
}

bool IsBracketedAddress(std::string_view text) {
  if (text.size() < 2 || text.front() != '[' || text.back() != ']') return false;
  const std::optional<IpAddress> address = IpAddress::Parse(text.substr(1, text.size() - 2));
  return address.has_value() && !address->is_v4();
}

bool ListHasToken(std::string_view list, std::string_view token) {
  while (true) {
    const std::size_t comma = list.find(',');
    if (base::EqualsIgnoringCase(Trim(list.substr(0, comma)), token)) return true;
    if (comma == std::string_view::npos) return false;
    list.remove_prefix(comma + 1);
  }
}

struct Found {
  std::size_t count = 0;
  std::string_view last;
};

Found Find(const delivery::HttpHeaders& headers, std::string_view lower_name) {
  Found found;
  for (const auto& [name, value] : headers) {
    if (base::EqualsIgnoringCase(name, lower_name)) ++found.count, found.last = value;
  }
  return found;
}

}  // namespace

std::optional<std::pair<std::string_view, std::string_view>> ReadHeaderLine(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::string_view name = line.substr(0, colon);
  if (!base::IsHeaderName(name)) return std::nullopt;
  return std::pair(name, Trim(line.substr(colon + 1)));
}

bool IsHostValue(std::string_view text) {
  const std::size_t bracket = text.rfind(']');
  const std::size_t colon = text.find(':', bracket == std::string_view::npos ? 0 : bracket);
  const std::string_view host = text.substr(0, colon);
  if (colon != std::string_view::npos && !IsPort(text.substr(colon + 1))) return false;
  return IsHostName(host) || IsBracketedAddress(host);
}

Refusal RequestHead::OnRequestLine(std::string_view line, std::size_t target_bytes_max) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return kBadRequest;
  const std::string_view method = line.substr(0, first);
  const std::string_view target = line.substr(first + 1, last - first - 1);
  if (!base::IsHeaderName(method)) return kBadRequest;
  method_ = method;
  if (Refusal refusal = ReadVersion(line.substr(last + 1))) return refusal;
  if (target.size() > target_bytes_max) return kUriTooLong;
  if (!IsTarget(target)) return kBadRequest;
  target_ = target;
  return std::nullopt;
}

Refusal RequestHead::ReadVersion(std::string_view version) {
  if (version.size() != 8 || !version.starts_with("HTTP/") || version[6] != '.' ||
      !IsDigit(version[5]) || !IsDigit(version[7])) {
    return kBadRequest;
  }
  if (version[5] != '1') return kVersionNotSupported;
  is_1_0_ = version[7] == '0';
  return std::nullopt;
}

Refusal RequestHead::OnHeader(std::string_view line) {
  const auto header = ReadHeaderLine(line);
  if (!header.has_value()) return kBadRequest;
  headers_.emplace_back(header->first, header->second);
  return std::nullopt;
}

Refusal RequestHead::OnEnd() {
  if (Refusal refusal = ReadHost()) return refusal;
  if (Refusal refusal = ReadFraming()) return refusal;
  if (Refusal refusal = ReadExpectation()) return refusal;
  keeps_alive_ = !is_1_0_ && std::none_of(headers_.begin(), headers_.end(), [](const auto& header) {
    return base::EqualsIgnoringCase(header.first, "connection") &&
           ListHasToken(header.second, "close");
  });
  return std::nullopt;
}

Refusal RequestHead::ReadHost() {
  const Found host = Find(headers_, "host");
  if (host.count == 0 && is_1_0_) return std::nullopt;
  if (host.count != 1 || !IsHostValue(host.last)) return kBadRequest;
  host_ = host.last;
  return std::nullopt;
}

// RFC 9112, 6.3, without its tolerance.
Refusal RequestHead::ReadFraming() {
  const Found coding = Find(headers_, "transfer-encoding");
  const Found length = Find(headers_, "content-length");
  if (coding.count + length.count > 1) return kBadRequest;
  if (length.count == 1) return ReadLength(length.last);
  if (coding.count == 0) return std::nullopt;
  if (is_1_0_) return kBadRequest;
  if (!base::EqualsIgnoringCase(coding.last, "chunked")) return kNotImplemented;
  is_chunked_ = true;
  return std::nullopt;
}

Refusal RequestHead::ReadLength(std::string_view value) {
  constexpr std::size_t kDigitsMax = 18;
  if (!AreDigits(value)) return kBadRequest;
  if (value.size() > kDigitsMax) return kContentTooLarge;
  std::from_chars(value.data(), value.data() + value.size(), body_bytes_);
  return std::nullopt;
}

Refusal RequestHead::ReadExpectation() {
  const Found expect = Find(headers_, "expect");
  if (expect.count == 0 || is_1_0_) return std::nullopt;
  if (expect.count != 1 || !base::EqualsIgnoringCase(expect.last, "100-continue")) {
    return kExpectationFailed;
  }
  wants_continue_ = is_chunked_ || body_bytes_ > 0;
  return std::nullopt;
}

}  // namespace webhook::net
