// SPDX-License-Identifier: LGPL-3.0-or-later
// The secrets that an endpoint's present settings use, outbound or inbound, opened. One that is not
// used, or has expired, is not opened at all.
#pragma once

#include <optional>
#include <vector>

#include "lib/base/time.h"
#include "lib/delivery/compiled_endpoint.h"
#include "lib/delivery/endpoint_findings.h"
#include "lib/delivery/ports/secret_opener.h"
#include "lib/model/endpoint.h"

namespace webhook::delivery {

class EndpointSecrets {
 public:
  // Borrows.
  EndpointSecrets(const std::vector<model::SecretEntry>& entries, SecretOpener& opener,
                  base::WallTime now, EndpointFindings& findings)
      : entries_(entries), opener_(opener), now_(now), findings_(findings) {}

  struct Opened {
    base::Secret secret;
    FindingPlace place;
    std::optional<base::WallTime> expires_at = std::nullopt;
  };

  // Whether one of the purpose has not expired.
  bool Has(model::SecretPurpose purpose) const { return !ValidOnes(purpose).empty(); }

  // The newest of the purpose. Nothing, and told as a problem of `field` when there is none, of the
  // secret when it cannot be opened.
  std::optional<Opened> Newest(model::SecretPurpose purpose, std::string_view field);

  // Of signatures: all that are valid now, the newest first: one that is not being replaced, then
  // those that expire last. Nothing when one cannot be opened.
  std::optional<std::vector<OpenedSecret>> Signing();

 private:
  std::vector<const model::SecretEntry*> ValidOnes(model::SecretPurpose purpose) const;
  std::optional<Opened> Open(const model::SecretEntry& entry);

  const std::vector<model::SecretEntry>& entries_;
  SecretOpener& opener_;
  const base::WallTime now_;
  EndpointFindings& findings_;
};

}  // namespace webhook::delivery
