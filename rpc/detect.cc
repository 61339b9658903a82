// SPDX-License-Identifier: LGPL-3.0-or-later
#include "rpc/detect.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>
#include <variant>

#include "rpc/fault_mapping.h"
#include "rpc/json_scalars.h"
#include "rpc/jsonrpc.h"
#include "rpc/service_codec.h"
#include "rpc/xmlrpc.h"

namespace webhook::rpc {
namespace {

using delivery::RpcFault;
using delivery::RpcFaultKind;

constexpr int kFirstSeriesWithJson2 = 19;

// A version, or nothing: this way of asking is not known there.
using Version = base::Result<std::optional<std::string>, RpcFault>;

// "19.0", "saas~18.2": the first number in it.
int SeriesOf(std::string_view version) {
  const std::size_t start = std::min(version.find_first_of("0123456789"), version.size());
  int series = 0;
  std::from_chars(version.data() + start, version.data() + version.size(), series);
  return series;
}

// Nothing that was asked here changes anything, so a lost answer is no "unknown".
RpcFault AsUnreachable(RpcFault fault) {
  if (fault.kind == RpcFaultKind::kUnknown) fault.kind = RpcFaultKind::kUnreachable;
  return fault;
}

bool EndsTheSearch(RpcFaultKind kind) {
  return kind == RpcFaultKind::kUnreachable || kind == RpcFaultKind::kUnknown ||
         kind == RpcFaultKind::kBusy;
}

Version AskPage(HttpSession& session, std::string path, base::SteadyTime deadline) {
  const auto outcome = session.Send(
      {.method = "GET", .path = std::move(path), .headers = {}, .content_type = {}, .body = {}},
      deadline);
  if (!outcome.ok()) {
    const RpcFault fault = ClassifyFailure(outcome.error());
    if (EndsTheSearch(fault.kind)) return AsUnreachable(fault);
    return std::optional<std::string>();
  }
  const HttpAnswer& answer = outcome.value();
  if (answer.status != 200) {
    const RpcFault fault = ClassifyStatus(answer);
    if (EndsTheSearch(fault.kind)) return AsUnreachable(fault);
    return std::optional<std::string>();
  }
  constexpr std::array<std::string_view, 1> kVersion = {"version"};
  const auto scalars = ReadJsonScalars(answer.body, kVersion);
  if (!scalars.ok() || !scalars.value().contains("version")) return std::optional<std::string>();
  const auto* const text = std::get_if<std::string>(&scalars.value().at("version"));
  return text == nullptr ? std::optional<std::string>() : std::optional<std::string>(*text);
}

Version AskService(HttpSession& session, const ServiceCodec& codec, base::SteadyTime deadline) {
  const ServiceCall call{.service = "common", .method = "version", .arguments = {}};
  const auto outcome = session.Send(codec.Encode(call), deadline);
  if (!outcome.ok()) {
    const RpcFault fault = ClassifyFailure(outcome.error());
    if (EndsTheSearch(fault.kind)) return AsUnreachable(fault);
    return std::optional<std::string>();
  }
  const auto value = codec.Decode(outcome.value(), {"", "common", "version"});
  if (!value.ok()) return std::optional<std::string>();
  const auto* const version = std::get_if<ServerVersion>(&value.value());
  return version == nullptr ? std::optional<std::string>() : std::optional(version->text);
}

Detected Found(ProtocolKind kind, const std::string& version, const HttpSession& session) {
  const std::string shown = FaultDetail(version);
  return {kind, shown,
          "Odoo " + shown + " at " + HostAndPort(session.url()) + ", spoken to by " +
              std::string(ProtocolName(kind))};
}

}  // namespace

base::Result<Detected, RpcFault> Detect(HttpSession& session, base::SteadyTime deadline) {
  for (const char* const path : {"/json/version", "/web/version"}) {
    const Version version = AskPage(session, path, deadline);
    if (!version.ok()) return version.error();
    if (version.value() && SeriesOf(*version.value()) >= kFirstSeriesWithJson2) {
      return Found(ProtocolKind::kJson2, *version.value(), session);
    }
  }
  const JsonRpc jsonrpc;
  const XmlRpc xmlrpc;
  const std::array<std::pair<ProtocolKind, const ServiceCodec*>, 2> services = {
      {{ProtocolKind::kJsonRpc, &jsonrpc}, {ProtocolKind::kXmlRpc, &xmlrpc}}};
  for (const auto& [kind, codec] : services) {
    const Version version = AskService(session, *codec, deadline);
    if (!version.ok()) return version.error();
    if (version.value()) return Found(kind, *version.value(), session);
  }
  return RpcFault{RpcFaultKind::kNotOdoo,
                  "what answers at " + HostAndPort(session.url()) + session.url().base_path +
                      " is no Odoo that can be spoken to (no JSON-2, JSON-RPC or XML-RPC there)"};
}

}  // namespace webhook::rpc
