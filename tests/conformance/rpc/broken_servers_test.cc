// SPDX-License-Identifier: LGPL-3.0-or-later
// Servers that break off, drip, stall, flood and talk nonsense: kinds and times, in all protocols.
// A protocol that logs in meets the trouble there, before the call: then the call did not run.
#include <doctest/doctest.h>
#include <sys/socket.h>

#include "tests/conformance/rpc/raw_server.h"
#include "tests/conformance/rpc/targets.h"

namespace webhook::rpc {
namespace {

using delivery::RpcFaultKind;
using delivery::RpcReply;

const base::SystemClock kClock;
constexpr base::Milliseconds kShort{300};
constexpr base::Milliseconds kFarTooLong{10'000};

ConnectionOptions OptionsAt(const std::string& url, ProtocolKind kind) {
  ConnectionOptions options;
  options.url = url;
  options.database = FakeOdoo::kDatabase;
  options.login = FakeOdoo::kLogin;
  options.key = [] { return base::Secret(FakeOdoo::kKey); };
  options.protocol = kind;
  options.response_bytes_max = 1 << 20;
  return options;
}

void CheckKind(const RawScript& script, base::Milliseconds timeout, RpcFaultKind json2,
               RpcFaultKind with_log_in) {
  for (const auto kind : {ProtocolKind::kJson2, ProtocolKind::kJsonRpc, ProtocolKind::kXmlRpc}) {
    CAPTURE(ProtocolName(kind));
    const RawServer server(script);
    const auto connection = Connect(OptionsAt(server.url(), kind), kClock);
    const auto start = kClock.SteadyNow();
    const RpcReply reply = connection->CallMethod(kWorkerModel, "echo", "{}", timeout);
    CAPTURE(Shown(reply));
    REQUIRE_FALSE(reply.ok());
    CHECK(reply.error().kind == (kind == ProtocolKind::kJson2 ? json2 : with_log_in));
    CHECK(kClock.SteadyNow() - start < kFarTooLong);
    CHECK(server.connections() == 1);
  }
}

TEST_CASE("a server that closes without an answer") {
  CheckKind({.answer = ""}, kPatience, RpcFaultKind::kUnknown, RpcFaultKind::kUnreachable);
  CheckKind({.answer = "HTTP/1.1 200 OK\r\nContent-Le"}, kPatience, RpcFaultKind::kUnknown,
            RpcFaultKind::kUnreachable);
}

TEST_CASE("a server that closes amid its answer") {
  CheckKind({.answer = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                       "Content-Length: 100\r\n\r\n\"{"},
            kPatience, RpcFaultKind::kUnknown, RpcFaultKind::kUnreachable);
  // Without a length nobody but the decoder can tell.
  CheckKind({.answer = "HTTP/1.0 200 OK\r\n\r\n"}, kPatience, RpcFaultKind::kUnknown,
            RpcFaultKind::kUnreachable);
}

TEST_CASE("a server that never answers") {
  CheckKind({.answer = "", .drip = "", .hold = true}, kShort, RpcFaultKind::kUnknown,
            RpcFaultKind::kUnreachable);
}

TEST_CASE("a server that drips its headers, its body, and a body without a length") {
  for (const char* answer :
       {"HTTP/1.1 200 OK\r\nX-Drip: ", "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n",
        "HTTP/1.0 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"}) {
    CAPTURE(answer);
    CheckKind({.answer = answer, .drip = "1\r\n\"\r\n"}, kShort, RpcFaultKind::kUnknown,
              RpcFaultKind::kUnreachable);
  }
}

TEST_CASE("a server that does not read what is sent") {
  const RawServer server({.answer = "", .drip = "", .hold = true, .read_nothing = true});
  HttpSession session(ParseServerUrl(server.url()).value(), ConnectionOptions(), kClock);
  HttpCall call{.method = "POST",
                .path = "/jsonrpc",
                .headers = {},
                .content_type = "application/json",
                .body = std::string(std::size_t{32} << 20, 'x')};
  const auto start = kClock.SteadyNow();
  const HttpOutcome outcome = session.Send(std::move(call), session.DeadlineAfter(kShort * 5));
  REQUIRE_FALSE(outcome.ok());
  CHECK(outcome.error().kind == HttpFailureKind::kNoAnswer);
  CHECK(kClock.SteadyNow() - start < kFarTooLong);
}

TEST_CASE("answers larger than the limit") {
  CheckKind({.answer = "HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n", .hold = true},
            kPatience, RpcFaultKind::kNotOdoo, RpcFaultKind::kNotOdoo);
  CheckKind({.answer = "HTTP/1.0 200 OK\r\n\r\n\"" + std::string(std::size_t{2} << 20, 'x')},
            kPatience, RpcFaultKind::kNotOdoo, RpcFaultKind::kNotOdoo);
}

TEST_CASE("nonsense") {
  CheckKind({.answer = "220 mail.example.com ESMTP\r\n"}, kPatience, RpcFaultKind::kUnknown,
            RpcFaultKind::kUnreachable);
  CheckKind({.answer = "HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n<html>Hi</html>"},
            kPatience, RpcFaultKind::kNotOdoo, RpcFaultKind::kNotOdoo);
  CheckKind({.answer = "HTTP/1.0 301 Moved Permanently\r\nLocation: https://elsewhere/\r\n"
                       "Content-Length: 0\r\n\r\n"},
            kPatience, RpcFaultKind::kNotOdoo, RpcFaultKind::kNotOdoo);
  CheckKind({.answer = "HTTP/1.0 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"}, kPatience,
            RpcFaultKind::kBusy, RpcFaultKind::kBusy);
}

TEST_CASE("nobody there") {
  for (const auto kind : {ProtocolKind::kJson2, ProtocolKind::kJsonRpc, ProtocolKind::kXmlRpc}) {
    const std::string url = "http://127.0.0.1:" + std::to_string(UnusedPort());
    const auto connection = Connect(OptionsAt(url, kind), kClock);
    const RpcReply reply = connection->CallMethod(kWorkerModel, "echo", "{}", kPatience);
    REQUIRE_FALSE(reply.ok());
    CHECK(reply.error().kind == RpcFaultKind::kUnreachable);
  }
}

TEST_CASE("HTTP/1.0 and a closed connection after each answer are no trouble") {
  const RawServer server(
      {.answer =
           "HTTP/1.0 200 OK\r\nServer: Werkzeug/2.2.2 Python/3.11.2\r\nContent-Length: 4\r\n"
           "Content-Type: application/json; charset=utf-8\r\nConnection: close\r\n\r\n\"{}\""});
  const auto connection = Connect(OptionsAt(server.url(), ProtocolKind::kJson2), kClock);
  for (int i = 0; i < 10; ++i) {
    const RpcReply reply = connection->CallMethod(kWorkerModel, "echo", "{}", kPatience);
    CAPTURE(Shown(reply));
    REQUIRE(reply.ok());
    CHECK(reply.value() == "{}");
  }
  CHECK(server.connections() == 10);
}

TEST_CASE("a server that closes a connection it promised to keep") {
  const RawServer server({.answer = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n\"{}\""});
  const auto connection = Connect(OptionsAt(server.url(), ProtocolKind::kJson2), kClock);
  // The next call may meet the closing; it must end well or as "unknown", and never hang.
  int answered = 0;
  for (int i = 0; i < 20; ++i) {
    const RpcReply reply = connection->CallMethod(kWorkerModel, "echo", "{}", kPatience);
    if (reply.ok()) {
      ++answered;
    } else {
      CHECK(reply.error().kind == RpcFaultKind::kUnknown);
    }
  }
  CHECK(answered >= 10);
}

TEST_CASE("canceling ends a call under way at once, and every later one before it is sent") {
  const RawServer server({.answer = "", .drip = "", .hold = true});
  const auto connection = Connect(OptionsAt(server.url(), ProtocolKind::kJson2), kClock);
  std::thread canceler([&] {
    while (server.connections() == 0) std::this_thread::yield();
    connection->Cancel();
  });
  const RpcReply canceled = connection->CallMethod(kWorkerModel, "echo", "{}", kPatience);
  canceler.join();
  REQUIRE_FALSE(canceled.ok());
  CHECK(canceled.error().kind == RpcFaultKind::kUnknown);
  const RpcReply later = connection->CallMethod(kWorkerModel, "echo", "{}", kPatience);
  REQUIRE_FALSE(later.ok());
  CHECK(later.error().kind == RpcFaultKind::kUnreachable);
  CHECK(server.connections() == 1);
}

TEST_CASE("a call whose time is over is not sent") {
  const RawServer server({.answer = ""});
  const auto connection = Connect(OptionsAt(server.url(), ProtocolKind::kJson2), kClock);
  const RpcReply reply = connection->CallMethod(kWorkerModel, "echo", "{}", base::Milliseconds(0));
  REQUIRE_FALSE(reply.ok());
  CHECK(reply.error().kind == RpcFaultKind::kUnreachable);
  CHECK(server.connections() == 0);
}

}  // namespace
}  // namespace webhook::rpc
