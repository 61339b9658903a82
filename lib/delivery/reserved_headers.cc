// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/reserved_headers.h"

#include <algorithm>
#include <array>
#include <string>

#include "lib/base/ascii.h"

namespace webhook::delivery {
namespace {

constexpr std::array<std::string_view, 19> kNames = {
    "connection",
    "content-encoding",
    "content-length",
    "expect",
    "host",
    "http2-settings",
    "idempotency-key",
    "keep-alive",
    "metadata",
    "metadata-flavor",
    "te",
    "trailer",
    "upgrade",
    "transfer-encoding",
    "user-agent",
    "webhook-id",
    "webhook-test",
    "webhook-signature",
    "webhook-timestamp",
};

constexpr std::array<std::string_view, 6> kPrefixes = {"proxy-",  "x-amz-",    "x-aws-",
                                                       "x-goog-", "x-google-", "x-azure-"};

}  // namespace

bool MaySetHeader(std::string_view name) {
  const std::string lower = base::AsciiLower(name);
  return std::find(kNames.begin(), kNames.end(), lower) == kNames.end() &&
         std::none_of(kPrefixes.begin(), kPrefixes.end(),
                      [&](std::string_view prefix) { return lower.starts_with(prefix); });
}

}  // namespace webhook::delivery
