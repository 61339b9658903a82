// SPDX-License-Identifier: LGPL-3.0-or-later
// Reads one HTTP/1.x request from bytes as they arrive, strictly and within limits, because anybody
// may send. Stops behind the head, so that its body can be refused unread. The outcome does not
// depend on how the bytes are cut. Pure; one request an object.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lib/net/chunked_body.h"
#include "lib/net/crlf_line.h"
#include "lib/net/request_head.h"

namespace webhook::net {

struct RequestParserLimits {
  std::size_t head_bytes_max = 16384;
  std::size_t target_bytes_max = 8192;
  std::size_t headers_max = 100;
  std::size_t body_bytes_max = std::size_t{4} << 20;
};

class RequestParser {
 public:
  enum class State { kMore, kHead, kDone, kRefused };

  explicit RequestParser(const RequestParserLimits& limits) : limits_(limits) {}

  // Takes bytes from the front of `bytes`. kHead comes once, before any byte of the body is taken;
  // the next call goes on with the body, also without a byte. Not to be called after kDone or
  // kRefused.
  State Feed(std::string_view& bytes);

  // Whether a byte of the request has arrived; an empty line before it is none.
  bool started() const { return part_ != Part::kRequestLine || line_.bytes_taken() > 0; }

  // After kHead.
  RequestHead& head() { return head_; }
  const RequestHead& head() const { return head_; }

  // Of the body, so far.
  std::size_t body_bytes() const { return body_.size(); }

  // After kDone, once.
  std::string TakeBody() { return std::move(body_); }

  // After kRefused: the status, 4xx or 5xx.
  int refusal() const { return refusal_; }

 private:
  enum class Part { kRequestLine, kHeaders, kBody, kChunks, kDone, kRefused };

  State TakeLine(std::string_view& bytes);
  State OnLine(std::string_view line);
  State OnRequestLine(std::string_view line);
  State OnHeader(std::string_view line);
  State OnHeadEnd();
  State TakeBodyBytes(std::string_view& bytes);
  State TakeChunks(std::string_view& bytes);
  State Refuse(int status);

  const RequestParserLimits limits_;
  Part part_ = Part::kRequestLine;
  bool empty_line_seen_ = false;
  CrlfLine line_;
  std::size_t head_bytes_ = 0;  // of whole lines
  RequestHead head_;
  std::optional<ChunkedBody> chunks_;
  std::string body_;
  int refusal_ = 0;
};

}  // namespace webhook::net
