// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/net/answer_text.h"

#include <doctest/doctest.h>

#include <string>

namespace webhook::net {
namespace {

constexpr std::string_view kDate = "Sun, 06 Nov 1994 08:49:37 GMT";

TEST_CASE("an answer says its length and its date") {
  CHECK(WriteAnswer({202, {{"Content-Type", "application/json"}}, "{}"}, {kDate, false, false}) ==
        "HTTP/1.1 202 Accepted\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
        "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}");
  CHECK(WriteAnswer({299, {}, ""}, {kDate, true, false}) ==
        "HTTP/1.1 299 \r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: 0\r\n"
        "Connection: close\r\n\r\n");
}

TEST_CASE("HEAD hears the length of a body that is not sent") {
  CHECK(
      WriteAnswer({200, {}, "body"}, {kDate, false, true}).ends_with("Content-Length: 4\r\n\r\n"));
}

TEST_CASE("204 and 304 have neither body nor length") {
  for (const int status : {204, 304}) {
    const std::string text = WriteAnswer({status, {}, "body"}, {kDate, false, false});
    CHECK(text.ends_with("GMT\r\n\r\n"));
  }
}

TEST_CASE("headers of the framing, of the server and malformed ones are left out") {
  const std::string text = WriteAnswer({200,
                                        {{"content-LENGTH", "7"},
                                         {"Transfer-Encoding", "chunked"},
                                         {"Connection", "upgrade"},
                                         {"Server", "x"},
                                         {"Date", "today"},
                                         {"X-A", "a\r\nX-B: b"},
                                         {"X C", "c"},
                                         {"X-D", "d\xff"}},
                                        ""},
                                       {kDate, false, false});
  CHECK(text ==
        "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nX-D: d\xff\r\n"
        "Content-Length: 0\r\n\r\n");
}

TEST_CASE("dates are those of RFC 9110") {
  CHECK(HttpDate(base::FromUnixMs(784111777999)) == kDate);
  CHECK(HttpDate(base::FromUnixMs(0)) == "Thu, 01 Jan 1970 00:00:00 GMT");
  CHECK(HttpDate(base::FromUnixMs(1709164799000)) == "Wed, 28 Feb 2024 23:59:59 GMT");
  CHECK(HttpDate(base::FromUnixMs(1709164800000)) == "Thu, 29 Feb 2024 00:00:00 GMT");
}

TEST_CASE("only 503 asks to come again") {
  const delivery::ReceiverAnswer busy = OwnAnswer(503, base::Milliseconds(1500));
  CHECK(busy.headers ==
        delivery::HttpHeaders{{"Content-Type", "application/json"}, {"Retry-After", "2"}});
  CHECK(busy.body == R"({"status":"unavailable"})");
  const delivery::ReceiverAnswer refused = OwnAnswer(400, base::Milliseconds(1500));
  CHECK(refused.headers.size() == 1);
  CHECK(refused.body == R"({"status":"rejected"})");
}

}  // namespace
}  // namespace webhook::net
