// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/inbound/request.h"

#include <algorithm>

#include "lib/base/ascii.h"
#include "lib/rules/form_body.h"
#include "lib/signing/hash.h"

namespace webhook::inbound {
namespace {

// Far more than a server reads of a request line.
constexpr std::size_t kQueryParametersMax = 1000;

std::string_view QueryOf(std::string_view url) {
  url = url.substr(0, url.find('#'));
  const std::size_t mark = url.find('?');
  return mark == std::string_view::npos ? std::string_view() : url.substr(mark + 1);
}

std::string_view Trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::string_view Unquoted(std::string_view text) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return text;
  return text.substr(1, text.size() - 2);
}

}  // namespace

Request::Request(RequestParts parts) : parts_(std::move(parts)) {
  for (const auto& [name, value] : parts_.headers) headers_[base::AsciiLower(name)] = value;
  auto pairs = rules::ParseForm(QueryOf(parts_.url), kQueryParametersMax);
  if (!pairs) return;
  for (auto& [name, value] : *pairs) query_[std::move(name)] = std::move(value);
}

std::optional<std::string_view> Request::Header(std::string_view name) const {
  const auto found = headers_.find(base::AsciiLower(name));
  if (found == headers_.end()) return std::nullopt;
  return found->second;
}

std::vector<std::string> Request::HeaderParameters(std::string_view name,
                                                   std::string_view parameter) const {
  std::vector<std::string> values;
  std::string_view rest = Header(name).value_or("");
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find_first_of(",;"), rest.size());
    const std::string_view token = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const std::size_t equals = token.find('=');
    if (equals == std::string_view::npos) continue;
    if (!base::EqualsIgnoringCase(Trimmed(token.substr(0, equals)), parameter)) continue;
    values.emplace_back(Unquoted(Trimmed(token.substr(equals + 1))));
  }
  return values;
}

const rules::BodyValue& Request::payload() const {
  if (!payload_) payload_ = rules::ReadBody(Header("content-type").value_or(""), parts_.body);
  return *payload_;
}

const std::string& Request::body_sha256() const {
  if (body_sha256_.empty()) {
    body_sha256_ = signing::EncodeHex(signing::HashBytes(signing::Digest::kSha256, parts_.body));
  }
  return body_sha256_;
}

}  // namespace webhook::inbound
