// SPDX-License-Identifier: LGPL-3.0-or-later
// The authentication of an endpoint: that its settings are complete, its secret, and the header
// that carries it. Pure.
#pragma once

#include <string>
#include <vector>

#include "lib/base/secret.h"
#include "lib/delivery/endpoint_findings.h"
#include "lib/delivery/endpoint_secrets.h"
#include "lib/model/endpoint.h"

namespace webhook::delivery {

// Empty when there is no authentication, or when something is wrong with it: told as findings.
base::Secret OpenCredential(const model::Endpoint& endpoint, EndpointSecrets& secrets,
                            EndpointFindings& findings);

// "Authorization", the API key's own; empty: no authentication.
std::string CredentialHeader(const model::Auth& auth);

// The header's value; of OAuth2 there is none without an access token.
base::Secret CredentialValue(const model::Auth& auth, const base::Secret& credential);

// Every text of the authentication that must never be shown: the secret, and what is made of it.
std::vector<base::Secret> CredentialTexts(const model::Auth& auth, const base::Secret& credential);

}  // namespace webhook::delivery
