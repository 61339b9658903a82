// SPDX-License-Identifier: LGPL-3.0-or-later
// A worker's files and the Odoo double that it talks to, with one inbound endpoint made of the
// Stripe preset.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "lib/base/clock.h"
#include "lib/delivery/ports/http_transport.h"
#include "lib/inbound/request.h"
#include "rpc/embedded/embedded_odoo.h"
#include "rpc/embedded/http_face.h"
#include "tests/fakes/temporary_directory.h"
#include "tests/integration/gateway/worker_process.h"

namespace webhook::gateway_test {

class WorkerSetup {
 public:
  WorkerSetup();

  // Odoo comes up at the same port as before, or goes away.
  void StartOdoo();
  void StopOdoo() { face_.reset(); }
  std::size_t EventCount();

  // The configuration with these lines at the end; its path.
  std::string Config(const std::string& more = "");
  const std::vector<std::string>& environment() const { return environment_; }
  std::string File(const std::string& name) const { return directory_.File(name); }
  embedded::EmbeddedOdoo& odoo() { return odoo_; }

  // A sample of Stripe's, signed as the endpoint verifies it.
  inbound::RequestParts Sample(const std::string& gateway_url);

 private:
  base::SystemClock clock_;
  fakes::TemporaryDirectory directory_;
  embedded::EmbeddedOdoo odoo_;
  int port_ = 0;
  std::unique_ptr<embedded::HttpFace> face_;
  std::string url_;
  std::vector<std::string> environment_;
  int samples_ = 0;
};

// Blocking. Fails the test when there is no answer.
delivery::HttpReply Get(const std::string& url);
delivery::HttpReply Send(const inbound::RequestParts& request);

// A run of the program to its end, with the environment.
struct Ended {
  int exit_code;
  std::string output;
};
Ended Run(const WorkerSetup& setup, const std::vector<std::string>& arguments);

bool Has(const std::string& text, const std::string& part);

}  // namespace webhook::gateway_test
