// SPDX-License-Identifier: LGPL-3.0-or-later
// The composition root: builds every adapter from the configuration and hands it to the engine.
#pragma once

#include <memory>

#include "lib/config/config.h"

namespace webhook::app {

class Service {
 public:
  // Throws when the journal, the log file or the certificates cannot be had.
  explicit Service(const config::Config& config);
  ~Service();

  // Works on the calling thread until Stop has been carried out.
  void Run();

  // Graceful: claims nothing more, lets requests end, brings the settlements to Odoo. Any thread.
  void Stop();

 private:
  class Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace webhook::app
