// SPDX-License-Identifier: LGPL-3.0-or-later
#include "app/webhook_worker/send_once.h"

#include <optional>
#include <utility>

#include "lib/base/assert.h"
#include "lib/net/event_loop.h"
#include "lib/net/name_lookup.h"
#include "lib/net/pooled_transport.h"

namespace webhook::app {

delivery::HttpResult SendOnce(delivery::HttpRequest request, const std::string& ca_file,
                              const base::Clock& clock) {
  net::TransportOptions options;
  // The transport sends this request and no other, and follows no redirect: the operator's own URL
  // is all that it can reach.
  for (const char* network : {"0.0.0.0/0", "::/0"}) {
    options.allow.push_back(*net::ParseAllowRule(network));
  }
  options.plain_http_allowed = request.url.starts_with("http://");
  options.ca_file = ca_file;
  options.io_threads = 1;
  net::EventLoop loop(clock);
  net::SystemNameLookup lookup;
  net::PooledTransport transport(options, clock, loop, lookup);
  std::optional<delivery::HttpResult> result;
  loop.Post([&] {
    transport.Send(std::move(request), [&](delivery::HttpResult answer) {
      result = std::move(answer);
      loop.Stop();
    });
  });
  loop.Run();
  WEBHOOK_ASSERT(result.has_value());
  return *std::move(result);
}

}  // namespace webhook::app
