// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/net/pooled_transport.h"

#include <algorithm>
#include <utility>

#include "lib/base/assert.h"
#include "lib/net/prepare_request.h"

namespace webhook::net {
namespace {

// Each loop gets its share of the idle connections. Not of the requests: slow receivers may gather
// on one loop, and a share would make the others on it wait while there is room elsewhere.
TransportOptions OptionsOfLoop(TransportOptions options) {
  WEBHOOK_ASSERT(options.io_threads > 0 && options.requests_in_flight_max > 0);
  const auto share = [&](std::size_t whole) {
    return (whole + options.io_threads - 1) / options.io_threads;
  };
  options.pool.idle_max = share(options.pool.idle_max);
  options.pool.idle_per_origin_max = share(options.pool.idle_per_origin_max);
  return options;
}

}  // namespace

PooledTransport::PooledTransport(const TransportOptions& options, const base::Clock& clock,
                                 base::Strand& strand, NameLookup& lookup)
    : options_of_loop_(OptionsOfLoop(options)),
      clock_(clock),
      guard_(options.allow),
      identities_(options.ca_file, options.tls_identities_max),
      proxy_(options.proxy.has_value() ? std::optional<Proxy>(*options.proxy) : std::nullopt),
      resolver_(lookup, clock, options.resolver_threads_max) {
  const Proxy* proxy = proxy_.has_value() ? &*proxy_ : nullptr;
  const TransportShared shared{options_of_loop_, clock_, strand,   guard_,
                               identities_,      proxy,  resolver_};
  for (std::size_t i = 0; i < options.io_threads; ++i) {
    loops_.push_back(std::make_unique<TransportLoop>(shared));
  }
}

// The loops stop first, so that nobody waits for a slow name server to hear of the end; they are
// destroyed after the resolver's threads, which still post to their inboxes.
PooledTransport::~PooledTransport() {
  for (const std::unique_ptr<TransportLoop>& loop : loops_) loop->Stop();
  resolver_.Stop();
}

void PooledTransport::Send(delivery::HttpRequest request,
                           std::function<void(delivery::HttpResult)> done) {
  TransportLoop& loop = *loops_[next_loop_++ % loops_.size()];
  loop.Send(std::move(request), std::move(done), clock_.SteadyNow());
}

std::optional<delivery::TransportError> PooledTransport::WhyRefused(const std::string& url) const {
  delivery::HttpRequest request;
  request.url = url;
  const base::Result<Url, delivery::TransportError> read = ReadUrl(request, options_of_loop_);
  if (!read.ok()) return read.error();
  if (!read.value().address.has_value()) return std::nullopt;
  const auto checked = guard_.Check(*read.value().address, read.value().port);
  if (checked.ok()) return std::nullopt;
  return AddressRefused(read.value(), checked.error());
}

void PooledTransport::CancelAll() {
  for (const std::unique_ptr<TransportLoop>& loop : loops_) loop->CancelAll();
}

}  // namespace webhook::net
