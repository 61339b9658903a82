// SPDX-License-Identifier: LGPL-3.0-or-later
// The settings of TLS clients, as OpenSSL keeps them: TLS 1.2 or newer, the peer's certificate
// always verified. A context is fit for many connections on any thread once it is built.
#pragma once

#include <memory>
#include <string>

#include "lib/base/result.h"
#include "lib/delivery/ports/tls_identity.h"

struct ssl_ctx_st;

namespace webhook::net {

struct SslContextDeleter {
  void operator()(ssl_ctx_st* context) const;
};
using SslContext = std::unique_ptr<ssl_ctx_st, SslContextDeleter>;

// Of the certificates, the key and the authorities of one identity, each.
inline constexpr std::size_t kPemBytesMax = std::size_t{1} << 20;
inline constexpr std::size_t kPemCertificatesMax = 1000;

// `ca_file`: PEM certificates to trust instead of the system's; empty for the system's. Throws
// std::runtime_error when they cannot be loaded.
SslContext NewUsualContext(const std::string& ca_file);

// Shows the identity's certificates, and trusts its authorities, or those of `usual` when it names
// none. An authority of an identity may be any certificate on the way, also an intermediate one or
// the receiver's own. The error is a sentence that says what of the identity is wrong, without a
// byte of it.
base::Result<SslContext, std::string> NewIdentityContext(const delivery::TlsIdentity& identity,
                                                         ssl_ctx_st* usual);

// The newest error of the calling thread in OpenSSL's queue, which is empty afterwards.
std::string QueuedTlsError();

}  // namespace webhook::net
