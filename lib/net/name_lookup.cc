// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/net/name_lookup.h"

#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>

#include <algorithm>
#include <memory>

#include "lib/net/socket_address.h"

namespace webhook::net {
namespace {

struct AddressListDeleter {
  void operator()(addrinfo* list) const { freeaddrinfo(list); }
};
using AddressList = std::unique_ptr<addrinfo, AddressListDeleter>;

// getaddrinfo cannot be interrupted, so its patience is cut: the default is ten seconds a server.
// The resolver's state belongs to the thread, and glibc keeps what an application set in it.
void LimitPatience() {
  thread_local const bool limited = [] {
    if (res_init() != 0) return false;
    _res.retrans = 2;  // seconds
    _res.retry = 2;
    return true;
  }();
  static_cast<void>(limited);
}

LookupError ErrorOf(int code) {
  const bool name_is_unknown = code == EAI_NONAME || code == EAI_NODATA || code == EAI_FAIL;
  return {!name_is_unknown, gai_strerror(code)};
}

}  // namespace

LookupResult SystemNameLookup::Lookup(const std::string& host) {
  LimitPatience();
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* raw = nullptr;
  const int code = getaddrinfo(host.c_str(), nullptr, &hints, &raw);
  const AddressList list(raw);
  if (code != 0) return ErrorOf(code);
  std::vector<IpAddress> addresses;
  for (const addrinfo* entry = list.get(); entry != nullptr; entry = entry->ai_next) {
    const std::optional<IpAddress> address = AddressOf(entry->ai_addr);
    if (!address.has_value()) continue;
    if (std::find(addresses.begin(), addresses.end(), *address) == addresses.end()) {
      addresses.push_back(*address);
    }
  }
  if (addresses.empty()) return LookupError{false, "no address"};
  return addresses;
}

}  // namespace webhook::net
