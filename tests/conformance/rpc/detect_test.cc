// SPDX-License-Identifier: LGPL-3.0-or-later
#include "rpc/detect.h"

#include <doctest/doctest.h>

#include "tests/conformance/rpc/raw_server.h"
#include "tests/conformance/rpc/targets.h"

namespace webhook::rpc {
namespace {

using delivery::RpcFaultKind;

const base::SystemClock kClock;

base::Result<Detected, delivery::RpcFault> DetectAt(const std::string& url) {
  ConnectionOptions options;
  HttpSession session(ParseServerUrl(url).value(), options, kClock);
  return Detect(session, session.DeadlineAfter(kPatience));
}

TEST_CASE("the best protocol that the server speaks") {
  struct Case {
    FakeOdooOptions server;
    ProtocolKind kind;
    const char* version;
  };
  const Case cases[] = {
      {{"19.0", true, true, ""}, ProtocolKind::kJson2, "19.0"},
      {{"20.0+e", false, false, "/erp"}, ProtocolKind::kJson2, "20.0+e"},
      {{"18.0", true, true, ""}, ProtocolKind::kJsonRpc, "18.0"},
      {{"17.0", false, true, ""}, ProtocolKind::kXmlRpc, "17.0"},
  };
  for (const Case& expected : cases) {
    CAPTURE(expected.version);
    FakeOdoo fake(expected.server);
    const auto detected = DetectAt(fake.url());
    REQUIRE(detected.ok());
    CHECK(detected.value().kind == expected.kind);
    CHECK(detected.value().server_version == expected.version);
    CHECK(detected.value().sentence.find(expected.version) != std::string::npos);

    const auto connection = Connect(OptionsFor(fake, std::nullopt), kClock);
    CHECK(connection->CallMethod(kWorkerModel, "echo", "{}", kPatience).ok());
    CHECK(connection->sentence() == detected.value().sentence);
  }
}

TEST_CASE("a given server is detected") {
  FakeOdoo fake;
  for (const Target& target : AllTargets(fake)) {
    if (!target.name.starts_with("given")) continue;
    CAPTURE(target.name);
    CHECK(DetectAt(target.options.url).ok());
  }
}

TEST_CASE("what is no Odoo, and what is not there") {
  FakeOdoo nothing({.version = "18.0", .jsonrpc = false, .xmlrpc = false, .base_path = ""});
  const auto not_odoo = DetectAt(nothing.url());
  REQUIRE_FALSE(not_odoo.ok());
  CHECK(not_odoo.error().kind == RpcFaultKind::kNotOdoo);

  const auto dead = DetectAt("http://127.0.0.1:" + std::to_string(UnusedPort()));
  REQUIRE_FALSE(dead.ok());
  CHECK(dead.error().kind == RpcFaultKind::kUnreachable);

  const RawServer busy({.answer = "HTTP/1.0 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"});
  const auto later = DetectAt(busy.url());
  REQUIRE_FALSE(later.ok());
  CHECK(later.error().kind == RpcFaultKind::kBusy);

  const RawServer failing({.answer = "HTTP/1.0 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"});
  const auto unsent = DetectAt(failing.url());
  REQUIRE_FALSE(unsent.ok());
  CHECK(unsent.error().kind == RpcFaultKind::kUnreachable);
}

TEST_CASE("a server is asked again after an answer that was no Odoo's") {
  FakeOdoo fake({.version = "18.0", .jsonrpc = true, .xmlrpc = true, .base_path = ""});
  ConnectionOptions options = OptionsFor(fake, ProtocolKind::kJson2);
  // Chosen by hand, JSON-2 is not there in 18.0 ...
  const auto fixed = Connect(options, kClock)->CallMethod(kWorkerModel, "echo", "{}", kPatience);
  REQUIRE_FALSE(fixed.ok());
  CHECK(fixed.error().kind == RpcFaultKind::kNotOdoo);
  // ... and not looked for when the choice is left open.
  options.protocol = std::nullopt;
  CHECK(Connect(options, kClock)->CallMethod(kWorkerModel, "echo", "{}", kPatience).ok());
}

}  // namespace
}  // namespace webhook::rpc
