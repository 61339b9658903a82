// SPDX-License-Identifier: LGPL-3.0-or-later
// Hostile replies over a real socket are in tests/conformance/net; here: that it does not matter
// how the bytes are cut, and what may be reused.
#include "lib/net/reply_parser.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "lib/base/random.h"

namespace webhook::net {
namespace {

using State = ReplyParser::State;

struct Outcome {
  State state;
  bool reusable;
  int status;
  std::string body;
  bool truncated;
  std::size_t headers;
  std::string problem;

  friend bool operator==(const Outcome&, const Outcome&) = default;
};

// Feeds pieces whose lengths `next_length` chooses, then the end.
template <typename NextLength>
Outcome Read(std::string_view bytes, NextLength next_length, std::size_t body_bytes_max = 1000,
             bool head = false) {
  ReplyParser parser(ReplyLimits{}, body_bytes_max, head);
  State state = State::kMore;
  while (!bytes.empty() && state == State::kMore) {
    const std::string_view piece = bytes.substr(0, next_length(bytes.size()));
    state = parser.Feed(piece);
    bytes.remove_prefix(piece.size());
  }
  if (state == State::kMore) state = parser.FeedEnd();
  Outcome outcome{state, false, 0, "", false, 0, std::string(parser.problem())};
  if (state != State::kDone) return outcome;
  outcome.reusable = parser.reusable() && bytes.empty();
  const delivery::HttpReply reply = parser.TakeReply();
  outcome.status = reply.status_code;
  outcome.body = reply.body;
  outcome.truncated = reply.truncated;
  outcome.headers = reply.headers.size();
  return outcome;
}

Outcome ReadAtOnce(std::string_view bytes, std::size_t body_bytes_max = 1000, bool head = false) {
  return Read(
      bytes, [](std::size_t all) { return all; }, body_bytes_max, head);
}

const std::string_view kReplies[] = {
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 204 No Content\r\nX: y\r\n\r\n",
    "HTTP/1.0 200 OK\r\n\r\nuntil the end",
    "HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 1\r\n\r\na",
    "HTTP/1.1 200 OK\r\nConnection: foo, Close\r\nContent-Length: 1\r\n\r\na",
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nA: b\r\n\r\nHTTP/1.1 503 "
    "No\r\nContent-Length: 2\r\n\r\nno",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;ext=1\r\nhello\r\nA\r\n, you "
    "ther\r\n0\r\nT: x\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
    "HTTP/1.1 2000 OK\r\n\r\n",
    "HTTP/1.1 099 OK\r\n\r\n",
    "HTTP/1.1 600 OK\r\n\r\n",
    "http/1.1 200 OK\r\n\r\n",
    "HTTP/1.1 200 OK\r\nX Y: z\r\n\r\n",
    "HTTP/1.1 200 OK\r\n: z\r\n\r\n",
    "HTTP/1.1 200 OK\r\nX: a\rb\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\nhello",
    "HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\nhello",
};

TEST_CASE("replies with a length may be followed by another, others not") {
  CHECK(ReadAtOnce(kReplies[0]) == Outcome{State::kDone, true, 200, "hello", false, 1, ""});
  CHECK(ReadAtOnce(kReplies[1]) == Outcome{State::kDone, true, 200, "", false, 1, ""});
  CHECK(ReadAtOnce(kReplies[2]) == Outcome{State::kDone, true, 204, "", false, 1, ""});
  CHECK(ReadAtOnce(kReplies[3]) ==
        Outcome{State::kDone, false, 200, "until the end", false, 0, ""});
  CHECK(ReadAtOnce(kReplies[4]) == Outcome{State::kDone, true, 200, "a", false, 2, ""});
  CHECK(ReadAtOnce(kReplies[5]) == Outcome{State::kDone, false, 200, "a", false, 2, ""});
  CHECK(ReadAtOnce(kReplies[6]) == Outcome{State::kDone, true, 503, "no", false, 1, ""});
  CHECK(ReadAtOnce(kReplies[7]) ==
        Outcome{State::kDone, true, 200, "hello, you ther", false, 1, ""});
}

TEST_CASE("a reply that breaks off is not complete") {
  CHECK(ReadAtOnce(kReplies[8]).state == State::kMore);
  CHECK(ReadAtOnce(kReplies[9]).state == State::kMore);
  CHECK(ReadAtOnce("").state == State::kMore);
}

TEST_CASE("malformed replies are invalid and say why") {
  for (std::size_t i = 10; i < std::size(kReplies); ++i) {
    CAPTURE(kReplies[i]);
    const Outcome outcome = ReadAtOnce(kReplies[i]);
    CHECK(outcome.state == State::kInvalid);
    CHECK_FALSE(outcome.problem.empty());
  }
}

TEST_CASE("bytes behind a reply make the connection unfit") {
  CHECK_FALSE(ReadAtOnce("HTTP/1.1 204 No\r\n\r\nx").reusable);
  CHECK_FALSE(ReadAtOnce("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nab").reusable);
}

TEST_CASE("the body limit cuts, whatever the framing") {
  for (const std::string_view reply : {kReplies[0], kReplies[3], kReplies[7]}) {
    const std::string whole = ReadAtOnce(reply).body;
    for (std::size_t limit = 0; limit <= whole.size(); ++limit) {
      const Outcome outcome = ReadAtOnce(reply, limit);
      CHECK(outcome.state == State::kDone);
      CHECK(outcome.body == whole.substr(0, limit));
      CHECK(outcome.truncated == (limit < whole.size()));
      CHECK_FALSE((outcome.truncated && outcome.reusable));
    }
  }
}

TEST_CASE("a reply to HEAD ends with its headers") {
  CHECK(ReadAtOnce("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n", 1000, true).reusable);
}

TEST_CASE("it does not matter how the bytes are cut") {
  const std::uint64_t seed = 20260101;
  CAPTURE(seed);
  base::SeededRandom random(seed);
  for (const std::string_view reply : kReplies) {
    CAPTURE(reply);
    for (const std::size_t limit : {std::size_t{0}, std::size_t{3}, std::size_t{1000}}) {
      const Outcome whole = ReadAtOnce(reply, limit);
      CHECK(Read(
                reply, [](std::size_t) { return std::size_t{1}; }, limit) == whole);
      for (int round = 0; round < 50; ++round) {
        CHECK(Read(
                  reply, [&](std::size_t all) { return 1 + random.Next() % all; }, limit) == whole);
      }
    }
  }
}

TEST_CASE("random bytes behind a good start never break it") {
  const std::uint64_t seed = 7;
  CAPTURE(seed);
  base::SeededRandom random(seed);
  const std::string_view alphabet = "HTP/1. 20\r\n:,;abchunkedContent-Length\t\x80";
  for (int round = 0; round < 20000; ++round) {
    std::string bytes(kReplies[random.Next() % std::size(kReplies)]);
    for (int change = 0; change < 3; ++change) {
      bytes[random.Next() % bytes.size()] = alphabet[random.Next() % alphabet.size()];
    }
    const Outcome outcome = ReadAtOnce(bytes, 10);
    CHECK(outcome.body.size() <= 10);
  }
}

}  // namespace
}  // namespace webhook::net
