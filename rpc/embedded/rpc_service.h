// SPDX-License-Identifier: LGPL-3.0-or-later
// What a call comes to once it is out of its envelope: accounts, services, model, method, and the
// errors that a real Odoo 19 answers, which every protocol spells in its own way.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "lib/base/result.h"
#include "rpc/embedded/embedded_odoo.h"

namespace webhook::embedded {

// A user. Users are numbered from 2, in the order of the accounts.
struct Account {
  std::string login;
  std::string key;
  bool is_worker = true;  // in the Worker group
};

struct ServerError {
  std::string name;     // the Python class, as JSON-2 tells it: odoo.exceptions.AccessError
  int http_status = 0;  // of JSON-2; the other protocols answer 200
  std::string rpc_name;
  int fault_code = 0;  // of XML-RPC
  std::string message;
};

using ServerResult = base::Result<nlohmann::json, ServerError>;

struct RpcService {
  EmbeddedOdoo& odoo;
  std::string database;
  std::vector<Account> accounts;
  bool addon_installed = true;

  // POST /json/2/<model>/<method> in a database that exists. `arguments` are those of the body.
  ServerResult CallWithKey(const std::string& key, const std::string& model,
                           const std::string& method, const nlohmann::json& arguments);

  // service `common` (version, login, authenticate) or `object` (execute_kw) of JSON-RPC and
  // XML-RPC. A parameter of the wrong type throws nlohmann::json::exception.
  ServerResult Dispatch(const std::string& service, const std::string& method,
                        const nlohmann::json& parameters);

 private:
  ServerResult Common(const std::string& method, const nlohmann::json& parameters);
  ServerResult Execute(const Account& account, const std::string& model, const std::string& method,
                       const nlohmann::json& arguments);
};

// {"version": "19.0", …}: /web/version, /json/version and common.version in one.
nlohmann::json VersionDocument();

}  // namespace webhook::embedded
