// SPDX-License-Identifier: LGPL-3.0-or-later
// What it takes to reach one database of one Odoo server.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "lib/base/secret.h"
#include "lib/base/time.h"

namespace webhook::rpc {

enum class ProtocolKind { kJson2, kJsonRpc, kXmlRpc };

// As configuration files and logs spell it: json2, jsonrpc, xmlrpc.
std::string_view ProtocolName(ProtocolKind kind);

struct ConnectionOptions {
  std::string url;       // http or https, optionally with a port and a base path
  std::string database;  // may be empty on a server with one database
  std::string login;     // of the key's user; JSON-2 does without
  // The API key. Asked for at the first call and again when Odoo refuses the key, so that a changed
  // key file is picked up. Called on the thread of the call; must not throw: no key is an empty
  // one.
  std::function<base::Secret()> key;
  std::string ca_file;                   // PEM; empty: the system's certificates
  std::optional<ProtocolKind> protocol;  // none: ask the server (detect.h)
  base::Milliseconds connect_timeout{10'000};
  std::size_t response_bytes_max = std::size_t{64} << 20;
};

}  // namespace webhook::rpc
