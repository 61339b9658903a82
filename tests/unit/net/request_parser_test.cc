// SPDX-License-Identifier: LGPL-3.0-or-later
// What is a request and what is refused, and that it does not matter how the bytes are cut.
#include "lib/net/request_parser.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/random.h"

namespace webhook::net {
namespace {

using State = RequestParser::State;

constexpr RequestParserLimits kSmall{
    .head_bytes_max = 400, .target_bytes_max = 60, .headers_max = 5, .body_bytes_max = 40};

struct Outcome {
  State state = State::kMore;
  int refusal = 0;
  bool had_head = false;
  std::string method;
  std::string target;
  delivery::HttpHeaders headers;
  std::string host;
  bool wants_continue = false;
  bool keeps_alive = false;
  std::string body;
  std::string rest;  // behind the request

  friend bool operator==(const Outcome&, const Outcome&) = default;
};

void NoteHead(const RequestParser& parser, Outcome& outcome) {
  outcome.had_head = true;
  outcome.method = parser.head().method();
  outcome.target = parser.head().target();
  outcome.headers = parser.head().headers();
  outcome.host = parser.head().host();
  outcome.wants_continue = parser.head().wants_continue();
  outcome.keeps_alive = parser.head().keeps_alive();
}

// Feeds pieces whose lengths `next_length` chooses.
template <typename NextLength>
Outcome Read(std::string_view bytes, NextLength next_length) {
  RequestParser parser(kSmall);
  Outcome outcome;
  while (outcome.state == State::kMore && !bytes.empty()) {
    std::string_view piece = bytes.substr(0, next_length(bytes.size()));
    const std::size_t size = piece.size();
    outcome.state = parser.Feed(piece);
    if (outcome.state == State::kHead) {
      NoteHead(parser, outcome);
      outcome.state = parser.Feed(piece);
    }
    bytes.remove_prefix(size - piece.size());
  }
  outcome.rest = outcome.state == State::kDone ? bytes : std::string_view();
  if (outcome.state == State::kDone) outcome.body = parser.TakeBody();
  if (outcome.state == State::kRefused) outcome.refusal = parser.refusal();
  return outcome;
}

Outcome ReadAtOnce(std::string_view bytes) {
  return Read(bytes, [](std::size_t all) { return all; });
}

std::string Get(std::string_view headers) {
  return "GET / HTTP/1.1\r\nHost: a\r\n" + std::string(headers) + "\r\n";
}

std::string Chunked(std::string_view body) {
  return "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + std::string(body);
}

std::string Times(std::size_t count, std::string_view text) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += text;
  return all;
}

struct Whole {
  std::string bytes;
  std::string body;
  std::string rest = "";
};

const std::vector<Whole>& WholeRequests() {
  static const std::vector<Whole> requests = {
      {Get(""), ""},
      {"\r\n" + Get(""), ""},
      {Get("") + "GET /next", "", "GET /next"},
      {"POST /in/x?a=b&c=%20 HTTP/1.1\r\nHost: h.example:80\r\nContent-Length: 5\r\n\r\nhello",
       "hello"},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0005\r\n\r\nhellox", "hello", "x"},
      {"POST / HTTP/1.1\r\nhOST:a\r\ncontent-length:\t 2 \t\r\n\r\n\r\n", "\r\n"},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 40\r\n\r\n" + std::string(40, 'b'),
       std::string(40, 'b')},
      {"POST / HTTP/1.1\r\nHost: a\r\n\r\n", ""},
      {"GET / HTTP/1.0\r\n\r\n", ""},
      {"GET / HTTP/1.7\r\nHost: [2001:db8::1]:8080\r\n\r\n", ""},
      {"BREW / HTTP/1.1\r\nHost: under_score.example.\r\n\r\n", ""},
      {Get("X-Name: na\xc3\xafve \xff\r\nX-Empty:\r\nX-Tab: a\tb\r\n"), ""},
      {Get("Expect: 100-Continue\r\n"), ""},
      {Chunked("0\r\n\r\n"), ""},
      {Chunked("5\r\nhello\r\n00a;x=\"y z\"\r\n, you ther\r\n0;end\r\n\r\nrest"), "hello, you ther",
       "rest"},
      {Chunked("2\r\n\r\n\r\n0\r\nTrailer-A: b\r\nX:\r\n\r\n"), "\r\n"},
      {Chunked("28\r\n" + std::string(40, 'c') + "\r\n0\r\n\r\n"), std::string(40, 'c')},
      {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: CHUNKED\r\n\r\n1\r\nz\r\n0\r\n\r\n", "z"},
  };
  return requests;
}

struct Refused {
  int status;
  std::string bytes;
};

const std::vector<Refused>& RefusedRequests() {
  using namespace std::string_literals;
  static const std::vector<Refused> requests = {
      // Request lines.
      {400, "\r\n\r\n"},
      {400, "GET\r\n"},
      {400, "GET /\r\n"},
      {400, "GET / \r\n"},
      {400, " GET / HTTP/1.1\r\n"},
      {400, "GET  / HTTP/1.1\r\n"},
      {400, "GET /  HTTP/1.1\r\n"},
      {400, "GET / HTTP/1.1 \r\n"},
      {400, "GET /a b HTTP/1.1\r\n"},
      {400, "GET\t/ HTTP/1.1\r\n"},
      {400, "G(T / HTTP/1.1\r\n"},
      {400, "G\xc3\x89T / HTTP/1.1\r\n"},
      {400, "GET / http/1.1\r\n"},
      {400, "GET / HTTP/1\r\n"},
      {400, "GET / HTTP/1.10\r\n"},
      {400, "GET / HTTP/1.x\r\n"},
      {400, "GET / HTTPS/1.1\r\n"},
      {505, "GET / HTTP/0.9\r\n"},
      {505, "GET / HTTP/2.0\r\n"},
      {505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
      {400, "\x16\x03\x01\x02"},
      {400, "GET / HTTP/1.1\n"},
      {400, "\nGET / HTTP/1.1\r\n"},
      {400, "GET / HTTP/1.1\r\r\n"},
      {400, "GET /\rx HTTP/1.1\r\n"},
      {400, "GET /\0 HTTP/1.1\r\n"s},
      {400, "\0"s},
      // Targets.
      {400, "GET http://a/ HTTP/1.1\r\n"},
      {400, "GET a HTTP/1.1\r\n"},
      {400, "OPTIONS * HTTP/1.1\r\n"},
      {400, "CONNECT a:443 HTTP/1.1\r\n"},
      {400, "GET /#a HTTP/1.1\r\n"},
      {400, "GET /\x7f HTTP/1.1\r\n"},
      {400, "GET /\x01 HTTP/1.1\r\n"},
      {400, "GET /\ta HTTP/1.1\r\n"},
      {400, "GET /\xc3\xa9 HTTP/1.1\r\n"},
      {414, "GET /" + std::string(60, 'a') + " HTTP/1.1\r\n"},
      {414, "GET /" + std::string(500, 'a')},
      {414, std::string(500, 'A')},
      // Headers.
      {400, Get("X\r\n")},
      {400, Get(": x\r\n")},
      {400, Get("X : y\r\n")},
      {400, Get("X\t: y\r\n")},
      {400, Get(" X: y\r\n")},
      {400, Get("X: y\r\n z\r\n")},
      {400, Get("X: y\r\n\tz\r\n")},
      {400, Get("X Y: z\r\n")},
      {400, Get("X(: z\r\n")},
      {400, Get("\xc3\xa9: z\r\n")},
      {400, Get("X: a\0b\r\n"s)},
      {400, Get("X\0: b\r\n"s)},
      {400, Get("X: a\rb\r\n")},
      {400, Get("X: a\nY: b\r\n")},
      {400, Get("X: a\x1f\r\n")},
      {400, Get("X: a\x7f\r\n")},
      {400, "GET / HTTP/1.1\r\nHost: a\n\r\n"},
      {400, "GET / HTTP/1.1\r\n Host: a\r\n"},
      {431, Get(Times(5, "A: b\r\n"))},
      {431, Get("A: " + std::string(500, 'a'))},
      {431, "GET / HTTP/1.1\r\nA: " + std::string(200, 'a') + "\r\nB: " + std::string(200, 'b')},
      // Host.
      {400, "GET / HTTP/1.1\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost:\r\n\r\n"},
      {400, Get("Host: a\r\n")},
      {400, Get("host: b\r\n")},
      {400, "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: a b\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: a:\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: a:65536\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: a:b\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: ::1\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: [a]\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: [::1]a\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: [::1%25eth0]\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: \xc3\xa9\r\n\r\n"},
      // Framing.
      {400, Get("Content-Length: 1\r\nContent-Length: 1\r\n")},
      {400, Get("Content-Length: 1\r\nContent-Length: 2\r\n")},
      {400, Get("Content-Length: 1, 1\r\n")},
      {400, Get("Content-Length:\r\n")},
      {400, Get("Content-Length: -1\r\n")},
      {400, Get("Content-Length: +1\r\n")},
      {400, Get("Content-Length: 0x1\r\n")},
      {400, Get("Content-Length: 1 1\r\n")},
      {400, Get("Content-Length: 1.0\r\n")},
      {400, Get("Content-Length: 99999999999999999999999a\r\n")},
      {413, Get("Content-Length: 99999999999999999999999\r\n")},
      {413, Get("Content-Length: 18446744073709551617\r\n")},
      {413, Get("Content-Length: 999999999999999999\r\n")},
      {413, Get("Content-Length: 41\r\n")},
      {400, Get("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n")},
      {400, Get("Transfer-Encoding: chunked\r\nContent-Length: 1\r\n")},
      {400, Get("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")},
      {400, Get("Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n")},
      {501, Get("Transfer-Encoding: gzip, chunked\r\n")},
      {501, Get("Transfer-Encoding: chunked, chunked\r\n")},
      {501, Get("Transfer-Encoding: chunked;q=1\r\n")},
      {501, Get("Transfer-Encoding: xchunked\r\n")},
      {501, Get("Transfer-Encoding: identity\r\n")},
      {501, Get("Transfer-Encoding:\r\n")},
      {400, "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"},
      {417, Get("Expect: something\r\n")},
      {417, Get("Expect: 100-continue\r\nExpect: 100-continue\r\n")},
      // Chunks.
      {400, Chunked("\r\n")},
      {400, Chunked(";x\r\n")},
      {400, Chunked("x\r\n")},
      {400, Chunked("-1\r\n")},
      {400, Chunked("+1\r\n")},
      {400, Chunked("0x1\r\n")},
      {400, Chunked(" 1\r\n")},
      {400, Chunked("1 \r\n")},
      {400, Chunked("1\n")},
      {400, Chunked("1\r\nab")},
      {400, Chunked("1\r\na\n")},
      {400, Chunked("1\r\na\rb")},
      {400, Chunked("1\r\na\r\n\r\n")},
      {400, Chunked("0000000000000001\r\n")},
      {400, Chunked("ffffffffffffffffff\r\n")},
      {413, Chunked("fffffffffffffff\r\n")},
      {413, Chunked("29\r\n")},
      {413, Chunked("28\r\n" + std::string(40, 'x') + "\r\n1\r\n")},
      {400, Chunked("1;" + std::string(300, 'e'))},
      {400, Chunked("1;a\0b\r\n"s)},
      {400, Chunked(Times(5, "1;" + std::string(100, 'e') + "\r\nx\r\n"))},
      {400, Chunked("0\r\nX\r\n")},
      {400, Chunked("0\r\n X: y\r\n")},
      {400, Chunked("0\r\nX: y\n")},
      {431, Chunked("0\r\n" + Times(4, "X: y\r\n"))},
      {431, Chunked("0\r\nX: " + std::string(400, 'y'))},
  };
  return requests;
}

TEST_CASE("requests are read whole, and nothing behind them") {
  for (const Whole& request : WholeRequests()) {
    CAPTURE(request.bytes);
    const Outcome outcome = ReadAtOnce(request.bytes);
    CHECK(outcome.state == State::kDone);
    CHECK(outcome.body == request.body);
    CHECK(outcome.rest == request.rest);
  }
}

TEST_CASE("a head is passed on as it was sent") {
  const Outcome outcome = ReadAtOnce(
      "POST /in/x?a=b&c=%20 HTTP/1.1\r\nHost: H.example:80\r\nX-A:  na\xc3\xafve, b \r\n"
      "x-a:\r\nContent-Length: 0\r\n\r\n");
  CHECK(outcome.method == "POST");
  CHECK(outcome.target == "/in/x?a=b&c=%20");
  CHECK(outcome.host == "H.example:80");
  CHECK(outcome.headers == delivery::HttpHeaders{{"Host", "H.example:80"},
                                                 {"X-A", "na\xc3\xafve, b"},
                                                 {"x-a", ""},
                                                 {"Content-Length", "0"}});
}

TEST_CASE("whether the connection goes on") {
  CHECK(ReadAtOnce(Get("")).keeps_alive);
  CHECK(ReadAtOnce(Get("Connection: keep-alive\r\n")).keeps_alive);
  CHECK_FALSE(ReadAtOnce(Get("Connection: Close\r\n")).keeps_alive);
  CHECK_FALSE(ReadAtOnce(Get("Connection: foo\r\nConnection: a, close\r\n")).keeps_alive);
  CHECK_FALSE(ReadAtOnce("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").keeps_alive);
}

TEST_CASE("only a client that sends a body waits for 100") {
  const std::string expect = "Expect: 100-continue\r\n";
  CHECK_FALSE(ReadAtOnce(Get(expect)).wants_continue);
  CHECK_FALSE(ReadAtOnce(Get(expect + "Content-Length: 0\r\n")).wants_continue);
  CHECK(ReadAtOnce(Get(expect + "Content-Length: 1\r\n")).wants_continue);
  CHECK(ReadAtOnce(Get(expect + "Transfer-Encoding: chunked\r\n")).wants_continue);
  CHECK_FALSE(
      ReadAtOnce("POST / HTTP/1.0\r\nContent-Length: 1\r\n" + expect + "\r\n").wants_continue);
}

TEST_CASE("what is malformed is refused with its status") {
  for (const Refused& request : RefusedRequests()) {
    CAPTURE(request.bytes);
    const Outcome outcome = ReadAtOnce(request.bytes);
    CHECK(outcome.state == State::kRefused);
    CHECK(outcome.refusal == request.status);
  }
}

TEST_CASE("a request that breaks off is not complete") {
  for (const Whole& request : WholeRequests()) {
    const std::size_t size = request.bytes.size() - request.rest.size();
    for (std::size_t length = 0; length < size; ++length) {
      CAPTURE(request.bytes.substr(0, length));
      CHECK(ReadAtOnce(std::string_view(request.bytes).substr(0, length)).state == State::kMore);
    }
  }
}

std::vector<std::string> AllRequests() {
  std::vector<std::string> all;
  for (const Whole& request : WholeRequests()) all.push_back(request.bytes);
  for (const Refused& request : RefusedRequests()) all.push_back(request.bytes);
  return all;
}

TEST_CASE("it does not matter how the bytes are cut") {
  const std::uint64_t seed = 20260102;
  CAPTURE(seed);
  base::SeededRandom random(seed);
  for (const std::string& request : AllRequests()) {
    CAPTURE(request);
    const Outcome whole = ReadAtOnce(request);
    CHECK(Read(request, [](std::size_t) { return std::size_t{1}; }) == whole);
    for (std::size_t cut = 1; cut < request.size(); ++cut) {
      bool first = true;
      CHECK(Read(request, [&](std::size_t all) {
              return std::exchange(first, false) ? cut : all;
            }) == whole);
    }
    for (int round = 0; round < 20; ++round) {
      CHECK(Read(request, [&](std::size_t all) { return 1 + random.Next() % all; }) == whole);
    }
  }
}

TEST_CASE("random changes never break it, nor make it depend on the cut") {
  const std::uint64_t seed = 8;
  CAPTURE(seed);
  base::SeededRandom random(seed);
  const std::vector<std::string> requests = AllRequests();
  using namespace std::string_view_literals;
  const std::string_view alphabet = "HTP/1. 20\r\n:,;abchunkedContent-Length\t\x80\0"sv;
  for (int round = 0; round < 20000; ++round) {
    std::string bytes = requests[random.Next() % requests.size()];
    for (int change = 0; change < 3; ++change) {
      bytes[random.Next() % bytes.size()] = alphabet[random.Next() % alphabet.size()];
    }
    const Outcome outcome = ReadAtOnce(bytes);
    CHECK(outcome.body.size() <= kSmall.body_bytes_max);
    CHECK(Read(bytes, [](std::size_t) { return std::size_t{1}; }) == outcome);
  }
}

}  // namespace
}  // namespace webhook::net
