// SPDX-License-Identifier: LGPL-3.0-or-later
// Takes the framing off a chunked body (RFC 9112, section 7.1). Extensions and trailers are
// checked, bounded and thrown away. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "lib/net/crlf_line.h"
#include "lib/net/request_head.h"

namespace webhook::net {

struct ChunkedLimits {
  std::size_t body_bytes_max;
  std::size_t extension_bytes_max;  // of all chunks together
  std::size_t trailer_bytes_max;
  std::size_t trailers_max;
};

class ChunkedBody {
 public:
  enum class State { kMore, kDone, kRefused };

  explicit ChunkedBody(const ChunkedLimits& limits) : limits_(limits) {}

  // Takes bytes from the front of `bytes` to the body's end, appends those of the body to `body`.
  State Take(std::string_view& bytes, std::string& body);

  // After kRefused: the status.
  int refusal() const { return *refusal_; }

 private:
  enum class Part { kSize, kData, kDataEnd, kTrailers, kDone };

  void TakeData(std::string_view& bytes, std::string& body);
  void TakeLine(std::string_view& bytes, std::size_t body_bytes);
  std::size_t LineBytesMax() const;
  Refusal OnLine(std::string_view line, std::size_t body_bytes);
  Refusal OnSize(std::string_view line, std::size_t body_bytes);
  Refusal OnTrailer(std::string_view line);

  const ChunkedLimits limits_;
  Part part_ = Part::kSize;
  CrlfLine line_;
  std::uint64_t data_left_ = 0;
  std::size_t extension_bytes_ = 0;
  std::size_t trailer_bytes_ = 0;
  std::size_t trailers_ = 0;
  Refusal refusal_;
};

}  // namespace webhook::net
