// SPDX-License-Identifier: LGPL-3.0-or-later
// Who we are and whom we trust on connections of one endpoint. Immutable; shared by the endpoint's
// requests. Connections are never shared between two identities.
#pragma once

#include <string>

#include "lib/base/secret.h"

namespace webhook::delivery {

struct TlsIdentity {
  std::string id;               // the same for the same certificates and key; holds no secret
  std::string certificate_pem;  // the client's, with its chain; empty: none is shown
  base::Secret key_pem;
  std::string ca_pem;  // authorities to trust; empty: the transport's
};

}  // namespace webhook::delivery
