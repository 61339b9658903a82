// SPDX-License-Identifier: LGPL-3.0-or-later
// Headers that neither a delivery nor a rule may set. Pure.
//
// - The connection's and the body's framing: host, content-length, transfer-encoding, connection,
//   keep-alive, proxy-…, te, trailer, upgrade, expect, http2-settings, content-encoding.
// - Ours: user-agent, webhook-id, webhook-timestamp, webhook-signature, webhook-test,
//   idempotency-key.
// - What turns a request to a cloud's own services into one that they obey: x-amz-…, x-aws-…,
//   x-goog-…, x-google-…, x-azure-…, metadata, metadata-flavor.
//
// Allowed on purpose: Authorization and Cookie, which receivers without an authentication of ours
// need (they are never shown, and the endpoint's own authentication replaces them); Content-Type;
// Accept and Accept-Encoding.
#pragma once

#include <string_view>

namespace webhook::delivery {

// Whether a delivery or a rule may; in any case of letters.
bool MaySetHeader(std::string_view name);

}  // namespace webhook::delivery
