// SPDX-License-Identifier: LGPL-3.0-or-later
// A self-signed certificate for 127.0.0.1 in files of its own, gone with the object.
#pragma once

#include <string>

#include "tests/fakes/temporary_directory.h"

namespace webhook::rpc {

class TestCertificate {
 public:
  TestCertificate();
  std::string certificate_file() const;
  std::string key_file() const;

 private:
  fakes::TemporaryDirectory directory_;
};

}  // namespace webhook::rpc
