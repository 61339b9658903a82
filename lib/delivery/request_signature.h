// SPDX-License-Identifier: LGPL-3.0-or-later
// The signature headers of one attempt: Standard Webhooks 1.0.0 (v1, v1a), or an HMAC as GitHub,
// Stripe, Shopify, Slack and others spell it. Pure; any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "lib/base/secret.h"
#include "lib/base/time.h"
#include "lib/delivery/ports/http_transport.h"
#include "lib/model/endpoint.h"

namespace webhook::delivery {

// What is signed: exactly what is sent. Borrows.
struct RequestToSign {
  std::string_view webhook_id;
  std::string_view method;  // upper case
  std::string_view url;
  const HttpHeaders& headers;  // those that are there before the signature
  std::string_view body;
};

// What is wrong with the settings, each a sentence with the field's name ("signature_header_name",
// …) before it; empty: nothing.
struct SignatureProblem {
  std::string field;
  std::string message;
};
std::vector<SignatureProblem> CheckSignature(const model::Signature& signature,
                                             std::span<const base::Secret> secrets);

// `secrets`: those that are valid now, newest first. The error is a sentence for a dead letter.
base::Result<HttpHeaders, std::string> SignRequest(const model::Signature& signature,
                                                   std::span<const base::Secret> secrets,
                                                   const RequestToSign& request,
                                                   base::WallTime now);

}  // namespace webhook::delivery
