// SPDX-License-Identifier: LGPL-3.0-or-later
// The names of record operations, as the contract and people write them. Pure.
#pragma once

#include <string_view>

#include "lib/model/record_operation.h"

namespace webhook::rules {

constexpr std::string_view NameOf(model::OperationKind kind) {
  switch (kind) {
    case model::OperationKind::kCreate:
      return "create";
    case model::OperationKind::kUpdate:
      return "update";
    case model::OperationKind::kUpsert:
      return "upsert";
  }
  return "";
}

}  // namespace webhook::rules
