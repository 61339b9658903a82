// SPDX-License-Identifier: LGPL-3.0-or-later
// What `webhook-worker check` says: from what Odoo answered, or did not, to findings that an
// operator can act on. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/time.h"
#include "lib/config/config.h"
#include "lib/delivery/ports/odoo_client.h"

namespace webhook::config {

enum class Severity {
  kError,    // nothing is delivered until it is repaired
  kWarning,  // the worker works; somebody should look
};

struct Finding {
  Severity severity;
  std::string what;        // one sentence
  std::string where;       // the setting or place to look at
  std::string what_to_do;  // one or two sentences
};

using Findings = std::vector<Finding>;

// The answer to `hello`, decoded.
struct HelloFacts {
  bool compatible = true;
  std::string incompatible_message;
  std::string addon_version;
  std::string odoo_version;
  std::optional<base::WallTime> key_expires_at;
  bool neutralized = false;
  std::string fingerprint;
  bool fingerprint_confirmed = true;
  std::int64_t settlement_number = 0;
  base::WallTime server_time;
  // What Odoo allows; 0: it does not say.
  int claim_batch_max = 0;
  int settle_batch_max = 0;
  int lease_seconds_max = 0;
  int calls_in_flight_max = 0;
  std::string sealing_key_fingerprint = {};  // of the confirmed key; empty: none is
};

// What the worker knows by itself.
struct LocalFacts {
  base::WallTime now;             // when the answer arrived
  base::Milliseconds round_trip;  // of the call
  std::string known_fingerprint;  // from the journal; empty: none yet
  std::int64_t known_settlement_number = 0;
  std::string key_fingerprint = {};  // of secrets.key_file; empty: none
};

// Why there is no answer.
Finding ExplainFault(const delivery::RpcFault& fault, const Config& config);

// What is wrong although there is an answer, the worst first; empty: nothing.
Findings ExplainHello(const HelloFacts& hello, const LocalFacts& local, const Config& config);

// One line about the key of sealed secrets: whether there is one, and whether Odoo seals to it.
std::string SealingKeyText(const HelloFacts& hello, const LocalFacts& local);

// Three lines: "error: what", "  where: …", "  do: …".
std::string FindingText(const Finding& finding);

}  // namespace webhook::config
