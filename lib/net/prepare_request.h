// SPDX-License-Identifier: LGPL-3.0-or-later
// From the request of a caller to one that can be sent, or to what forbids it: before a name is
// asked for and a place is taken.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "lib/base/result.h"
#include "lib/base/time.h"
#include "lib/delivery/ports/http_transport.h"
#include "lib/net/address_guard.h"
#include "lib/net/proxy.h"
#include "lib/net/tls_client.h"
#include "lib/net/tls_identities.h"
#include "lib/net/transport_options.h"
#include "lib/net/url.h"

namespace webhook::net {

// A request that can be sent: checked and written.
struct PreparedRequest {
  Url url;
  std::string bytes;
  bool is_head;  // the method is HEAD
  std::size_t response_bytes_max;
  base::Milliseconds timeout;
  base::SteadyTime deadline;
  std::shared_ptr<const TlsClient> tls;
  const Proxy* proxy;  // null: dialled directly

  // Equal for requests that may follow each other on a connection: the same origin, the same
  // certificate and authorities, the same way there.
  std::string PoolKey() const;
};

// The URL of the request, if it may be dialled as far as its text tells. The error is
// kRequestInvalid.
base::Result<Url, delivery::TransportError> ReadUrl(const delivery::HttpRequest& request,
                                                    const TransportOptions& options);

// kAddressRefused, in a sentence that names the address and its range.
delivery::TransportError AddressRefused(const Url& url, const AddressRefusal& refusal);

// `proxy`: null when there is none. Every error is kRequestInvalid.
base::Result<PreparedRequest, delivery::TransportError> PrepareRequest(
    const delivery::HttpRequest& request, const TransportOptions& options,
    TlsIdentities& identities, const Proxy* proxy, base::SteadyTime started_at);

}  // namespace webhook::net
