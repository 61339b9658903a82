// SPDX-License-Identifier: LGPL-3.0-or-later
#include "rpc/fault_mapping.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "lib/base/assert.h"
#include "lib/base/text.h"

namespace webhook::rpc {
namespace {

using delivery::RpcFault;
using delivery::RpcFaultKind;

constexpr std::size_t kDetailBytesMax = 500;

struct NamedKind {
  std::string_view name;
  RpcFaultKind kind;
};

// A class that is not here, and not by its namespace below, is a 500: the call may have run.
constexpr std::array kKindsByName = {
    NamedKind{"odoo.exceptions.AccessDenied", RpcFaultKind::kKeyRefused},
    NamedKind{"werkzeug.exceptions.Unauthorized", RpcFaultKind::kKeyRefused},
    NamedKind{"odoo.http.SessionExpiredException", RpcFaultKind::kKeyRefused},
    NamedKind{"odoo.exceptions.AccessError", RpcFaultKind::kAccessDenied},
    NamedKind{"werkzeug.exceptions.Forbidden", RpcFaultKind::kAccessDenied},
    NamedKind{"werkzeug.exceptions.NotFound", RpcFaultKind::kAddonMissing},
    NamedKind{"odoo.exceptions.ValidationError", RpcFaultKind::kRejected},
    NamedKind{"odoo.exceptions.MissingError", RpcFaultKind::kRejected},
    NamedKind{"odoo.exceptions.RedirectWarning", RpcFaultKind::kRejected},
    NamedKind{"werkzeug.exceptions.UnprocessableEntity", RpcFaultKind::kRejected},
    NamedKind{"werkzeug.exceptions.BadRequest", RpcFaultKind::kRejected},
    NamedKind{"werkzeug.exceptions.RequestEntityTooLarge", RpcFaultKind::kRejected},
    NamedKind{"odoo.exceptions.LockError", RpcFaultKind::kBusy},
    NamedKind{"odoo.exceptions.ConcurrencyError", RpcFaultKind::kBusy},
    NamedKind{"psycopg2.pool.PoolError", RpcFaultKind::kBusy},
    // Code and tables of different versions: the addon is being upgraded.
    NamedKind{"psycopg2.errors.UndefinedColumn", RpcFaultKind::kBusy},
    NamedKind{"psycopg2.errors.UndefinedTable", RpcFaultKind::kBusy},
    NamedKind{"psycopg2.errors.UndefinedFunction", RpcFaultKind::kBusy},
    NamedKind{"psycopg2.errors.SerializationFailure", RpcFaultKind::kBusy},
    NamedKind{"psycopg2.errors.DeadlockDetected", RpcFaultKind::kBusy},
    NamedKind{"psycopg2.errors.LockNotAvailable", RpcFaultKind::kBusy},
    NamedKind{"psycopg2.errors.AdminShutdown", RpcFaultKind::kBusy},
    NamedKind{"psycopg2.errors.CannotConnectNow", RpcFaultKind::kBusy},
    NamedKind{"psycopg2.errors.TooManyConnections", RpcFaultKind::kBusy},
};

bool Contains(std::string_view text, std::string_view part) {
  return !part.empty() && text.find(part) != std::string_view::npos;
}

// A traceback gives built-in exceptions without their module.
std::string_view WithoutBuiltins(std::string_view name) {
  constexpr std::string_view kModule = "builtins.";
  return name.starts_with(kModule) ? name.substr(kModule.size()) : name;
}

RpcFaultKind KindOf(std::string_view name, std::string_view message, const CallContext& call) {
  const auto* const known = std::ranges::find(kKindsByName, name, &NamedKind::name);
  if (known != kKindsByName.end()) return known->kind;
  // "Object bwt.webhook.worker doesn't exist" is how JSON-RPC and XML-RPC say it.
  if (name == "odoo.exceptions.UserError") {
    return Contains(message, call.model) ? RpcFaultKind::kAddonMissing : RpcFaultKind::kRejected;
  }
  // PostgreSQL's code for it does not reach us, only its sentence.
  if (name == "psycopg2.OperationalError") {
    const std::string quoted = "\"" + std::string(call.database) + "\"";
    return Contains(message, quoted) && Contains(message, "does not exist")
               ? RpcFaultKind::kDatabaseMissing
               : RpcFaultKind::kBusy;
  }
  if (WithoutBuiltins(name) == "AttributeError" && Contains(message, call.model) &&
      Contains(message, call.method)) {
    return RpcFaultKind::kAddonMissing;
  }
  // A model of ours that the registry does not know yet: the addon is being upgraded. Any other
  // KeyError is somebody's bug, and must not hold everything up as "busy".
  if (WithoutBuiltins(name) == "KeyError" && Contains(message, "bwt.webhook.")) {
    return RpcFaultKind::kBusy;
  }
  return RpcFaultKind::kUnknown;
}

struct PythonException {
  std::string_view name;
  std::string_view message;
};

// "Traceback (most recent call last):", indented frames, then "name: message". Of several chained
// ones the last was raised.
PythonException EndOfTraceback(std::string_view text) {
  constexpr std::string_view kMarker = "Traceback (most recent call last):\n";
  const std::size_t marker = text.rfind(kMarker);
  if (marker != std::string_view::npos) text.remove_prefix(marker + kMarker.size());
  while (text.starts_with(' ')) {
    const std::size_t end = text.find('\n');
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  const std::size_t line_end = std::min(text.find('\n'), text.size());
  const std::size_t colon = text.substr(0, line_end).find(": ");
  if (colon == std::string_view::npos) return {text.substr(0, line_end), ""};
  return {text.substr(0, colon), text.substr(colon + 2)};
}

// The page of Odoo 19 for a request that names no database it has.
bool IsUnknownDatabasePage(const HttpAnswer& answer) {
  return answer.status == 404 && Contains(answer.body, "X-Odoo-Database");
}

RpcFaultKind KindOfStatus(int status) {
  switch (status) {
    case 401:
      return RpcFaultKind::kKeyRefused;
    case 400:
    case 413:
    case 415:
    case 422:
      return RpcFaultKind::kRejected;
    case 429:
    case 503:
      return RpcFaultKind::kBusy;
    case 408:
      return RpcFaultKind::kUnknown;
    default:
      return status >= 500 ? RpcFaultKind::kUnknown : RpcFaultKind::kNotOdoo;
  }
}

}  // namespace

RpcFault ClassifyException(std::string_view name, std::string_view message,
                           const CallContext& call) {
  const std::string text = std::string(WithoutBuiltins(name)) + ": " + std::string(message);
  return {KindOf(name, message, call), FaultDetail(text)};
}

RpcFault ClassifyXmlRpcFault(std::int64_t code, std::string_view text, const CallContext& call) {
  switch (code) {
    case 2:
      return ClassifyException("odoo.exceptions.UserError", text, call);
    case 3:
      return ClassifyException("odoo.exceptions.AccessDenied", text, call);
    case 4:
      return ClassifyException("odoo.exceptions.AccessError", text, call);
    default: {
      const PythonException raised = EndOfTraceback(text);
      return ClassifyException(raised.name, raised.message, call);
    }
  }
}

RpcFault ClassifyStatus(const HttpAnswer& answer) {
  const std::string status = "HTTP " + std::to_string(answer.status);
  if (IsUnknownDatabasePage(answer)) {
    return {RpcFaultKind::kDatabaseMissing, status + ": the server has no such database"};
  }
  if (answer.status >= 300 && answer.status < 400 && !answer.location.empty()) {
    return {RpcFaultKind::kNotOdoo,
            FaultDetail(status + ": redirects to " + answer.location + ", which is not followed")};
  }
  // The text of a page says less than its status, and more than people can read.
  const bool is_page = answer.content_type.starts_with("text/html");
  return {KindOfStatus(answer.status), FaultDetail(is_page ? status : status + ": " + answer.body)};
}

RpcFault ClassifyFailure(const HttpFailure& failure) {
  switch (failure.kind) {
    case HttpFailureKind::kNotSent:
      return {RpcFaultKind::kUnreachable, FaultDetail(failure.detail)};
    case HttpFailureKind::kNoAnswer:
      return {RpcFaultKind::kUnknown, FaultDetail(failure.detail)};
    case HttpFailureKind::kTooLarge:
      return {RpcFaultKind::kNotOdoo, FaultDetail(failure.detail)};
  }
  WEBHOOK_ASSERT(false);
}

RpcFault CutOffAnswer() { return {RpcFaultKind::kUnknown, "the answer is empty or cut off"}; }

RpcFault NotOdooAnswer(std::string_view what, const HttpAnswer& answer) {
  const std::string text = "HTTP " + std::to_string(answer.status) + ", " + std::string(what) +
                           " expected, got " + answer.content_type;
  return {RpcFaultKind::kNotOdoo, FaultDetail(text)};
}

std::string FaultDetail(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  text.remove_prefix(std::min(text.find_first_not_of(kSpace), text.size()));
  text = text.substr(0, text.find_first_of("\r\n"));
  std::string printable = base::PrintableText(text, kDetailBytesMax);
  // Escapes make it longer than what was read.
  if (printable.size() > kDetailBytesMax) {
    printable = base::PrintableText(text, kDetailBytesMax / 6);
  }
  return printable;
}

}  // namespace webhook::rpc
