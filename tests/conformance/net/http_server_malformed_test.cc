// SPDX-License-Identifier: LGPL-3.0-or-later
// Malformed requests over a real socket: a clean answer, an end, and nothing for the receiver. The
// whole table is in tests/unit/net/request_parser_test.cc; here is one of each kind.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "lib/base/random.h"
#include "tests/conformance/net/http_server_rig.h"

namespace webhook::net_tests {
namespace {

using namespace std::string_literals;

struct Malformed {
  int status;
  std::string bytes;
};

const std::string kHost = "Host: a\r\n";

const std::vector<Malformed> kTable = {
    {400, "GET / HTTP/1.1\n" + kHost + "\n"},
    {400, "GET /\r\n\r\n"},
    {400, "GET / HTTP/1.1\r\n\r\n"},
    {400, "GET / HTTP/1.1\r\n" + kHost + kHost + "\r\n"},
    {400, "GET / HTTP/1.1\r\n" + kHost + "X: a\r\n folded\r\n\r\n"},
    {400, "GET / HTTP/1.1\r\n" + kHost + "X : a\r\n\r\n"},
    {400, "GET / HTTP/1.1\r\n" + kHost + "X: a\0b\r\n\r\n"s},
    {400, "GET http://a/ HTTP/1.1\r\n" + kHost + "\r\n"},
    {400, "GET /\x01 HTTP/1.1\r\n" + kHost + "\r\n"},
    {400, "POST / HTTP/1.1\r\n" + kHost + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello"},
    {400, "POST / HTTP/1.1\r\n" + kHost +
              "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
    {400, "POST / HTTP/1.1\r\n" + kHost + "Content-Length: -5\r\n\r\nhello"},
    {400, "POST / HTTP/1.1\r\n" + kHost + "Transfer-Encoding: chunked\r\n\r\nzz\r\n"},
    {400, "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"s},
    {413, "POST / HTTP/1.1\r\n" + kHost + "Content-Length: 99999999\r\n\r\nhello"},
    {413, "POST / HTTP/1.1\r\n" + kHost + "Content-Length: 99999999999999999999999\r\n\r\n"},
    {414, "GET /" + std::string(9000, 'a') + " HTTP/1.1\r\n" + kHost + "\r\n"},
    {417, "POST / HTTP/1.1\r\n" + kHost + "Expect: magic\r\nContent-Length: 1\r\n\r\n"},
    {431, "GET / HTTP/1.1\r\n" + kHost + "X: " + std::string(20000, 'a') + "\r\n\r\n"},
    {501, "POST / HTTP/1.1\r\n" + kHost + "Transfer-Encoding: gzip, chunked\r\n\r\n"},
    {505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
};

TEST_CASE("http server: malformed requests are answered, then the connection ends") {
  ServerRig rig;
  rig.Start();
  for (const Malformed& row : kTable) {
    CAPTURE(row.bytes.substr(0, 100));
    TestClient client(rig.port());
    client.Send(row.bytes + "GET /smuggled HTTP/1.1\r\n" + kHost + "\r\n");
    const TestAnswer answer = client.ReadAnswer();
    CHECK(answer.status == row.status);
    CHECK(answer.body == R"({"status":"rejected"})");
    CHECK(answer.Has("\r\nContent-Type: application/json\r\n"));
    CHECK(answer.Has("\r\nConnection: close\r\n"));
    CHECK(answer.Has("\r\nDate: "));
    CHECK_FALSE(answer.Has("Server"));
    CHECK(client.IsEnded());
  }
  CHECK(rig.receiver.requests().empty());
  CHECK(rig.server->counts().refused_requests == kTable.size());
  CHECK(rig.Ask(Post("still here")).body == "still here");
}

TEST_CASE("http server: noise leaves nothing behind") {
  const std::uint64_t seed = 99;
  CAPTURE(seed);
  base::SeededRandom random(seed);
  ServerRig rig;
  rig.Start();
  for (int round = 0; round < 200; ++round) {
    TestClient client(rig.port());
    std::string bytes = kTable[random.Next() % kTable.size()].bytes;
    for (int change = 0; change < 5; ++change) {
      bytes[random.Next() % bytes.size()] = static_cast<char>(random.Next() % 256);
    }
    client.Send(std::string_view(bytes).substr(0, random.Next() % bytes.size()));
    if (round % 3 == 0) client.Reset();
    if (round % 3 == 1) {
      client.HalfClose();
      client.ReadToEnd();
    }
  }
  CHECK(rig.Ask(Post("still here")).body == "still here");
  CHECK(rig.Eventually([&] { return rig.server->counts().connections == 0; }));
  CHECK(rig.server->counts().buffered_bytes == 0);
}

}  // namespace
}  // namespace webhook::net_tests
