// SPDX-License-Identifier: LGPL-3.0-or-later
#include <doctest/doctest.h>
#include <httplib.h>

#include "tests/conformance/rpc/raw_server.h"
#include "tests/conformance/rpc/targets.h"
#include "tests/conformance/rpc/test_certificate.h"

namespace webhook::rpc {
namespace {

using delivery::RpcFaultKind;
using delivery::RpcReply;

const base::SystemClock kClock;

// Answers every call of echo with "{}".
class TlsServer {
 public:
  explicit TlsServer(const TestCertificate& certificate)
      : server_(certificate.certificate_file().c_str(), certificate.key_file().c_str()) {
    server_.new_task_queue = [] { return new httplib::ThreadPool(2); };
    server_.set_tcp_nodelay(true);
    server_.set_keep_alive_timeout(1);
    server_.Post(".*", [this](const auto&, auto& response) {
      ++requests_;
      response.set_content("\"{}\"", "application/json");
    });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();
  }
  ~TlsServer() {
    server_.stop();
    thread_.join();
  }
  std::string url(const std::string& host) const {
    return "https://" + host + ":" + std::to_string(port_);
  }
  int requests() const { return requests_; }

 private:
  httplib::SSLServer server_;
  std::atomic<int> requests_ = 0;
  int port_ = 0;
  std::thread thread_;
};

RpcReply CallAt(const std::string& url, const std::string& ca_file,
                base::Milliseconds timeout = kPatience) {
  ConnectionOptions options;
  options.url = url;
  options.database = FakeOdoo::kDatabase;
  options.key = [] { return base::Secret(FakeOdoo::kKey); };
  options.protocol = ProtocolKind::kJson2;
  options.ca_file = ca_file;
  return Connect(options, kClock)->CallMethod(kWorkerModel, "echo", "{}", timeout);
}

void CheckUnreachable(const RpcReply& reply) {
  CAPTURE(Shown(reply));
  REQUIRE_FALSE(reply.ok());
  CHECK(reply.error().kind == RpcFaultKind::kUnreachable);
}

TEST_CASE("the server's certificate is checked, name included, before anything is sent") {
  const TestCertificate certificate;
  const TestCertificate other;
  const TlsServer server(certificate);
  const RpcReply good = CallAt(server.url("127.0.0.1"), certificate.certificate_file());
  CAPTURE(Shown(good));
  CHECK(good.ok());
  CHECK(server.requests() == 1);

  CheckUnreachable(CallAt(server.url("127.0.0.1"), ""));
  CheckUnreachable(CallAt(server.url("127.0.0.1"), other.certificate_file()));
  CheckUnreachable(CallAt(server.url("127.0.0.1"), "/nonexistent/ca.pem"));
  CheckUnreachable(CallAt(server.url("localhost"), certificate.certificate_file()));
  CHECK(server.requests() == 1);
}

TEST_CASE("a server that does not speak TLS, and one that never shakes hands") {
  const RawServer plain({.answer = "HTTP/1.0 400 Bad Request\r\n\r\n", .read_nothing = true});
  CheckUnreachable(CallAt("https" + plain.url().substr(4), ""));

  const RawServer silent({.answer = "", .drip = "", .hold = true, .read_nothing = true});
  const auto start = kClock.SteadyNow();
  CheckUnreachable(CallAt("https" + silent.url().substr(4), "", base::Milliseconds(300)));
  CHECK(kClock.SteadyNow() - start < base::Milliseconds(10'000));
}

}  // namespace
}  // namespace webhook::rpc
