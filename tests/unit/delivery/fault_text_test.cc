// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/fault_text.h"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

using namespace webhook::delivery;

namespace {

// kind, spelling, a word that the advice must have.
struct Row {
  RpcFaultKind kind;
  std::string spelling;
  std::string advice_has;
};

const std::vector<Row> kTable = {
    {RpcFaultKind::kUnreachable, "unreachable", "url"},
    {RpcFaultKind::kUnknown, "unknown", "by itself"},
    {RpcFaultKind::kBusy, "busy", "by itself"},
    {RpcFaultKind::kKeyRefused, "key_refused", "key"},
    {RpcFaultKind::kAccessDenied, "access_denied", "group Webhook Worker"},
    {RpcFaultKind::kDatabaseMissing, "database_missing", "database"},
    {RpcFaultKind::kAddonMissing, "addon_missing", "webhook_worker"},
    {RpcFaultKind::kRejected, "rejected", "upgrade"},
    {RpcFaultKind::kNotOdoo, "not_odoo", "url"},
};

}  // namespace

TEST_CASE("every kind of fault has its spelling and an advice that helps with it") {
  for (const Row& row : kTable) {
    CAPTURE(row.spelling);
    CHECK(Spelling(row.kind) == row.spelling);
    CHECK(Advice(row.kind).find(row.advice_has) != std::string_view::npos);
  }
}
