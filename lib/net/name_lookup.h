// SPDX-License-Identifier: LGPL-3.0-or-later
// Seam: asks the system for the addresses of a name. Tests answer from a table.
#pragma once

#include <string>
#include <vector>

#include "lib/base/result.h"
#include "lib/net/ip_address.h"

namespace webhook::net {

struct LookupError {
  bool is_ours;        // our resolver is in trouble; otherwise the name does not exist
  std::string detail;  // the end of a sentence
};

using LookupResult = base::Result<std::vector<IpAddress>, LookupError>;

class NameLookup {
 public:
  virtual ~NameLookup() = default;

  // Blocks. Several threads at once. Not empty when it succeeds; in the order of preference.
  virtual LookupResult Lookup(const std::string& host) = 0;
};

// getaddrinfo: hosts file, DNS, whatever the machine is set up for. With the C library's own DNS
// client one question takes at most two tries of two seconds per server.
class SystemNameLookup final : public NameLookup {
 public:
  LookupResult Lookup(const std::string& host) override;
};

}  // namespace webhook::net
