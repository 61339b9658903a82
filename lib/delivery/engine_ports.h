// SPDX-License-Identifier: LGPL-3.0-or-later
// What the engine's parts need of the world. All of it outlives them.
#pragma once

#include "lib/base/clock.h"
#include "lib/base/event_log.h"
#include "lib/base/random.h"
#include "lib/base/strand.h"
#include "lib/delivery/ports/callback_runner.h"
#include "lib/delivery/ports/http_transport.h"
#include "lib/delivery/ports/inbound_side.h"
#include "lib/delivery/ports/journal.h"
#include "lib/delivery/ports/odoo_client.h"
#include "lib/delivery/ports/secret_opener.h"

namespace webhook::delivery {

struct EnginePorts {
  base::Strand& strand;
  base::Clock& clock;
  base::Random& random;
  base::EventLog& log;
  OdooClient& odoo;
  HttpTransport& transport;
  Journal& journal;
  CallbackRunner& callbacks;
  SecretOpener& secrets;
  InboundSide* inbound = nullptr;  // null: no inbound half
};

}  // namespace webhook::delivery
