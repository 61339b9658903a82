// SPDX-License-Identifier: LGPL-3.0-or-later
// The receiver over real sockets.
#include "app/webhook_demo/receiver/receiver.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <nlohmann/json.hpp>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "lib/net/file_descriptor.h"

namespace webhook::demo {
namespace {

using nlohmann::json;

const base::SystemClock kClock;

class Client {
 public:
  explicit Client(const Receiver& receiver) : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(receiver.port()));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval timeout{.tv_sec = 20, .tv_usec = 0};
    setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
    REQUIRE(connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) ==
            0);
  }

  void Send(const std::string& text) {
    REQUIRE(send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL) == std::ssize(text));
  }

  void Post(const std::string& path, const std::string& body, const std::string& headers = "") {
    Send("POST " + path + " HTTP/1.1\r\nHost: x\r\n" + headers +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  }

  // One whole answer. Requires a Content-Length.
  std::string Answer() {
    while (true) {
      const auto end = in_.find("\r\n\r\n");
      if (end != std::string::npos) {
        const auto at = in_.find("Content-Length: ");
        const std::size_t size = end + 4 + std::stoul(in_.substr(at + 16));
        if (in_.size() >= size) {
          std::string answer = in_.substr(0, size);
          in_.erase(0, size);
          return answer;
        }
      }
      REQUIRE(Read() > 0);
    }
  }

  void WaitFor(const std::string& text) {
    while (in_.find(text) == std::string::npos) REQUIRE(Read() > 0);
  }

  // Everything until the end; `error` is 0 for a good end.
  std::string Rest(int& error) {
    ssize_t size = 0;
    while ((size = Read()) > 0) continue;
    error = size < 0 ? errno : 0;
    return std::exchange(in_, "");
  }

 private:
  ssize_t Read() {
    std::array<char, 65536> buffer{};
    const ssize_t size = recv(socket_.get(), buffer.data(), buffer.size(), 0);
    if (size > 0) in_.append(buffer.data(), static_cast<std::size_t>(size));
    return size;
  }

  net::FileDescriptor socket_;
  std::string in_;
};

std::string StatusOf(const std::string& answer) { return answer.substr(9, 3); }
std::string BodyOf(const std::string& answer) { return answer.substr(answer.find("\r\n\r\n") + 4); }

json Get(const Receiver& receiver, const std::string& path) {
  Client client(receiver);
  client.Send("GET " + path + " HTTP/1.1\r\n\r\n");
  return json::parse(BodyOf(client.Answer()));
}

// A webhook-id whose first try on /flaky ends so.
std::string IdWith(Ending ending) {
  for (int i = 0;; ++i) {
    std::string id = "id-" + std::to_string(i);
    if (Flaky(id, 1, {}).ending == ending) return id;
  }
}

std::string IdHeader(const std::string& id) { return "webhook-id: " + id + "\r\n"; }

TEST_CASE("one connection, one request after the other, each in the ledger") {
  const Receiver receiver({}, kClock);
  Client client(receiver);
  client.Post("/healthy", "{}", "webhook-id: a\r\nIdempotency-Key: k\r\nwebhook-timestamp: 12\r\n");
  CHECK(StatusOf(client.Answer()) == "200");
  client.Post("/dead?x=1", "{}");
  CHECK(StatusOf(client.Answer()) == "500");
  client.Post("/echo", std::string("a\0b", 3));
  CHECK(BodyOf(client.Answer()) == std::string("a\0b", 3));
  CHECK(Get(receiver, "/ledger") ==
        json({{"/healthy", {{"200", 1}}}, {"/dead", {{"500", 1}}}, {"/echo", {{"200", 1}}}}));
  const json entries = Get(receiver, "/requests?webhook_id=a");
  REQUIRE(entries.size() == 1);
  CHECK(entries[0]["idempotency_key"] == "k");
  CHECK(entries[0]["webhook_timestamp"] == "12");
  CHECK(entries[0]["body_bytes"] == 2);
  CHECK(entries[0]["body_sha256"] ==
        "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
}

TEST_CASE("a reset before any reply, and one in the middle") {
  const Receiver receiver({}, kClock);
  int error = 0;
  Client before(receiver);
  before.Post("/flaky", "{}", IdHeader(IdWith(Ending::kReset)));
  CHECK(before.Rest(error).empty());
  CHECK(error == ECONNRESET);
  Client midway(receiver);
  midway.Post("/flaky", "{}", IdHeader(IdWith(Ending::kResetMidway)));
  const std::string half = midway.Rest(error);
  CHECK(half.find("\r\n\r\n") != std::string::npos);
  CHECK(BodyOf(half).size() < std::stoul(half.substr(half.find("Content-Length: ") + 16)));
  CHECK(error == ECONNRESET);
  CHECK(Get(receiver, "/ledger") == json({{"/flaky", {{"reset", 2}}}}));
}

TEST_CASE("503 with Retry-After") {
  const Receiver receiver({}, kClock);
  std::string id;
  for (int i = 0; id.empty(); ++i) {
    if (Flaky("id-" + std::to_string(i), 1, {}).status == 503) id = "id-" + std::to_string(i);
  }
  Client client(receiver);
  client.Post("/flaky", "{}", IdHeader(id));
  const std::string answer = client.Answer();
  CHECK(StatusOf(answer) == "503");
  CHECK(answer.find("\r\nRetry-After: 1\r\n") != std::string::npos);
}

TEST_CASE("no answer until the client goes") {
  const Receiver receiver({}, kClock);
  {
    Client client(receiver);
    client.Post("/hang", "{}");
    while (Get(receiver, "/ledger") != json({{"/hang", {{"pending", 1}}}})) continue;
  }
  while (Get(receiver, "/ledger") != json({{"/hang", {{"none", 1}}}})) continue;
}

TEST_CASE("a slow answer comes, and nobody else waits for it") {
  const Receiver receiver({.threads = 1}, kClock);
  Client slow(receiver);
  Client gone(receiver);
  slow.Post("/slow/300", "{}");
  gone.Post("/slow/60000", "{}");
  while (Get(receiver, "/ledger")["/slow/60000"] != json({{"pending", 1}})) continue;
  Client quick(receiver);
  quick.Post("/healthy", "{}");
  CHECK(StatusOf(quick.Answer()) == "200");
  CHECK(Get(receiver, "/ledger")["/slow/300"] == json({{"pending", 1}}));
  CHECK(StatusOf(slow.Answer()) == "200");
  { const Client left = std::move(gone); }
  while (Get(receiver, "/ledger")["/slow/60000"] != json({{"none", 1}})) continue;
}

TEST_CASE("bad requests are answered, the connection is closed, the ledger knows nothing of them") {
  const Receiver receiver({.limits = {.header_bytes_max = 200, .body_bytes_max = 1000}}, kClock);
  const auto answer = [&](const std::string& text) {
    Client client(receiver);
    client.Send(text);
    int error = 0;
    const std::string status = StatusOf(client.Rest(error));
    CHECK(error == 0);
    return status;
  };
  CHECK(answer("GARBAGE\r\n\r\n") == "400");
  CHECK(answer("POST /echo HTTP/1.1\r\nContent-Length: 1001\r\n\r\n" + std::string(900, 'x')) ==
        "413");
  CHECK(answer("GET /" + std::string(300, 'x') + " HTTP/1.1\r\n\r\n") == "431");
  CHECK(answer("POST /echo HTTP/1.1\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx") == "200");
  CHECK(Get(receiver, "/ledger") == json({{"/echo", {{"200", 1}}}}));
}

TEST_CASE("100 Continue") {
  const Receiver receiver({}, kClock);
  Client client(receiver);
  client.Send(
      "POST /echo HTTP/1.1\r\nConnection: close\r\nExpect: 100-continue\r\n"
      "Content-Length: 2\r\n\r\n");
  client.WaitFor("HTTP/1.1 100 Continue\r\n\r\n");
  client.Send("ab");
  int error = 0;
  const std::string all = client.Rest(error);
  CHECK(all.starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"));
  CHECK(all.ends_with("ab"));
}

TEST_CASE("a body that needs many reads and writes") {
  const Receiver receiver({}, kClock);
  const std::string body(8'000'000, 'x');
  Client client(receiver);
  std::thread sender([&] { client.Post("/echo", body); });
  sender.join();
  CHECK(BodyOf(client.Answer()) == body);
}

TEST_CASE("one connection too many is closed, an idle one too") {
  const Receiver receiver({.connections_max = 1, .idle_timeout = base::Milliseconds(50)}, kClock);
  int error = 0;
  Client first(receiver);
  first.Post("/healthy", "{}");
  CHECK(StatusOf(first.Answer()) == "200");
  Client second(receiver);
  CHECK(second.Rest(error).empty());
  CHECK(first.Rest(error).empty());
  CHECK(error == 0);
}

TEST_CASE("many clients at once: nothing is counted twice or lost") {
  const Receiver receiver({}, kClock);
  constexpr int kClients = 8;
  constexpr int kRequests = 200;
  std::vector<std::thread> threads;
  for (int i = 0; i < kClients; ++i) {
    threads.emplace_back([&] {
      Client client(receiver);
      for (int n = 0; n < kRequests; ++n) {
        client.Post("/healthy", "{}", IdHeader("same"));
        client.Answer();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(Get(receiver, "/ledger") == json({{"/healthy", {{"200", kClients * kRequests}}}}));
  CHECK(receiver.ledger().requests() == kClients * kRequests);
}

TEST_CASE("a port that is taken is an error") {
  const Receiver receiver({}, kClock);
  CHECK_THROWS_AS(Receiver({.port = receiver.port()}, kClock), std::system_error);
}

}  // namespace
}  // namespace webhook::demo
