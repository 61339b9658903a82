// SPDX-License-Identifier: LGPL-3.0-or-later
#include "tests/conformance/rpc/targets.h"

#include <cstdlib>
#include <stdexcept>

namespace webhook::rpc {
namespace {

constexpr ProtocolKind kKinds[] = {ProtocolKind::kJson2, ProtocolKind::kJsonRpc,
                                   ProtocolKind::kXmlRpc};

std::string Environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// A half-given environment is a mistake that must not pass as "nothing to run".
ConnectionOptions GivenOptions() {
  ConnectionOptions options;
  options.url = Environment("WEBHOOK_TEST_ODOO_URL");
  options.database = Environment("WEBHOOK_TEST_ODOO_DB");
  options.login = Environment("WEBHOOK_TEST_ODOO_LOGIN");
  const std::string key = Environment("WEBHOOK_TEST_ODOO_KEY");
  options.key = [key] { return base::Secret(key); };
  if (!options.url.empty() && (options.database.empty() || options.login.empty() || key.empty())) {
    throw std::runtime_error("WEBHOOK_TEST_ODOO_URL needs _DB, _LOGIN and _KEY");
  }
  return options;
}

}  // namespace

ConnectionOptions OptionsFor(const FakeOdoo& fake, std::optional<ProtocolKind> protocol) {
  ConnectionOptions options;
  options.url = fake.url();
  options.database = FakeOdoo::kDatabase;
  options.login = FakeOdoo::kLogin;
  options.key = [] { return base::Secret(FakeOdoo::kKey); };
  options.protocol = protocol;
  return options;
}

std::vector<Target> AllTargets(const FakeOdoo& fake) {
  std::vector<Target> targets;
  for (const ProtocolKind kind : kKinds) {
    targets.push_back({"fake " + std::string(ProtocolName(kind)), OptionsFor(fake, kind)});
  }
  ConnectionOptions given = GivenOptions();
  if (given.url.empty()) return targets;
  targets.push_back({"given, detected", given});
  for (const ProtocolKind kind : kKinds) {
    given.protocol = kind;
    targets.push_back({"given " + std::string(ProtocolName(kind)), given});
  }
  return targets;
}

std::unique_ptr<Connection> Connect(const ConnectionOptions& options, const base::Clock& clock) {
  const auto url = ParseServerUrl(options.url);
  if (!url.ok()) throw std::runtime_error(url.error());
  return std::make_unique<Connection>(url.value(), options, clock);
}

std::string Shown(const delivery::RpcReply& reply) {
  if (reply.ok()) return reply.value().substr(0, 200);
  return "fault " + std::to_string(static_cast<int>(reply.error().kind)) + ": " +
         reply.error().detail;
}

}  // namespace webhook::rpc
