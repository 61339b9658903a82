// SPDX-License-Identifier: LGPL-3.0-or-later
// Port: the inbound half of a worker, as the engine sees it. Lives on the strand.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lib/model/configuration.h"
#include "lib/model/contract.h"

namespace webhook::delivery {

class Link;

class InboundSide {
 public:
  virtual ~InboundSide() = default;

  // `on_ingested`: events are in Odoo now, claim them. Both outlive this.
  virtual void Start(Link& link, std::function<void()> on_ingested) = 0;

  // A new revision, and the answer of Odoo that it came with. Returns what is wrong with inbound
  // endpoints.
  virtual std::vector<model::Finding> OnConfiguration(
      std::shared_ptr<const model::Configuration> configuration,
      const std::string& configuration_answer) = 0;

  virtual void OnLinkReady() = 0;

  // Requests that Odoo's own controller took wait to be verified.
  virtual void OnIntakeWaiting() = 0;

  // What hello tells; nothing where there is no gateway.
  virtual std::optional<model::InboxState> State() const = 0;
  virtual std::string gateway_url() const = 0;

  // Takes nothing more to Odoo.
  virtual void Stop() = 0;
  virtual bool busy() const = 0;  // a call is under way
};

}  // namespace webhook::delivery
