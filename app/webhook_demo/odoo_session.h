// SPDX-License-Identifier: LGPL-3.0-or-later
// Calls of a real Odoo's models over JSON-2, with the key of one user. One thread, but for
// Cancel().
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "lib/base/clock.h"
#include "rpc/http_session.h"

namespace webhook::demo {

struct OdooAccount {
  std::string url;
  std::string database;
  std::string key;
};

class OdooSession {
 public:
  // The clock outlives it. Throws std::runtime_error for a URL that is none.
  OdooSession(const OdooAccount& account, const base::Clock& clock);

  // `arguments` is an object: the method's named arguments, and `ids` for methods of records.
  // Throws std::runtime_error with a sentence that says what is wrong.
  nlohmann::json Call(const std::string& model, const std::string& method,
                      const nlohmann::json& arguments);

  void Cancel() { http_.Cancel(); }

 private:
  const OdooAccount account_;
  rpc::HttpSession http_;
};

}  // namespace webhook::demo
