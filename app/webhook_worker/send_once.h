// SPDX-License-Identifier: LGPL-3.0-or-later
// One request to an address that the operator himself has named, blocking, for the commands that
// ask and end.
#pragma once

#include <string>

#include "lib/base/clock.h"
#include "lib/delivery/ports/http_transport.h"

namespace webhook::app {

// The transport's rules are those of receivers but for the one address: it may be internal, and
// plain HTTP where the URL says so. No proxy. `ca_file` empty: the system's certificates.
delivery::HttpResult SendOnce(delivery::HttpRequest request, const std::string& ca_file,
                              const base::Clock& clock);

}  // namespace webhook::app
