// SPDX-License-Identifier: LGPL-3.0-or-later
// An HTTP server with Odoo's three envelopes around one method, `echo` of bwt.webhook.worker, and
// with the refusals a real Odoo 19 was recorded with (tests/unit/rpc/golden). Knows one database,
// one user, one key.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "lib/base/mutex.h"

namespace httplib {
class Server;
}

namespace webhook::rpc {

struct FakeOdooOptions {
  std::string version = "19.0";  // JSON-2 from 19 on
  bool jsonrpc = true;
  bool xmlrpc = true;
  std::string base_path;  // "/erp"
};

class FakeOdoo {
 public:
  static constexpr const char* kDatabase = "crm";
  static constexpr const char* kLogin = "webhook_worker";
  static constexpr const char* kKey = "0123456789abcdef0123456789abcdef01234567";

  explicit FakeOdoo(FakeOdooOptions options = {});
  ~FakeOdoo();

  std::string url() const;

  // From now on only this key, and this user id, are good.
  void SetKey(std::string key);
  void SetUserId(int user_id) { user_id_ = user_id; }

  int log_ins() const { return log_ins_; }

 private:
  struct Refusal;

  void AddRoutes();
  void AddJson2();
  void AddJsonRpc();
  void AddXmlRpc();
  bool IsKey(const std::string& key);
  std::string CallService(const std::string& service, const std::string& method,
                          const std::vector<std::string>& arguments);

  const FakeOdooOptions options_;
  base::Mutex mutex_;
  std::string key_ WEBHOOK_GUARDED_BY(mutex_) = kKey;
  std::atomic<int> user_id_ = 7;
  std::atomic<int> log_ins_ = 0;
  std::unique_ptr<httplib::Server> server_;
  int port_ = 0;
  std::thread thread_;
};

}  // namespace webhook::rpc
