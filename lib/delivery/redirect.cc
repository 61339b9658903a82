// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/redirect.h"

#include <algorithm>

#include "lib/base/ascii.h"
#include "lib/delivery/url_reference.h"

namespace webhook::delivery {
namespace {

bool IsFollowedStatus(int status) {
  return status == 301 || status == 302 || status == 307 || status == 308;
}

// Null when there is none, or more than one.
const std::string* OnlyLocation(const HttpHeaders& headers) {
  const std::string* location = nullptr;
  for (const auto& [name, value] : headers) {
    if (!base::EqualsIgnoringCase(name, "location")) continue;
    if (location != nullptr) return nullptr;
    location = &value;
  }
  return location;
}

// Why this is no place to go to; empty when it is one.
std::string Refusal(const UrlReference& from, const UrlReference& to) {
  if (to.scheme != "https" && to.scheme != "http") return "its scheme is neither https nor http";
  if (from.scheme == "https" && to.scheme == "http") return "it leads from https to http";
  if (!to.authority || to.authority->empty()) return "it names no host";
  if (to.authority->find('@') != std::string::npos) return "it has a user name or password in it";
  return "";
}

void DropCredentials(const RedirectPolicy& policy, HttpRequest& request) {
  std::erase_if(request.headers, [&](const auto& header) {
    return base::EqualsIgnoringCase(header.first, "authorization") ||
           base::EqualsIgnoringCase(header.first, "cookie") ||
           (policy.is_credential && policy.is_credential(header.first));
  });
  request.tls = nullptr;
}

}  // namespace

base::Result<HttpRequest, NotFollowed> FollowRedirect(HttpRequest sent, const HttpReply& reply,
                                                      const RedirectPolicy& policy) {
  const int redirects_max = std::min(policy.redirects_max, kRedirectsMax);
  if (redirects_max <= 0 || reply.status_code < 300 || reply.status_code > 399) {
    return NotFollowed{};
  }
  const std::string start = "the redirect was not followed: ";
  if (!IsFollowedStatus(reply.status_code)) {
    return NotFollowed{start + "only 301, 302, 307 and 308 keep method and body"};
  }
  if (policy.followed >= redirects_max) {
    return NotFollowed{start + "there were " + std::to_string(policy.followed) + " before it"};
  }
  const std::string* location = OnlyLocation(reply.headers);
  if (location == nullptr) return NotFollowed{start + "it does not have one Location header"};
  const auto from = ReadReference(sent.url);
  const auto reference = ReadReference(*location);
  if (!from || !reference || location->empty()) {
    return NotFollowed{start + "its Location is not a URL"};
  }
  const std::string url = ResolveReference(*from, *reference);
  const auto to = ReadReference(url);
  if (!to) return NotFollowed{start + "its Location is too long"};
  if (std::string refusal = Refusal(*from, *to); !refusal.empty()) {
    return NotFollowed{start + refusal};
  }
  if (OriginOf(url) != OriginOf(sent.url)) DropCredentials(policy, sent);
  sent.url = url;
  return sent;
}

}  // namespace webhook::delivery
