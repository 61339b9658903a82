// SPDX-License-Identifier: LGPL-3.0-or-later
#include "tests/conformance/net/nginx_receiver.h"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "lib/net/file_descriptor.h"
#include "lib/net/ip_address.h"
#include "lib/net/socket_address.h"

namespace webhook::net_tests {
namespace {

constexpr int kCannotStart = 127;

net::SocketAddress OnLoopback(int port) {
  return net::ToSocketAddress(*net::IpAddress::Parse("127.0.0.1"),
                              static_cast<std::uint16_t>(port));
}

int FreePort() {
  const net::FileDescriptor probe(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  net::SocketAddress address = OnLoopback(0);
  if (bind(probe.get(), address.get(), address.length) != 0) {
    throw std::runtime_error("no free port");
  }
  getsockname(probe.get(), address.get(), &address.length);
  return net::PortOf(address);
}

bool Listens(int port) {
  const net::FileDescriptor probe(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const net::SocketAddress address = OnLoopback(port);
  return connect(probe.get(), address.get(), address.length) == 0;
}

void Write(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

// In the child. It must not outlive the test, however the test ends.
[[noreturn]] void RunNginx(const char* program, const char* configuration, const char* errors) {
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  execl(program, program, "-c", configuration, "-e", errors, static_cast<char*>(nullptr));
  _exit(kCannotStart);
}

}  // namespace

std::string NginxReceiver::Program() {
  for (const char* path : {"/usr/sbin/nginx", "/usr/bin/nginx", "/usr/local/sbin/nginx"}) {
    if (access(path, X_OK) == 0) return path;
  }
  return "";
}

NginxReceiver::NginxReceiver(const TestAuthority& servers, const TestAuthority& clients) {
  WriteFiles(servers, clients);
  // Somebody else may take a port between our asking for it and nginx: then with other ports.
  constexpr int kTriesMax = 5;
  for (int i = 0; i < kTriesMax; ++i) {
    plain_port_ = FreePort();
    tls_port_ = FreePort();
    WriteConfiguration();
    Start();
    if (WaitUntilListening()) return;
  }
  std::ostringstream said;
  said << std::ifstream(directory_.File("error.log")).rdbuf();
  throw std::runtime_error("nginx does not start: " + said.str());
}

NginxReceiver::~NginxReceiver() { End(SIGTERM); }

void NginxReceiver::WriteFiles(const TestAuthority& servers, const TestAuthority& clients) const {
  const Issued own = servers.Issue("nginx", "IP:127.0.0.1");
  Write(directory_.File("server.pem"), own.CertificatePem());
  Write(directory_.File("server.key"), own.KeyPem());
  Write(directory_.File("clients.pem"), clients.Pem());
}

void NginxReceiver::WriteConfiguration() const {
  const std::string here = directory_.File("");
  std::string text = geteuid() == 0 ? "user root;\n" : "";
  text += "daemon off;\nworker_processes 2;\npid " + here + "nginx.pid;\n";
  text += "events { worker_connections 512; }\nhttp {\n";
  for (const char* kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"}) {
    text += std::string(kind) + "_temp_path " + here + kind + ";\n";
  }
  text +=
      "log_format connections '$connection $connection_requests $status \"$ssl_client_s_dn\"';\n";
  text += "access_log " + here + "access.log connections;\n";
  text += "keepalive_timeout 60s;\nkeepalive_requests 10000;\ndefault_type text/plain;\n";
  text += "server { listen 127.0.0.1:" + std::to_string(plain_port_) +
          "; location / { return 200 'plain'; } }\n";
  text += "server { listen 127.0.0.1:" + std::to_string(tls_port_) + " ssl;\n";
  text += "ssl_certificate " + here + "server.pem;\nssl_certificate_key " + here + "server.key;\n";
  text += "ssl_client_certificate " + here + "clients.pem;\nssl_verify_client on;\n";
  text += "location / { return 200 '$ssl_client_s_dn'; } }\n}\n";
  Write(directory_.File("nginx.conf"), text);
}

void NginxReceiver::Start() {
  const std::string program = Program();
  const std::string configuration = directory_.File("nginx.conf");
  const std::string errors = directory_.File("error.log");
  process_ = fork();
  if (process_ < 0) throw std::runtime_error("no process for nginx");
  if (process_ == 0) RunNginx(program.c_str(), configuration.c_str(), errors.c_str());
}

bool NginxReceiver::WaitUntilListening() {
  constexpr int kLooksMax = 2000;
  constexpr int kBetweenMs = 10;
  for (int i = 0; i < kLooksMax; ++i) {
    if (Listens(plain_port_) && Listens(tls_port_)) return true;
    if (waitpid(process_, nullptr, WNOHANG) == process_) {
      process_ = -1;
      return false;
    }
    poll(nullptr, 0, kBetweenMs);
  }
  End(SIGTERM);
  return false;
}

void NginxReceiver::End(int signal) {
  if (process_ < 0) return;
  kill(process_, signal);
  waitpid(process_, nullptr, 0);
  process_ = -1;
}

NginxReceiver::Log NginxReceiver::Stop() {
  End(SIGQUIT);
  Log log;
  std::ifstream lines(directory_.File("access.log"));
  std::string line;
  while (std::getline(lines, line)) {
    std::istringstream words(line);
    std::string connection;
    std::string number;
    std::string status;
    std::string name;
    words >> connection >> number >> status;
    std::getline(words, name);
    ++log.requests;
    if (status != "200") ++log.failures;
    log.names[connection].insert(name);
  }
  return log;
}

}  // namespace webhook::net_tests
