// SPDX-License-Identifier: LGPL-3.0-or-later
#include "rpc/embedded/rpc_service.h"

#include <nlohmann/json.hpp>

namespace webhook::embedded {
namespace {

using nlohmann::json;

ServerError KeyRefused(const char* message) {
  return {"werkzeug.exceptions.Unauthorized", 401, "odoo.exceptions.AccessDenied", 3, message};
}

ServerError NotInGroup() {
  return {"odoo.exceptions.AccessError", 403, "odoo.exceptions.AccessError", 4,
          "Only active users of the group Webhook Worker may call this."};
}

ServerError Refused(const std::string& message) {
  return {"odoo.exceptions.ValidationError", 422, "odoo.exceptions.ValidationError", 2, message};
}

ServerError BadArguments(const std::string& message) {
  return {"werkzeug.exceptions.UnprocessableEntity", 422, "builtins.TypeError", 1, message};
}

ServerError NoMethod(const std::string& model, const std::string& method) {
  return {"werkzeug.exceptions.NotFound", 404, "builtins.AttributeError", 1,
          "The method '" + model + "." + method + "' does not exist"};
}

ServerError NoDatabase(const std::string& database) {
  return {"", 404, "psycopg2.OperationalError", 1,
          "connection to server failed: FATAL:  database \"" + database + "\" does not exist\n"};
}

}  // namespace

ServerResult RpcService::CallWithKey(const std::string& key, const std::string& model,
                                     const std::string& method, const json& arguments) {
  for (const Account& account : accounts) {
    if (key.empty() || account.key != key) continue;
    auto result = Execute(account, model, method, arguments);
    if (!result.ok() && result.error().name.empty())
      return ServerError{"werkzeug.exceptions.NotFound", 404, "", 0,
                         "the model '" + model + "' does not exist"};
    return result;
  }
  return KeyRefused("Invalid apikey");
}

ServerResult RpcService::Dispatch(const std::string& service, const std::string& method,
                                  const json& parameters) {
  if (service == "common") return Common(method, parameters);
  if (service != "object" || method != "execute_kw")
    return ServerError{"", 500, "builtins.NameError", 1, "Method not available " + method};
  if (parameters.at(0) != database) return NoDatabase(parameters.at(0));
  const auto place = parameters.at(1).get<std::size_t>() - 2;
  if (place >= accounts.size() || accounts[place].key != parameters.at(2))
    return KeyRefused("Access Denied");
  json arguments = parameters.size() > 6 ? parameters.at(6) : json::object();
  if (!parameters.at(5).empty()) arguments["request"] = parameters.at(5).at(0);
  return Execute(accounts[place], parameters.at(3), parameters.at(4), arguments);
}

ServerResult RpcService::Common(const std::string& method, const json& parameters) {
  if (method == "version") return VersionDocument();
  if (method != "authenticate" && method != "login")
    return ServerError{"", 500, "builtins.Exception", 1, "Method not found: " + method};
  if (parameters.at(0) != database) return NoDatabase(parameters.at(0));
  for (std::size_t i = 0; i < accounts.size(); ++i)
    if (accounts[i].login == parameters.at(1) && accounts[i].key == parameters.at(2))
      return json(i + 2);
  return json(false);
}

ServerResult RpcService::Execute(const Account& account, const std::string& model,
                                 const std::string& method, const json& arguments) {
  if (model != "bwt.webhook.worker" || !addon_installed)
    return ServerError{"", 404, "odoo.exceptions.UserError", 2,
                       "Object " + model + " doesn't exist"};
  const auto contract_method = MethodOfName(method);
  if (!contract_method && method != "echo") return NoMethod(model, method);
  if (arguments.size() != 1 || !arguments.contains("request"))
    return BadArguments("missing a required argument: 'request'");
  if (!account.is_worker) return NotInGroup();
  if (!arguments["request"].is_string()) return Refused("The request is not a text.");
  const std::string request = arguments["request"];
  if (!contract_method)
    return json(json{{"echo", request}}.dump(-1, ' ', true, json::error_handler_t::replace));
  auto answer = odoo.Handle(*contract_method, request);
  if (!answer.ok()) return Refused(answer.error().detail);
  return json(std::move(answer).value());
}

json VersionDocument() {
  const json info = {19, 0, 0, "final", 0, ""};
  return {{"version", "19.0"},      {"version_info", info},  {"server_version", "19.0"},
          {"server_serie", "19.0"}, {"protocol_version", 1}, {"server_version_info", info}};
}

}  // namespace webhook::embedded
