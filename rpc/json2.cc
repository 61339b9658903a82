// SPDX-License-Identifier: LGPL-3.0-or-later
#include "rpc/json2.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>
#include <variant>

#include "rpc/json_scalars.h"

namespace webhook::rpc {
namespace {

using delivery::RpcFault;
using delivery::RpcFaultKind;
using delivery::RpcReply;

// Anything else could end the header and start another one.
bool FitsHeader(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c != 0x7F; });
}

const std::string* TextAt(const JsonScalars& scalars, std::string_view path) {
  const auto found = scalars.find(path);
  return found == scalars.end() ? nullptr : std::get_if<std::string>(&found->second);
}

RpcReply DecodeValue(const HttpAnswer& answer) {
  constexpr std::array<std::string_view, 1> kRoot = {""};
  auto value = ReadJsonScalars(answer.body, kRoot);
  if (!value.ok()) {
    if (value.error() == JsonTrouble::kCutOff) return CutOffAnswer();
    return NotOdooAnswer("JSON", answer);
  }
  auto* const text = std::get_if<std::string>(&value.value()[""]);
  if (text == nullptr) return NotOdooAnswer("a JSON text", answer);
  return std::move(*text);
}

}  // namespace

Json2::Json2(HttpSession& session, KeyHolder& key, const ConnectionOptions& options)
    : session_(session), key_(key), database_(options.database) {}

RpcReply Json2::CallMethod(std::string_view model, std::string_view method,
                           const std::string& request, base::Milliseconds timeout) {
  const base::SteadyTime deadline = session_.DeadlineAfter(timeout);
  const CallContext call{database_, model, method};
  RpcReply reply = CallOnce(call, request, deadline);
  const bool refused = !reply.ok() && reply.error().kind == RpcFaultKind::kKeyRefused;
  return refused && key_.Reread() ? CallOnce(call, request, deadline) : std::move(reply);
}

RpcReply Json2::CallOnce(const CallContext& call, const std::string& request,
                         base::SteadyTime deadline) {
  const std::string& key = key_.Current().Reveal();
  if (key.empty()) return RpcFault{RpcFaultKind::kKeyRefused, "there is no API key"};
  if (!FitsHeader(key)) {
    return RpcFault{RpcFaultKind::kKeyRefused, "the API key has a character that no key has"};
  }
  if (!FitsHeader(database_)) {
    return RpcFault{RpcFaultKind::kDatabaseMissing, "the database name has a control character"};
  }
  HttpCall http{.method = "POST",
                .path = "/json/2/" + std::string(call.model) + "/" + std::string(call.method),
                .headers = {{"Authorization", "bearer " + key}},
                .content_type = "application/json",
                .body = nlohmann::json{{"request", request}}.dump(
                    -1, ' ', true, nlohmann::json::error_handler_t::replace)};
  if (!database_.empty()) http.headers.emplace_back("X-Odoo-Database", database_);
  auto outcome = session_.Send(std::move(http), deadline);
  return outcome.ok() ? DecodeJson2(outcome.value(), call) : ClassifyFailure(outcome.error());
}

RpcReply DecodeJson2(const HttpAnswer& answer, const CallContext& call) {
  if (answer.status >= 200 && answer.status < 300) return DecodeValue(answer);
  constexpr std::array<std::string_view, 2> kError = {"name", "message"};
  const auto error = ReadJsonScalars(answer.body, kError);
  if (!error.ok()) return ClassifyStatus(answer);
  const std::string* const name = TextAt(error.value(), "name");
  const std::string* const message = TextAt(error.value(), "message");
  if (name == nullptr || message == nullptr) return ClassifyStatus(answer);
  return ClassifyException(*name, *message, call);
}

}  // namespace webhook::rpc
