// SPDX-License-Identifier: LGPL-3.0-or-later
// Reads one HTTP/1.x reply (RFC 9112) from bytes as they arrive, strictly and within limits,
// because the peer may be hostile: no bare LF, no folded headers, no ambiguous framing. Bodies are
// not decoded. Pure; one reply an object.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "lib/delivery/ports/http_transport.h"

namespace webhook::net {

struct ReplyLimits {
  std::size_t line_bytes_max = 16384;    // of the status line, a header
  std::size_t header_bytes_max = 65536;  // all lines together, with interim replies and trailers
  std::size_t header_count_max = 128;
  std::size_t chunk_line_bytes_max = 1024;  // of the size of a chunk with its extensions
  std::size_t interim_count_max = 8;        // 1xx replies before the final one
};

class ReplyParser {
 public:
  enum class State { kMore, kDone, kInvalid };

  // `head_request`: the reply has no body whatever its headers say. Of the body at most
  // `body_bytes_max` bytes are kept; a longer one ends the reply there, truncated.
  ReplyParser(const ReplyLimits& limits, std::size_t body_bytes_max, bool head_request);

  // Bytes of the peer, in order. Not to be called after kDone or kInvalid.
  State Feed(std::string_view bytes);

  // The peer closed. kMore means: in the middle of the reply.
  State FeedEnd();

  // Whether any byte of a reply has arrived.
  bool started() const { return started_; }

  // After kDone: whether the connection may carry another request.
  bool reusable() const { return persistent_ && !reply_.truncated && !has_surplus_; }

  // After kDone: whether bytes came together with the reply's end that are not part of it.
  bool has_surplus() const { return has_surplus_; }

  // After kInvalid: what is wrong, the end of the sentence "the reply …".
  std::string_view problem() const { return problem_; }

  // After kDone, once.
  delivery::HttpReply TakeReply() { return std::move(reply_); }

 private:
  enum class Part {
    kStatusLine,
    kHeaders,
    kBodyOfLength,
    kBodyUntilEnd,
    kChunkSize,
    kChunkData,
    kChunkEnd,
    kTrailers,
    kDone,
    kInvalid
  };

  bool IsLinePart() const;
  std::size_t LineBytesMax() const;
  void TakeLine(std::string_view& bytes);
  void OnLine(std::string_view line);
  void OnStatusLine(std::string_view line);
  void OnHeader(std::string_view line);
  void OnTrailer(std::string_view line);
  void OnHeadersEnd();
  void OnInterim();
  void ChooseBody();
  void OnContentLength(std::string_view value);
  void OnChunkSize(std::string_view line);
  void TakeBody(std::string_view& bytes);
  void Keep(std::string_view bytes);
  void BeginLengthBody(std::uint64_t length);
  bool HasToken(std::string_view name, std::string_view token) const;
  void Fail(std::string_view problem);
  State state() const;

  const ReplyLimits limits_;
  const std::size_t body_bytes_max_;
  const bool head_request_;

  Part part_ = Part::kStatusLine;
  std::string line_;              // the part of a line that has arrived
  std::size_t header_bytes_ = 0;  // of all lines so far
  std::size_t header_count_ = 0;
  std::size_t interim_count_ = 0;
  std::uint64_t body_left_ = 0;  // of the body or of the chunk
  bool http_1_1_ = false;
  bool started_ = false;
  bool persistent_ = false;
  bool has_surplus_ = false;  // bytes after the reply
  std::string_view problem_;
  delivery::HttpReply reply_{};
};

}  // namespace webhook::net
