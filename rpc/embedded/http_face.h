// SPDX-License-Identifier: LGPL-3.0-or-later
// Serves the double over HTTP as an Odoo 19 would: JSON-2, JSON-RPC and XML-RPC, with the errors of
// the real one. The model is bwt.webhook.worker; besides the contract it has `echo`, which takes
// any text as `request` and returns the JSON text {"echo": request}.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "rpc/embedded/embedded_odoo.h"
#include "rpc/embedded/rpc_service.h"

namespace webhook::embedded {

struct HttpFaceOptions {
  std::string database = "webhook";
  std::vector<Account> accounts = {{"webhook_worker", "worker-key", true},
                                   {"demo", "demo-key", false}};
  bool addon_installed = true;
  int port = 0;  // 0: any free one
  std::size_t threads = 8;
  std::size_t body_bytes_max = 64U << 20U;
};

class HttpFace {
 public:
  // Listens on 127.0.0.1 until destroyed. The double outlives it and is used through Locked() only
  // in the meantime. Throws std::runtime_error when the port cannot be had.
  HttpFace(EmbeddedOdoo& odoo, HttpFaceOptions options = {});
  ~HttpFace();

  const std::string& url() const;  // http://127.0.0.1:port

  // Runs `use` while no call is under way. Any thread.
  void Locked(const std::function<void(EmbeddedOdoo&)>& use);
  // From now on these may log in. Any thread.
  void SetAccounts(std::vector<Account> accounts);

 private:
  class Server;
  std::unique_ptr<Server> server_;
};

}  // namespace webhook::embedded
