// SPDX-License-Identifier: LGPL-3.0-or-later
// Whether certificates that an administrator entered can be used at all, said before a handshake
// fails on them. Each answer is one sentence without secrets, or nothing: no problem. Any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "lib/base/secret.h"
#include "lib/base/time.h"

namespace webhook::signing {

// The client's certificate comes first, its chain after it. It must be valid now, strong enough for
// TLS, and of the key, which must not be encrypted.
std::optional<std::string> CheckClientCertificate(std::string_view certificate_pem,
                                                  const base::Secret& key_pem, base::WallTime now);

// Authorities to trust: all can be read, and one at least is valid now.
std::optional<std::string> CheckAuthorities(std::string_view ca_pem, base::WallTime now);

}  // namespace webhook::signing
