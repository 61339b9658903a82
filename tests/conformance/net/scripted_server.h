// SPDX-License-Identifier: LGPL-3.0-or-later
// A receiver of the tests on a real socket: each connection runs a script on a thread of its own,
// which may do what no honest server does.
#pragma once

#include <openssl/ssl.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "lib/base/mutex.h"
#include "lib/net/file_descriptor.h"

namespace webhook::net_tests {

class ScriptedServer;

// One accepted connection, for its script.
class Peer {
 public:
  Peer(net::FileDescriptor socket, SSL* tls, ScriptedServer& server);
  ~Peer();

  // Reads one request with its body (by Content-Length); "" when the client ends or breaks first.
  std::string ReadRequest();

  // Adds it to the server's requests().
  void Record(std::string request);

  void Send(std::string_view bytes);
  void Reply(int status, std::string_view body, std::string_view more_headers = "");

  // Byte for byte until the client is gone.
  void Drip(std::string_view bytes, std::chrono::milliseconds pause);

  void HalfClose();
  void Reset();  // closes with RST

  // Until the client ends the connection, or the server stops.
  void WaitForEnd();
  void WaitForEndWithoutReading();

  bool Handshake();

  // The common name in the client's certificate; "" when it showed none.
  std::string ClientName() const;

  // The script's own connection to 127.0.0.1:`port`: bytes are carried both ways until one side
  // ends. What a proxy does.
  void JoinWith(int port);

  int fd() const { return socket_.get(); }

 private:
  void LingerAfterFailure();
  long Receive(char* buffer, std::size_t size);
  bool Pause(std::chrono::milliseconds time);

  net::FileDescriptor socket_;
  SSL* tls_;
  ScriptedServer& server_;
  std::string buffered_;
  bool broken_ = false;
};

class ScriptedServer {
 public:
  using Script = std::function<void(Peer&)>;

  // `tls`: owned by the caller; null for plain connections.
  explicit ScriptedServer(Script script, SSL_CTX* tls = nullptr);
  ~ScriptedServer();

  int port() const { return port_; }
  std::string Url(std::string_view path = "/hook") const;

  // What scripts recorded so far, over all connections.
  std::vector<std::string> requests() const;
  int connection_count() const { return connection_count_; }

  // A script that records every request and answers it.
  static Script Answering(std::function<void(Peer&)> answer);

 private:
  friend class Peer;

  void Accept();
  void Serve(int socket);

  const Script script_;
  SSL_CTX* const tls_;
  net::FileDescriptor listener_;
  int port_ = 0;
  std::atomic<bool> stopping_ = false;
  std::atomic<int> connection_count_ = 0;
  mutable base::Mutex mutex_;
  std::vector<std::string> requests_ WEBHOOK_GUARDED_BY(mutex_);
  std::list<std::thread> threads_;  // of the accepting thread, then of the destructor
  std::thread accepting_;
};

}  // namespace webhook::net_tests
