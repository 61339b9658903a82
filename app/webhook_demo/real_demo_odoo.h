// SPDX-License-Identifier: LGPL-3.0-or-later
// A real Odoo with the addon, used as its administrator over JSON-2. The names of models, fields
// and methods are in the .cc only.
#pragma once

#include <map>
#include <string>

#include "app/webhook_demo/demo_odoo.h"
#include "app/webhook_demo/env_file.h"
#include "app/webhook_demo/odoo_session.h"
#include "lib/base/clock.h"

namespace webhook::demo {

class RealDemoOdoo final : public DemoOdoo {
 public:
  // `env` has ODOO_URL, ODOO_DB, ODOO_ADMIN_KEY, WORKER_LOGIN and WORKER_KEY. The clock outlives
  // it. Throws std::runtime_error for what is missing.
  RealDemoOdoo(const EnvValues& env, const base::Clock& clock);

  WorkerAccess worker_access() const override { return access_; }
  std::vector<std::string> where_to_look() const override;
  void Configure(const DemoPolicy& policy, const std::vector<DemoEndpoint>& endpoints) override;
  std::vector<std::int64_t> Queue(const std::string& endpoint, const std::string& payload,
                                  int copies) override;
  std::map<std::string, StateCounts> Count() override;
  std::vector<DeliveryRow> Deliveries() override;
  void Cancel() override { session_.Cancel(); }

 private:
  std::int64_t CreatePolicy(const DemoPolicy& policy);
  void ArchiveEarlierEndpoints();
  void CreateEndpoint(const DemoEndpoint& endpoint, std::int64_t policy_id);
  std::vector<std::int64_t> EndpointIds() const;
  void AddAttempts(std::vector<DeliveryRow>& rows);

  const base::Clock& clock_;
  WorkerAccess access_;
  std::string admin_;  // for people: admin / admin
  OdooSession session_;
  std::map<std::string, std::int64_t> endpoint_ids_;    // by our code
  std::map<std::int64_t, std::string> endpoint_codes_;  // and back
};

}  // namespace webhook::demo
