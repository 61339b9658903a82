// SPDX-License-Identifier: LGPL-3.0-or-later
// An HttpServer on loopback with a receiver of the tests behind it, and a client that sends what it
// likes.
#pragma once

#include <openssl/ssl.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/base/clock.h"
#include "lib/base/mutex.h"
#include "lib/net/file_descriptor.h"
#include "lib/net/http_server.h"
#include "tests/fakes/recording_log.h"

namespace webhook::net_tests {

// Answers at once, or holds requests until the test answers them.
class TestReceiver final : public delivery::RequestReceiver {
 public:
  using Done = std::function<void(delivery::ReceiverAnswer)>;
  struct Held {
    delivery::ReceivedRequest request;
    Done done;
  };

  // Set before the server starts. `on_head` may be empty.
  std::function<std::optional<delivery::ReceiverAnswer>(const delivery::ReceivedHead&)> on_head;
  std::function<delivery::ReceiverAnswer(const delivery::ReceivedRequest&)> answer =
      [](const delivery::ReceivedRequest& request) {
        return delivery::ReceiverAnswer{200, {}, request.body};
      };
  bool holds = false;

  std::optional<delivery::ReceiverAnswer> OnHead(const delivery::ReceivedHead& head) override;
  void OnRequest(delivery::ReceivedRequest request, Done done) override;

  // Waits for the next held request.
  Held NextHeld();

  // Every request so far.
  std::vector<delivery::ReceivedRequest> requests() const;

 private:
  mutable base::Mutex mutex_;
  base::Condition news_;
  std::vector<delivery::ReceivedRequest> requests_ WEBHOOK_GUARDED_BY(mutex_);
  std::vector<Held> held_ WEBHOOK_GUARDED_BY(mutex_);
};

struct TestAnswer {
  int status = 0;    // 0: there was none
  std::string head;  // with its last line
  std::string body;

  bool Has(std::string_view line) const { return head.find(line) != std::string::npos; }
};

// One connection to 127.0.0.1. Waits at most ten seconds for anything.
class TestClient {
 public:
  explicit TestClient(std::uint16_t port, SSL_CTX* tls = nullptr, int receive_bytes = 0);
  ~TestClient();

  // False when the server does not take it any more.
  bool Send(std::string_view bytes);

  // By Content-Length; without a body for HEAD.
  TestAnswer ReadAnswer(bool to_head = false);

  // Whether the server ends the connection with nothing more to read.
  bool IsEnded();

  // All bytes until the end, or until it breaks.
  std::string ReadToEnd();

  bool handshake_done() const { return handshake_done_; }
  SSL* tls() const { return tls_; }
  int fd() const { return socket_.get(); }
  void HalfClose();
  void Reset();

 private:
  bool ReadMore();

  net::FileDescriptor socket_;
  SSL* tls_ = nullptr;
  bool handshake_done_ = false;
  std::string read_;
};

class ServerRig {
 public:
  // Listens on 127.0.0.1, any port.
  ServerRig() { options.listen = "127.0.0.1:0"; }

  void Start();
  TestAnswer Ask(std::string_view request);  // on a connection of its own

  net::HttpServerOptions options;
  TestReceiver receiver;
  base::SystemClock clock;
  fakes::RecordingLog log;
  std::unique_ptr<net::HttpServer> server;

  std::uint16_t port() const { return server->port(); }

  // Until `is_so` or ten seconds are over.
  static bool Eventually(const std::function<bool()>& is_so);
};

std::string Post(std::string_view body, std::string_view more_headers = "");

}  // namespace webhook::net_tests
