// SPDX-License-Identifier: LGPL-3.0-or-later
// The address of an Odoo server as people write it, taken apart (RFC 3986, the parts that make
// sense here). Pure.
#pragma once

#include <string>
#include <string_view>

#include "lib/base/result.h"

namespace webhook::rpc {

struct ServerUrl {
  bool tls;
  std::string host;  // a name or an address; IPv6 without its brackets
  int port;
  std::string base_path;  // "" or "/odoo": no slash at the end
};

// The error is a sentence that says what is wrong with it.
base::Result<ServerUrl, std::string> ParseServerUrl(std::string_view text);

// base_path + path; `path` starts with a slash.
std::string JoinPath(const ServerUrl& url, std::string_view path);

// host:port, for messages.
std::string HostAndPort(const ServerUrl& url);

}  // namespace webhook::rpc
