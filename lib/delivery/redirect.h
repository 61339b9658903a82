// SPDX-License-Identifier: LGPL-3.0-or-later
// The next request after a reply that redirects: same method, same body, never from https to http,
// no credentials to another origin. Pure, total.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "lib/base/result.h"
#include "lib/delivery/ports/http_transport.h"

namespace webhook::delivery {

inline constexpr int kRedirectsMax = 5;  // whatever an endpoint says

// The reply stays what it is.
struct NotFollowed {
  std::string why;  // empty: it does not redirect, or this endpoint follows none
};

struct RedirectPolicy {
  int redirects_max = 0;  // of the endpoint
  int followed = 0;       // before this one
  // Headers that must not reach another origin, besides Authorization and Cookie.
  std::function<bool(std::string_view name)> is_credential;
};

// 301, 302, 307 and 308 are followed as they came: a webhook that turned into a GET would be lost
// without a trace, so 303, which asks for that, is not followed. Credentials that were dropped for
// another origin do not come back when that one redirects to ours; the client identity is dropped
// with them. The signature stays: it proves nothing but the content.
base::Result<HttpRequest, NotFollowed> FollowRedirect(HttpRequest sent, const HttpReply& reply,
                                                      const RedirectPolicy& policy);

}  // namespace webhook::delivery
