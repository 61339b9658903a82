// SPDX-License-Identifier: LGPL-3.0-or-later
// What signing computes, from the configuration's words for it. Pure.
#pragma once

#include "lib/model/endpoint.h"
#include "lib/signing/hmac.h"

namespace webhook::delivery {

constexpr signing::Digest DigestOf(model::SignatureDigest digest) {
  switch (digest) {
    case model::SignatureDigest::kSha1:
      return signing::Digest::kSha1;
    case model::SignatureDigest::kSha256:
      return signing::Digest::kSha256;
    case model::SignatureDigest::kSha512:
      return signing::Digest::kSha512;
  }
  return signing::Digest::kSha256;
}

constexpr signing::Encoding EncodingOf(model::SignatureEncoding encoding) {
  return encoding == model::SignatureEncoding::kBase64 ? signing::Encoding::kBase64
                                                       : signing::Encoding::kHex;
}

}  // namespace webhook::delivery
