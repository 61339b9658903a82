// SPDX-License-Identifier: LGPL-3.0-or-later
// The Odoo double in this process. The worker reaches it over HTTP, as it would a real one.
#pragma once

#include <map>
#include <string>

#include "app/webhook_demo/demo_odoo.h"
#include "lib/base/clock.h"
#include "rpc/embedded/embedded_odoo.h"
#include "rpc/embedded/http_face.h"

namespace webhook::demo {

class EmbeddedDemoOdoo final : public DemoOdoo {
 public:
  // The clock outlives it.
  explicit EmbeddedDemoOdoo(const base::Clock& clock);

  WorkerAccess worker_access() const override;
  std::vector<std::string> where_to_look() const override;
  void Configure(const DemoPolicy& policy, const std::vector<DemoEndpoint>& endpoints) override;
  std::vector<std::int64_t> Queue(const std::string& endpoint, const std::string& payload,
                                  int copies) override;
  std::map<std::string, StateCounts> Count() override;
  std::vector<DeliveryRow> Deliveries() override;

 private:
  std::string CodeOf(std::int64_t endpoint_id) const;

  embedded::EmbeddedOdoo odoo_;
  embedded::HttpFace face_;
  std::map<std::string, std::int64_t> endpoint_ids_;
};

}  // namespace webhook::demo
