// SPDX-License-Identifier: LGPL-3.0-or-later
// A real nginx as the receiver: plain on one port of 127.0.0.1, on another TLS that demands a
// client certificate. It answers 200 with the name of the client's certificate, and its log tells
// which connection carried which request.
#pragma once

#include <sys/types.h>

#include <map>
#include <set>
#include <string>

#include "tests/conformance/net/test_certificates.h"
#include "tests/fakes/temporary_directory.h"

namespace webhook::net_tests {

class NginxReceiver {
 public:
  // Where the program is; "" when it is not installed.
  static std::string Program();

  // The server's certificate is for 127.0.0.1. Throws std::runtime_error when nginx does not start.
  NginxReceiver(const TestAuthority& servers, const TestAuthority& clients);
  ~NginxReceiver();

  std::string PlainUrl() const { return "http://127.0.0.1:" + std::to_string(plain_port_) + "/"; }
  std::string TlsUrl() const { return "https://127.0.0.1:" + std::to_string(tls_port_) + "/"; }

  struct Log {
    int requests = 0;
    int failures = 0;                                    // answered with another status than 200
    std::map<std::string, std::set<std::string>> names;  // connection: the clients on it
  };
  // Ends nginx in good order and reads what it logged.
  Log Stop();

 private:
  void WriteFiles(const TestAuthority& servers, const TestAuthority& clients) const;
  void WriteConfiguration() const;
  void Start();
  bool WaitUntilListening();
  void End(int signal);

  fakes::TemporaryDirectory directory_;
  int plain_port_ = 0;
  int tls_port_ = 0;
  pid_t process_ = -1;
};

}  // namespace webhook::net_tests
