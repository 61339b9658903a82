// SPDX-License-Identifier: LGPL-3.0-or-later
// An inbound event says that an invoice was paid: the customer is created or updated, and the sale
// order gets a note, in one transaction.
#include "lib/callback/registry.h"

using namespace webhook::callback;

namespace {

Outcome InvoicePaid(EventContext& context) {
  const std::string reference = context.RequireText("invoice.reference");
  const auto orders = context.odoo().SearchRead(
      "sale.order", Domain("client_order_ref", "=", reference), {"name"}, {.limit = 2});
  if (!orders.ok()) return Outcome::Retry(orders.error().message);
  if (orders.value().size() != 1) {
    return Outcome::DeadLetter("there is not exactly one order with the reference " + reference);
  }
  context.Log(LogLevel::kInfo, "order found for " + reference);
  return Outcome::Done()
      .Note("invoice " + reference + " is paid")
      .With(Upsert("res.partner")
                .By("ref", context.RequireText("customer.number"))
                .Set("name", context.RequireText("customer.name"))
                .Set("email", context.At("customer.email")))
      .With(Update("sale.order")
                .By("client_order_ref", reference)
                .Set("note", "Paid: " + context.RequireText("invoice.amount")));
}

}  // namespace

WEBHOOK_CALLBACK("acme.invoice_paid", InvoicePaid);
