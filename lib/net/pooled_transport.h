// SPDX-License-Identifier: LGPL-3.0-or-later
// The production HttpTransport: HTTP/1.1 over pooled keep-alive connections, driven by a few
// threads with a poller each. Start here; the way of a request is
//
//   Send ─▶ TransportLoop ─▶ PrepareRequest: ParseUrl, WriteRequest, TlsIdentities ─▶
//   ConnectionPool, or Resolver, AddressGuard, Connection::Dial, ProxyDialogue, TlsClient ─▶
//   ReplyParser ─▶ done on the strand
//
// What it promises beyond the port:
// - The timeout is total and exact, whatever the peer drips: it is a timer, not a socket option.
// - A request is written to at most one connection. The one exception: a pooled connection that the
//   receiver had ended before it received a byte of it (see Exchange::PeerSawNothing).
// - Addresses are judged in binary just before they are dialled, also literal ones; the name is
//   resolved once and stays in Host, SNI and the certificate check.
// - A proxy only from TransportOptions, whatever the environment says. Its faults are kOurTrouble
//   with "the proxy …" in front; what it could not reach is kConnect.
// - A connection that showed a client certificate, or was checked against an identity's own
//   authorities, is used for that identity only.
// - No redirects, no cookies, no decompression, no Expect: they do not exist here. A caller that
//   follows a redirect sends a new request, which is judged like the first.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "lib/base/clock.h"
#include "lib/base/strand.h"
#include "lib/delivery/ports/http_transport.h"
#include "lib/net/address_guard.h"
#include "lib/net/name_lookup.h"
#include "lib/net/proxy.h"
#include "lib/net/resolver.h"
#include "lib/net/tls_identities.h"
#include "lib/net/transport_loop.h"
#include "lib/net/transport_options.h"

namespace webhook::net {

class PooledTransport final : public delivery::HttpTransport {
 public:
  // The clock, the strand and the lookup outlive it. Throws std::runtime_error when the trusted
  // certificates cannot be loaded, or the proxy's options cannot be used.
  PooledTransport(const TransportOptions& options, const base::Clock& clock, base::Strand& strand,
                  NameLookup& lookup);

  // Cancels what is under way; every `done` has been posted when it returns. Waits for questions to
  // the resolver, which cannot be interrupted.
  ~PooledTransport() override;

  void Send(delivery::HttpRequest request, std::function<void(delivery::HttpResult)> done) override;
  std::optional<delivery::TransportError> WhyRefused(const std::string& url) const override;
  void CancelAll() override;

 private:
  const TransportOptions options_of_loop_;
  const base::Clock& clock_;
  const AddressGuard guard_;
  TlsIdentities identities_;
  const std::optional<Proxy> proxy_;
  Resolver resolver_;
  std::vector<std::unique_ptr<TransportLoop>> loops_;
  std::size_t next_loop_ = 0;
};

}  // namespace webhook::net
