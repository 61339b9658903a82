// SPDX-License-Identifier: LGPL-3.0-or-later
// The Odoo double: an in-memory state machine of the contract (schema/contract/README.md), for
// tests, simulation and the demo. One thread; the same calls on the same clock give the same
// answers.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/clock.h"
#include "lib/base/result.h"
#include "lib/delivery/ports/odoo_client.h"
#include "rpc/embedded/shapes.h"
#include "rpc/embedded/state.h"

namespace webhook::embedded {

struct QueueOptions {
  std::string identity_key = {};  // not empty: one delivery per endpoint and key
  Headers headers = {};
  std::string lane = {};
  int priority = 2;
  std::string http_method = "post";
};

class EmbeddedOdoo {
 public:
  // A database nobody said hello to yet, with one retry policy of id 1. The clock outlives it.
  explicit EmbeddedOdoo(const base::Clock& clock, std::uint64_t seed = 1);

  // Calls the method as a user of the Worker group. A request that does not fit its schema is
  // kRejected, and so is a settle in a database that is held; there is no other fault.
  base::Result<std::string, delivery::RpcFault> Handle(delivery::ContractMethod method,
                                                       std::string_view request_json);

  // What administrators and business code do. A record with the id of an existing one replaces it;
  // id 0 takes the next free one. Each grows the configuration revision. Returns the id.
  std::int64_t AddRetryPolicy(RetryPolicy policy);
  std::int64_t AddHandler(Handler handler);
  std::int64_t AddEndpoint(Endpoint endpoint);

  // Due at once. `payload` is UTF-8. Returns the id, that of the existing delivery when the
  // identity key is taken. Precondition: the endpoint exists.
  std::int64_t QueueDelivery(std::int64_t endpoint_id, std::string payload,
                             const QueueOptions& options = {});

  // A person's change by hand: cancel, reprocess, move a time. Precondition: it exists.
  Delivery& EditDelivery(std::int64_t id);

  void SetNeutralized(bool neutralized) { db_.neutralized = neutralized; }
  // As after createdb -T: unconfirmed until a hello confirms it.
  void ChangeFingerprint();
  // Lower than before: an older copy.
  void SetSettlementNumber(std::int64_t number) { db_.settlement_number = number; }

  const std::vector<Delivery>& deliveries() const { return db_.deliveries; }
  const std::vector<Attempt>& attempts() const { return db_.attempts; }
  const std::map<std::int64_t, Endpoint>& endpoints() const { return db_.endpoints; }
  const std::string& fingerprint() const { return db_.fingerprint; }
  std::map<std::string, std::int64_t> CountByState() const;

 private:
  const base::Clock& clock_;
  Shapes shapes_;
  Database db_;
};

// The name that Odoo knows the method by, and null-safe back: nullopt for a name that is none.
std::string_view MethodName(delivery::ContractMethod method);
std::optional<delivery::ContractMethod> MethodOfName(std::string_view name);

}  // namespace webhook::embedded
