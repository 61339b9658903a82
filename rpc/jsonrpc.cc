// SPDX-License-Identifier: LGPL-3.0-or-later
#include "rpc/jsonrpc.h"

#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "rpc/json_scalars.h"

namespace webhook::rpc {
namespace {

using delivery::RpcFault;
using delivery::RpcFaultKind;
using nlohmann::json;

constexpr std::array<std::string_view, 7> kEnvelope = {
    "jsonrpc",    "result",          "result.server_version", "error",
    "error.code", "error.data.name", "error.data.message"};

std::string TextAt(const JsonScalars& envelope, std::string_view path) {
  const auto found = envelope.find(path);
  if (found == envelope.end()) return {};
  const auto* const text = std::get_if<std::string>(&found->second);
  return text == nullptr ? std::string() : *text;
}

RpcFault FaultOf(const JsonScalars& envelope, const CallContext& call) {
  const auto code = envelope.find("error.code");
  const auto* const number =
      code == envelope.end() ? nullptr : std::get_if<std::int64_t>(&code->second);
  if (number != nullptr && *number == 404) {
    return {RpcFaultKind::kNotOdoo, "this Odoo does not speak JSON-RPC at /jsonrpc"};
  }
  return ClassifyException(TextAt(envelope, "error.data.name"),
                           TextAt(envelope, "error.data.message"), call);
}

ServiceValue ValueOf(JsonScalars& envelope) {
  const auto result = envelope.find("result");
  if (result == envelope.end()) return OtherValue();
  return std::visit(base::Overloaded{
                        [&](OtherJson) -> ServiceValue {
                          std::string version = TextAt(envelope, "result.server_version");
                          if (version.empty()) return OtherValue();
                          return ServerVersion{std::move(version)};
                        },
                        [](bool value) -> ServiceValue { return value; },
                        [](std::int64_t value) -> ServiceValue { return value; },
                        [](std::string& value) -> ServiceValue { return std::move(value); },
                    },
                    result->second);
}

}  // namespace

HttpCall JsonRpc::Encode(const ServiceCall& call) const {
  json arguments = json::array();
  for (const ServiceArgument& argument : call.arguments) {
    arguments.push_back(std::visit([](const auto& value) { return json(value); }, argument));
  }
  const json envelope = {
      {"jsonrpc", "2.0"},
      {"method", "call"},
      {"id", 1},
      {"params", {{"service", call.service}, {"method", call.method}, {"args", arguments}}}};
  return {.method = "POST",
          .path = "/jsonrpc",
          .headers = {},
          .content_type = "application/json",
          .body = envelope.dump(-1, ' ', true, json::error_handler_t::replace)};
}

base::Result<ServiceValue, RpcFault> JsonRpc::Decode(const HttpAnswer& answer,
                                                     const CallContext& call) const {
  if (answer.status < 200 || answer.status >= 300) return ClassifyStatus(answer);
  auto read = ReadJsonScalars(answer.body, kEnvelope);
  if (!read.ok()) {
    if (read.error() == JsonTrouble::kCutOff) return CutOffAnswer();
    return NotOdooAnswer("JSON", answer);
  }
  JsonScalars& envelope = read.value();
  if (TextAt(envelope, "jsonrpc") != "2.0") return NotOdooAnswer("JSON-RPC", answer);
  if (envelope.contains("error")) return FaultOf(envelope, call);
  return ValueOf(envelope);
}

}  // namespace webhook::rpc
