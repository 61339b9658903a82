// SPDX-License-Identifier: LGPL-3.0-or-later
// What the suite runs against: the fake in all three protocols and, when the environment names one,
// a real server (an Odoo with the addon webhook_worker_test, or the Odoo double) in all three and
// by auto-detection:
//
//     WEBHOOK_TEST_ODOO_URL  WEBHOOK_TEST_ODOO_DB  WEBHOOK_TEST_ODOO_LOGIN  WEBHOOK_TEST_ODOO_KEY
#pragma once

#include <string>
#include <vector>

#include "lib/base/clock.h"
#include "rpc/connection.h"
#include "tests/conformance/rpc/fake_odoo.h"

namespace webhook::rpc {

struct Target {
  std::string name;  // "fake json2", "given xmlrpc"
  ConnectionOptions options;
};

ConnectionOptions OptionsFor(const FakeOdoo& fake, std::optional<ProtocolKind> protocol);

std::vector<Target> AllTargets(const FakeOdoo& fake);

// Precondition: the URL is good.
std::unique_ptr<Connection> Connect(const ConnectionOptions& options, const base::Clock& clock);

// A generous time for a call that should succeed.
inline constexpr base::Milliseconds kPatience{60'000};

// The answer's text, or the kind and the detail.
std::string Shown(const delivery::RpcReply& reply);

}  // namespace webhook::rpc
