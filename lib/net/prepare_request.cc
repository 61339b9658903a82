// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/net/prepare_request.h"

#include <utility>

#include "lib/base/text.h"
#include "lib/net/request_text.h"

namespace webhook::net {
namespace {

using delivery::HttpRequest;
using delivery::TransportError;
using delivery::TransportErrorKind;

constexpr std::size_t kDetailBytesMax = 300;

TransportError Invalid(std::string_view detail) {
  return {TransportErrorKind::kRequestInvalid, base::PrintableText(detail, kDetailBytesMax), false};
}

}  // namespace

base::Result<Url, TransportError> ReadUrl(const HttpRequest& request,
                                          const TransportOptions& options) {
  const base::Result<Url, UrlProblem> url = ParseUrl(request.url);
  if (!url.ok()) return Invalid(Describe(url.error()));
  if (url.value().tls) return url.value();
  if (!options.plain_http_allowed) {
    return Invalid("plain http is not allowed: use https, or let the operator allow it");
  }
  if (request.tls != nullptr && !request.tls->certificate_pem.empty()) {
    return Invalid("a client certificate needs https");
  }
  return url.value();
}

TransportError AddressRefused(const Url& url, const AddressRefusal& refusal) {
  const std::string address = refusal.address.WithPort(url.port);
  const std::string where = url.address.has_value() ? address : address + " of " + url.host;
  const std::string detail = "the address " + where + " is refused: " + refusal.range;
  return {TransportErrorKind::kAddressRefused, base::PrintableText(detail, kDetailBytesMax), false};
}

std::string PreparedRequest::PoolKey() const {
  return url.Origin() + " tls " + std::to_string(tls->number()) +
         (proxy == nullptr ? " direct" : " tunnel");
}

base::Result<PreparedRequest, TransportError> PrepareRequest(const HttpRequest& request,
                                                             const TransportOptions& options,
                                                             TlsIdentities& identities,
                                                             const Proxy* proxy,
                                                             base::SteadyTime started_at) {
  base::Result<Url, TransportError> url = ReadUrl(request, options);
  if (!url.ok()) return std::move(url).error();
  base::Result<std::string, RequestProblem> bytes =
      WriteRequest(request, url.value(), options.request);
  if (!bytes.ok()) return Invalid(bytes.error().detail);
  const auto tls = identities.ClientOf(request.tls);
  if (!tls.ok()) return Invalid(tls.error());
  const bool tunnelled = proxy != nullptr && proxy->Serves(url.value());
  return PreparedRequest{std::move(url).value(),
                         std::move(bytes).value(),
                         request.method == "HEAD",
                         request.response_bytes_max,
                         request.timeout,
                         started_at + request.timeout,
                         tls.value(),
                         tunnelled ? proxy : nullptr};
}

}  // namespace webhook::net
