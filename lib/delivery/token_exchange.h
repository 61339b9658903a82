// SPDX-License-Identifier: LGPL-3.0-or-later
// The two messages of the client credentials grant (RFC 6749, sections 2.3.1, 4.4 and 5; the
// audience as in RFC 8693): the request for an access token, and what its reply says. Pure, total.
#pragma once

#include <chrono>
#include <string>

#include "lib/base/result.h"
#include "lib/base/secret.h"
#include "lib/delivery/ports/http_transport.h"
#include "lib/model/endpoint.h"

namespace webhook::delivery {

inline constexpr std::size_t kTokenReplyBytesMax = 64U << 10;
inline constexpr std::size_t kAccessTokenBytesMax = 8U << 10;

// Everything but timeout and identity.
HttpRequest MakeTokenRequest(const model::Auth& auth, const base::Secret& client_secret,
                             const std::string& user_agent);

struct AccessToken {
  base::Secret token;
  std::chrono::seconds lifetime;  // from the moment it was asked for
};

// The error is a sentence that quotes nothing but the status and a code of RFC 6749: whatever else
// is in the reply may be a secret.
base::Result<AccessToken, std::string> ReadTokenReply(const HttpReply& reply);

}  // namespace webhook::delivery
