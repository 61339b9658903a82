// SPDX-License-Identifier: LGPL-3.0-or-later
// Before a delivery is sent for the first time: a header for the receiver, and nothing at all for
// orders of the test shop.
#include "lib/callback/registry.h"

using namespace webhook::callback;

WEBHOOK_CALLBACK("acme.stamp_order", [](DeliveryContext& context) -> Outcome {
  if (context.Text("shop") == "test") return Outcome::Cancel("an order of the test shop");
  context.request().SetHeader("X-Acme-Order", context.RequireText("name"));
  return Outcome::Send();
});
