// SPDX-License-Identifier: LGPL-3.0-or-later
#include "tests/unit/rpc/golden.h"

#include <fstream>
#include <nlohmann/json.hpp>

namespace webhook::rpc {

std::map<std::string, HttpAnswer> LoadGolden(const std::string& name) {
  std::ifstream file(std::string(WEBHOOK_GOLDEN_DIR "/") + name + ".json");
  std::map<std::string, HttpAnswer> answers;
  const auto cases = nlohmann::json::parse(file);
  for (const auto& [key, recorded] : cases.items()) {
    answers[key] = {recorded.at("status"), recorded.at("content_type"),
                    recorded.value("location", ""), recorded.at("body")};
  }
  return answers;
}

const char* KindName(delivery::RpcFaultKind kind) {
  using delivery::RpcFaultKind;
  switch (kind) {
    case RpcFaultKind::kUnreachable:
      return "Unreachable";
    case RpcFaultKind::kUnknown:
      return "Unknown";
    case RpcFaultKind::kBusy:
      return "Busy";
    case RpcFaultKind::kKeyRefused:
      return "KeyRefused";
    case RpcFaultKind::kAccessDenied:
      return "AccessDenied";
    case RpcFaultKind::kDatabaseMissing:
      return "DatabaseMissing";
    case RpcFaultKind::kAddonMissing:
      return "AddonMissing";
    case RpcFaultKind::kRejected:
      return "Rejected";
    case RpcFaultKind::kNotOdoo:
      return "NotOdoo";
  }
  return "?";
}

std::string Summary(const delivery::RpcReply& reply) {
  return reply.ok() ? "text: " + reply.value() : KindName(reply.error().kind);
}

}  // namespace webhook::rpc
