// SPDX-License-Identifier: LGPL-3.0-or-later
// A link that is told of in one text, and answers to its hellos.
#pragma once

#include <map>
#include <string>

#include "lib/delivery/link.h"
#include "tests/unit/delivery/engine_world.h"

namespace webhook::delivery {

struct LinkWorld : EngineWorld {
  using EngineWorld::EngineWorld;

  void Start(const std::map<std::string, std::string>& meta = {}) {
    link.Start({.on_ready = [this] { events += "ready "; },
                .on_configuration = [this] { events += "configuration "; },
                .on_wake_secret = [this](const std::string& s) { events += "secret:" + s + " "; }},
               meta);
  }
  void StartReady() {
    Start();
    AnswerLink();
    REQUIRE(link.ready());
    events.clear();
    log.Clear();
  }
  webhook::model::Envelope TheEnvelope() const {
    webhook::model::Envelope envelope;
    envelope.fingerprint = database.fingerprint;
    envelope.fingerprint_confirmed = database.confirmed;
    envelope.neutralized = database.neutralized;
    envelope.configuration_revision = database.revision;
    envelope.settlement_number = database.settlement_number;
    return envelope;
  }
  // Time until the next hello leaves.
  Milliseconds UntilHello() {
    const auto from = clock.SteadyNow();
    while (!odoo.IsPending(Method::kHello)) {
      REQUIRE(strand.NextDue().has_value());
      strand.AdvanceTo(*strand.NextDue());
    }
    return odoo.Pending(Method::kHello).at - from;
  }

  std::string events;
};

}  // namespace webhook::delivery
