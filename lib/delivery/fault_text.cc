// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/fault_text.h"

#include "lib/base/assert.h"

namespace webhook::delivery {

std::string_view Spelling(RpcFaultKind kind) {
  switch (kind) {
    case RpcFaultKind::kUnreachable:
      return "unreachable";
    case RpcFaultKind::kUnknown:
      return "unknown";
    case RpcFaultKind::kBusy:
      return "busy";
    case RpcFaultKind::kKeyRefused:
      return "key_refused";
    case RpcFaultKind::kAccessDenied:
      return "access_denied";
    case RpcFaultKind::kDatabaseMissing:
      return "database_missing";
    case RpcFaultKind::kAddonMissing:
      return "addon_missing";
    case RpcFaultKind::kRejected:
      return "rejected";
    case RpcFaultKind::kNotOdoo:
      return "not_odoo";
  }
  WEBHOOK_ASSERT(false);
}

std::string_view Advice(RpcFaultKind kind) {
  switch (kind) {
    case RpcFaultKind::kUnreachable:
      return "start Odoo, or correct [odoo] url; the worker goes on by itself";
    case RpcFaultKind::kUnknown:
    case RpcFaultKind::kBusy:
      return "nothing; the worker asks again by itself";
    case RpcFaultKind::kKeyRefused:
      return "make a new key in Webhooks > Configuration > Worker key; the key file is read again";
    case RpcFaultKind::kAccessDenied:
      return "use the key of the user Webhook Worker, or add the user to the group Webhook Worker";
    case RpcFaultKind::kDatabaseMissing:
      return "correct [odoo] database";
    case RpcFaultKind::kAddonMissing:
      return "install or upgrade the addon webhook_worker in this database";
    case RpcFaultKind::kRejected:
      return "upgrade the older side: worker and addon do not understand each other";
    case RpcFaultKind::kNotOdoo:
      return "correct [odoo] url: something else than Odoo's API answers there";
  }
  WEBHOOK_ASSERT(false);
}

}  // namespace webhook::delivery
