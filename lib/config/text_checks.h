// SPDX-License-Identifier: LGPL-3.0-or-later
// Checks of single text values. Each returns what is wrong, or nothing. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "lib/config/config_error.h"

namespace webhook::config {

using TextCheck = std::optional<Complaint> (*)(std::string_view value);

std::optional<Complaint> CheckAny(std::string_view value);       // no control characters
std::optional<Complaint> CheckNotEmpty(std::string_view value);  // and no control characters
std::optional<Complaint> CheckOdooUrl(std::string_view value);
std::optional<Complaint> CheckWorkerName(std::string_view value);
std::optional<Complaint> CheckJournal(std::string_view value);
std::optional<Complaint> CheckLibrary(std::string_view value);
std::optional<Complaint> CheckWakeAddress(std::string_view value);
std::optional<Complaint> CheckListenAddress(std::string_view value);
std::optional<Complaint> CheckPlainNetwork(std::string_view value);  // one without ports
std::optional<Complaint> CheckPublicUrl(std::string_view value);
std::optional<Complaint> CheckUserAgentSuffix(std::string_view value);
std::optional<Complaint> CheckProxy(std::string_view value);
std::optional<Complaint> CheckProxyUser(std::string_view value);
std::optional<Complaint> CheckProxyBypass(std::string_view value);
std::optional<Complaint> CheckVariablePrefix(std::string_view value);
std::optional<Complaint> CheckDirectory(std::string_view value);
std::optional<Complaint> CheckApiKey(std::string_view value);  // never cites the value

// Host and port of a URL that passed CheckProxy, the host without brackets.
struct ProxyAddress {
  std::string_view host;
  std::uint16_t port = 0;
};
ProxyAddress SplitProxy(std::string_view proxy);

// About a URL that passed CheckOdooUrl: whether it is plain HTTP to another machine, and whether
// something follows the host.
bool SendsKeyInClear(std::string_view odoo_url);
bool HasPath(std::string_view odoo_url);

// About a value that passed CheckListenAddress and is not empty: whether only this machine reaches
// it.
bool IsLoopbackAddress(std::string_view listen);

}  // namespace webhook::config
