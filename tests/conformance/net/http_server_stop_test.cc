// SPDX-License-Identifier: LGPL-3.0-or-later
// The end: of the server with requests under way, of clients before their answer, of descriptors.
#include <doctest/doctest.h>

#include <atomic>
#include <filesystem>
#include <future>
#include <iterator>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/conformance/net/http_server_rig.h"

namespace webhook::net_tests {
namespace {

using base::Milliseconds;

std::size_t OpenDescriptors() {
  return static_cast<std::size_t>(
      std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {}));
}

TEST_CASE("http server: stopping lets requests under way finish") {
  ServerRig rig;
  rig.options.threads = 1;  // when one connection has heard of the end, all have
  rig.receiver.holds = true;
  rig.Start();
  TestClient idle(rig.port());
  TestClient waiting(rig.port());
  waiting.Send(Post("waiting"));
  TestReceiver::Held held = rig.receiver.NextHeld();
  TestClient sending(rig.port());
  const std::string request = Post("sending");
  sending.Send(request.substr(0, 30));
  CHECK(rig.Eventually([&] { return rig.server->counts().connections == 3; }));
  std::thread stopping([&] { rig.server->Stop(); });
  CHECK(idle.IsEnded());
  held.done({200, {}, "ok"});
  const TestAnswer answer = waiting.ReadAnswer();
  CHECK(answer.body == "ok");
  CHECK(answer.Has("\r\nConnection: close\r\n"));
  CHECK(waiting.IsEnded());
  sending.Send(request.substr(30));
  rig.receiver.NextHeld().done({200, {}, "ok too"});
  CHECK(sending.ReadAnswer().body == "ok too");
  CHECK(sending.IsEnded());
  stopping.join();
  CHECK_THROWS(TestClient(rig.port()));
}

TEST_CASE("http server: stopping does not wait for ever, later answers are dropped") {
  ServerRig rig;
  rig.options.stop_grace = Milliseconds(100);
  rig.receiver.holds = true;
  rig.Start();
  TestClient waiting(rig.port());
  waiting.Send(Post("waiting"));
  TestReceiver::Held held = rig.receiver.NextHeld();
  TestClient sending(rig.port());
  sending.Send("POST / HTTP/1.1\r\n");
  rig.server->Stop();
  CHECK(waiting.ReadAnswer().status == 0);
  rig.server->Stop();
  held.done({200, {}, "late"});
  rig.server.reset();
  held.done({200, {}, "later"});
}

TEST_CASE("http server: what was sent before the stop is answered") {
  for (int round = 0; round < 20; ++round) {
    ServerRig rig;
    rig.Start();
    std::optional<TestClient> client(rig.port());
    client->Send(Post("just in time"));
    std::thread stopping([&] { rig.server->Stop(); });
    CHECK(client->ReadAnswer().body == "just in time");
    CHECK(client->IsEnded());
    client.reset();  // who stays is waited for, but not for long
    stopping.join();
  }
}

TEST_CASE("http server: a request that nobody has looked at yet is under way too") {
  ServerRig rig;
  rig.options.threads = 1;
  std::promise<void> arrived;
  std::promise<void> released;
  rig.receiver.on_head = [&](const delivery::ReceivedHead& head) {
    if (head.target == "/block") {
      arrived.set_value();
      released.get_future().wait();
    }
    return std::optional<delivery::ReceiverAnswer>();
  };
  rig.Start();
  std::optional<TestClient> blocking(rig.port());
  std::optional<TestClient> client(rig.port());
  client->Send(Post("first"));
  CHECK(client->ReadAnswer().body == "first");
  blocking->Send("GET /block HTTP/1.1\r\nHost: a\r\n\r\n");
  arrived.get_future().wait();
  client->Send(Post("second"));
  std::thread stopping([&] { rig.server->Stop(); });
  CHECK(rig.Eventually([&] {
    try {
      TestClient further(rig.port());
      return false;
    } catch (const std::runtime_error&) {
      return true;
    }
  }));
  released.set_value();
  CHECK(client->ReadAnswer().body == "second");
  CHECK(blocking->ReadAnswer().status == 200);
  client.reset();
  blocking.reset();
  stopping.join();
}

TEST_CASE("http server: the client may leave before its answer") {
  ServerRig rig;
  rig.receiver.holds = true;
  rig.Start();
  for (int i = 0; i < 20; ++i) {
    auto client = std::make_unique<TestClient>(rig.port());
    client->Send(Post("x"));
    TestReceiver::Held held = rig.receiver.NextHeld();
    if (i % 2 == 0) client->Reset();
    client.reset();
    held.done({200, {}, std::string(100'000, 'a')});
  }
  CHECK(rig.Eventually([&] { return rig.server->counts().connections == 0; }));
}

TEST_CASE("http server: descriptors are given back") {
  const std::size_t before = OpenDescriptors();
  {
    ServerRig rig;
    rig.Start();
    for (int i = 0; i < 300; ++i) {
      TestClient client(rig.port());
      client.Send(i % 3 == 0 ? "GARBAGE\r\n\r\n" : Post("x"));
      if (i % 5 == 0) client.Reset();
    }
    CHECK(rig.Eventually([&] { return rig.server->counts().connections == 0; }));
    // The client's last one may still be in the hands of the loop that closed it.
    const std::size_t at_rest = OpenDescriptors();
    TestClient client(rig.port());
    CHECK(rig.Eventually([&] { return OpenDescriptors() == at_rest + 2; }));
  }
  CHECK(OpenDescriptors() == before);
}

TEST_CASE("http server: many clients and threads that answer, until it stops in the middle") {
  ServerRig rig;
  rig.options.stop_grace = Milliseconds(2000);
  rig.receiver.holds = true;
  rig.Start();
  std::atomic<bool> over = false;
  std::vector<std::thread> answering;
  for (int i = 0; i < 3; ++i) {
    answering.emplace_back([&] {
      while (!over) {
        TestReceiver::Held held = rig.receiver.NextHeld();
        held.done({200, {}, held.request.body});
      }
    });
  }
  std::atomic<int> answered = 0;
  std::vector<std::thread> asking;
  for (int i = 0; i < 8; ++i) {
    asking.emplace_back([&, i] {
      TestClient client(rig.port());
      for (int n = 0; client.Send(Post(std::to_string(i * 1000 + n))); ++n) {
        const TestAnswer answer = client.ReadAnswer();
        if (answer.status == 0) return;
        if (answer.body == std::to_string(i * 1000 + n)) ++answered;
        if (answer.Has("Connection: close")) return;
      }
    });
  }
  CHECK(rig.Eventually([&] { return answered > 500; }));
  rig.server->Stop();
  for (std::thread& thread : asking) thread.join();
  over = true;
  for (std::size_t i = 0; i < answering.size(); ++i) {
    rig.receiver.OnRequest({}, [](delivery::ReceiverAnswer) {});
  }
  for (std::thread& thread : answering) thread.join();
  CHECK(static_cast<std::size_t>(answered) + answering.size() <= rig.receiver.requests().size());
}

}  // namespace
}  // namespace webhook::net_tests
