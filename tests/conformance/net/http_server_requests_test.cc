// SPDX-License-Identifier: LGPL-3.0-or-later
// What the receiver sees, and what clients get.
#include <doctest/doctest.h>

#include <string>
#include <thread>

#include "tests/conformance/net/http_server_rig.h"

namespace webhook::net_tests {
namespace {

using delivery::ReceivedHead;
using delivery::ReceivedRequest;
using delivery::ReceiverAnswer;

TEST_CASE("http server: the receiver sees what was sent") {
  ServerRig rig;
  rig.receiver.answer = [](const ReceivedRequest&) {
    return ReceiverAnswer{202, {{"X-Note", "n"}}, "{}"};
  };
  rig.Start();
  using namespace std::string_literals;
  const TestAnswer whole = rig.Ask(
      "POST /in/a?b=c HTTP/1.1\r\nHost: Hooks.example:81\r\nX-A:  b \r\nX-Raw: \xe9\r\n"
      "Content-Length: 3\r\n\r\na\0b"s);
  CHECK(whole.status == 202);
  CHECK(whole.body == "{}");
  CHECK(whole.Has("\r\nX-Note: n\r\n"));
  CHECK(whole.Has("\r\nDate: "));
  CHECK(whole.Has("\r\nContent-Length: 2\r\n"));
  CHECK_FALSE(whole.Has("Server"));
  CHECK_FALSE(whole.Has("Connection"));
  REQUIRE(rig.receiver.requests().size() == 1);
  const ReceivedRequest request = rig.receiver.requests()[0];
  CHECK(request.head.method == "POST");
  CHECK(request.head.target == "/in/a?b=c");
  CHECK(request.head.remote_address == "127.0.0.1");
  CHECK(request.head.origin == "http://Hooks.example:81");
  CHECK(request.head.headers == delivery::HttpHeaders{{"Host", "Hooks.example:81"},
                                                      {"X-A", "b"},
                                                      {"X-Raw", "\xe9"},
                                                      {"Content-Length", "3"}});
  CHECK(request.body == "a\0b"s);
}

TEST_CASE("http server: a connection carries one request after the other") {
  ServerRig rig;
  rig.Start();
  TestClient client(rig.port());
  for (int i = 0; i < 100; ++i) {
    client.Send(Post("body " + std::to_string(i)));
    CHECK(client.ReadAnswer().body == "body " + std::to_string(i));
  }
  CHECK(rig.server->counts().connections == 1);
  CHECK(rig.server->counts().requests == 100);
}

TEST_CASE("http server: requests sent without waiting are answered in their order") {
  ServerRig rig;
  rig.Start();
  TestClient client(rig.port());
  std::string all;
  for (int i = 0; i < 500; ++i) all += Post(std::string(static_cast<std::size_t>(i) * 7, 'x'));
  all += "GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" + Post("unread");
  std::thread sending([&] { client.Send(all); });
  for (std::size_t i = 0; i < 500; ++i) CHECK(client.ReadAnswer().body.size() == i * 7);
  const TestAnswer last = client.ReadAnswer();
  sending.join();
  CHECK(last.Has("\r\nConnection: close\r\n"));
  CHECK(client.IsEnded());
  CHECK(rig.receiver.requests().size() == 501);
}

TEST_CASE("http server: the next request waits for the answer") {
  ServerRig rig;
  rig.receiver.holds = true;
  rig.Start();
  TestClient client(rig.port());
  client.Send(Post("one") + Post("two"));
  TestReceiver::Held first = rig.receiver.NextHeld();
  CHECK(rig.receiver.requests().size() == 1);
  first.done({200, {}, "1"});
  CHECK(client.ReadAnswer().body == "1");
  rig.receiver.NextHeld().done({200, {}, "2"});
  CHECK(client.ReadAnswer().body == "2");
}

TEST_CASE("http server: chunks are put together") {
  ServerRig rig;
  rig.Start();
  const std::string big(300'000, 'b');
  const TestAnswer answer = rig.Ask(
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
      "chunked\r\n\r\n5;x=y\r\nhello\r\n493e0\r\n" +
      big + "\r\n0\r\nX-Trailer: t\r\n\r\n");
  CHECK(answer.body == "hello" + big);
  CHECK(rig.receiver.requests()[0].head.headers.size() == 2);
}

TEST_CASE("http server: a body as large as permitted comes through, back too") {
  ServerRig rig;
  rig.Start();
  const std::string body(rig.options.body_bytes_max, 'z');
  TestClient client(rig.port());
  client.Send(Post(body));
  CHECK(client.ReadAnswer().body == body);
  CHECK(rig.Eventually([&] { return rig.server->counts().buffered_bytes == 0; }));
}

TEST_CASE("http server: HTTP/1.0 is answered and closed") {
  ServerRig rig;
  rig.Start();
  TestClient client(rig.port());
  client.Send("POST /a HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nhi");
  const TestAnswer answer = client.ReadAnswer();
  CHECK(answer.status == 200);
  CHECK(answer.head.starts_with("HTTP/1.1 200 OK\r\n"));
  CHECK(answer.body == "hi");
  CHECK(answer.Has("\r\nConnection: close\r\n"));
  CHECK(client.IsEnded());
  CHECK(rig.receiver.requests()[0].head.origin == "http://" + rig.server->address());
}

TEST_CASE("http server: HEAD gets no body, and the connection goes on") {
  ServerRig rig;
  rig.receiver.answer = [](const ReceivedRequest&) { return ReceiverAnswer{200, {}, "12345"}; };
  rig.Start();
  TestClient client(rig.port());
  client.Send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n");
  const TestAnswer head = client.ReadAnswer(true);
  CHECK(head.Has("\r\nContent-Length: 5\r\n"));
  CHECK(client.ReadAnswer().body == "12345");
  client.Send("HEAD / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n");
  CHECK(client.ReadAnswer(true).status == 400);
  CHECK(client.IsEnded());
}

TEST_CASE("http server: 100 Continue is said when the head is accepted, not before") {
  ServerRig rig;
  rig.receiver.on_head = [](const ReceivedHead& head) -> std::optional<ReceiverAnswer> {
    if (head.target == "/no") return ReceiverAnswer{404, {}, "no"};
    return std::nullopt;
  };
  rig.Start();
  const std::string rest =
      " HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n";
  TestClient accepted(rig.port());
  for (int i = 0; i < 3; ++i) {
    accepted.Send("POST /yes" + rest);
    CHECK(accepted.ReadAnswer().status == 100);
    accepted.Send("hi");
    CHECK(accepted.ReadAnswer().body == "hi");
  }
  accepted.Send("POST /yes" + rest + "hi");  // did not wait: needs no word
  CHECK(accepted.ReadAnswer().body == "hi");
  TestClient refused(rig.port());
  refused.Send("POST /no" + rest);
  CHECK(refused.ReadAnswer().status == 404);
  CHECK(refused.IsEnded());
  CHECK(rig.receiver.requests().size() == 4);
}

TEST_CASE("http server: a refused head is answered although its body still comes") {
  ServerRig rig;
  rig.receiver.on_head = [](const ReceivedHead&) { return ReceiverAnswer{401, {}, "who?"}; };
  rig.Start();
  TestClient client(rig.port());
  // Sent whole before anything is read, as many clients do.
  CHECK(client.Send(Post(std::string(3'000'000, 'x'))));
  const TestAnswer answer = client.ReadAnswer();
  CHECK(answer.status == 401);
  CHECK(answer.body == "who?");
  CHECK(answer.Has("\r\nConnection: close\r\n"));
  CHECK(client.IsEnded());
  CHECK(rig.receiver.requests().empty());
  CHECK(rig.server->counts().refused_requests == 1);
}

TEST_CASE("http server: a refused head whose body has come does not end the connection") {
  ServerRig rig;
  rig.receiver.on_head = [](const ReceivedHead&) { return ReceiverAnswer{429, {}, "later"}; };
  rig.Start();
  TestClient client(rig.port());
  const std::string get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  client.Send(get + Post("body") + Post("body", "Connection: close\r\n") + get);
  for (int i = 0; i < 2; ++i) {
    const TestAnswer answer = client.ReadAnswer();
    CHECK(answer.status == 429);
    CHECK(answer.body == "later");
    CHECK_FALSE(answer.Has("Connection"));
  }
  CHECK(client.ReadAnswer().Has("\r\nConnection: close\r\n"));
  CHECK(client.IsEnded());
  CHECK(rig.receiver.requests().empty());
  CHECK(rig.server->counts().refused_requests == 3);
}

TEST_CASE("http server: answers come from any thread, the second one is dropped") {
  ServerRig rig;
  rig.receiver.holds = true;
  rig.Start();
  TestClient client(rig.port());
  for (int i = 0; i < 50; ++i) {
    client.Send(Post("x"));
    TestReceiver::Held held = rig.receiver.NextHeld();
    std::thread answering([&] {
      held.done({200, {}, std::to_string(i)});
      held.done({500, {}, "again"});
    });
    CHECK(client.ReadAnswer().body == std::to_string(i));
    answering.join();
  }
}

TEST_CASE("http server: a client that ended its side still gets its answer") {
  ServerRig rig;
  rig.receiver.holds = true;
  rig.Start();
  TestClient client(rig.port());
  client.Send(Post("x"));
  client.HalfClose();
  rig.receiver.NextHeld().done({202, {}, "ok"});
  CHECK(client.ReadAnswer().body == "ok");
  CHECK(client.IsEnded());
}

TEST_CASE("http server: a proxy that is trusted says who sent and what was called") {
  ServerRig rig;
  rig.options.trusted_proxies = {*net::Cidr::Parse("127.0.0.0/8")};
  rig.Start();
  rig.Ask(Post("",
               "X-Forwarded-For: 1.1.1.1, 203.0.113.9\r\nX-Forwarded-Proto: https\r\n"
               "X-Forwarded-Host: called.example\r\n"));
  REQUIRE(rig.receiver.requests().size() == 1);
  CHECK(rig.receiver.requests()[0].head.remote_address == "203.0.113.9");
  CHECK(rig.receiver.requests()[0].head.origin == "https://called.example");
}

TEST_CASE("http server: listens on IPv6, where IPv4 is IPv4") {
  ServerRig rig;
  rig.options.listen = "[::]:0";
  try {
    rig.Start();
  } catch (const std::runtime_error& error) {
    MESSAGE("no IPv6 here: ", error.what());
    return;
  }
  CHECK(rig.Ask(Post("x")).status == 200);
  CHECK(rig.receiver.requests()[0].head.remote_address == "127.0.0.1");
}

}  // namespace
}  // namespace webhook::net_tests
