// SPDX-License-Identifier: LGPL-3.0-or-later
// Replies are never decoded: compressed ones are not asked for, kept as they come, and cut like any
// other body.
#include <doctest/doctest.h>

#include <string>

#include "tests/conformance/net/pooled_rig.h"
#include "tests/conformance/net/scripted_server.h"

namespace webhook::net_tests {
namespace {

using delivery::HttpResult;

TEST_CASE("compressed replies stay as they are, and none is wanted") {
  PooledRig rig;
  ScriptedServer server(ScriptedServer::Answering([](Peer& peer) {
    peer.Reply(200, "\x1f\x8b\x08 not decoded", "Content-Encoding: gzip\r\n");
  }));
  const HttpResult result = rig.Exchange(Post(server.Url()));
  REQUIRE(result.ok());
  CHECK(result.value().body == "\x1f\x8b\x08 not decoded");
  const std::string request = server.requests().at(0);
  CHECK(request.find("\r\nAccept-Encoding: identity\r\n") != std::string::npos);
  CHECK(request.find("Expect") == std::string::npos);
}

// A gzip file of nothing but zeros: each byte after its tables stands for 1,032 of them.
std::string Bomb() {
  return std::string(
             "\x1f\x8b\x08\0\0\0\0\0\x02\x03\xec\xc1\x01\x01\0\0\0\x80\x90\xfe\xaf\xee\x08\x0a",
             24) +
         std::string(1'000'000, '\0');
}

TEST_CASE("a compressed bomb costs no more than any other body") {
  for (const bool chunked : {false, true}) {
    CAPTURE(chunked);
    const std::string bomb = Bomb();
    PooledRig rig;
    ScriptedServer server(ScriptedServer::Answering([&](Peer& peer) {
      if (!chunked) return peer.Reply(200, bomb, "Content-Encoding: gzip\r\n");
      peer.Send(
          "HTTP/1.1 200 OK\r\nContent-Encoding: gzip, gzip\r\nTransfer-Encoding: chunked\r\n\r\n");
      for (int i = 0; i < 1000; ++i) peer.Send("400\r\n" + bomb.substr(0, 1024) + "\r\n");
    }));
    const HttpResult result = rig.Exchange(Post(server.Url()));
    REQUIRE(result.ok());
    CHECK(result.value().truncated);
    CHECK(result.value().body.size() == 4096);  // of what was sent, not of what it stands for
    CHECK(result.value().body.substr(0, 1024) == bomb.substr(0, 1024));
  }
}

TEST_CASE("transfer encodings but chunked are invalid, so nothing is ever decoded") {
  for (const char* coding : {"gzip", "gzip, chunked", "chunked, chunked", "deflate", "identity"}) {
    CAPTURE(coding);
    PooledRig rig;
    ScriptedServer server(ScriptedServer::Answering([&](Peer& peer) {
      peer.Send("HTTP/1.1 200 OK\r\nTransfer-Encoding: " + std::string(coding) +
                "\r\n\r\n0\r\n\r\n");
    }));
    const HttpResult result = rig.Exchange(Post(server.Url()));
    REQUIRE_FALSE(result.ok());
    CHECK(result.error().kind == delivery::TransportErrorKind::kResponseInvalid);
  }
}

}  // namespace
}  // namespace webhook::net_tests
