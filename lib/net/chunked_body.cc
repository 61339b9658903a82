// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/net/chunked_body.h"

#include <algorithm>
#include <charconv>

#include "lib/base/assert.h"

namespace webhook::net {
namespace {

constexpr int kBadRequest = 400;
constexpr int kContentTooLarge = 413;
constexpr int kHeadersTooLarge = 431;

constexpr std::size_t kSizeDigitsMax = 15;
constexpr std::size_t kSizeLineBytesMax = 256;

}  // namespace

ChunkedBody::State ChunkedBody::Take(std::string_view& bytes, std::string& body) {
  while (!bytes.empty() && part_ != Part::kDone && !refusal_.has_value()) {
    if (part_ == Part::kData) {
      TakeData(bytes, body);
    } else {
      TakeLine(bytes, body.size());
    }
  }
  if (refusal_.has_value()) return State::kRefused;
  return part_ == Part::kDone ? State::kDone : State::kMore;
}

void ChunkedBody::TakeData(std::string_view& bytes, std::string& body) {
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), data_left_));
  body.append(bytes.substr(0, size));
  bytes.remove_prefix(size);
  data_left_ -= size;
  if (data_left_ == 0) part_ = Part::kDataEnd;
}

void ChunkedBody::TakeLine(std::string_view& bytes, std::size_t body_bytes) {
  switch (line_.Take(bytes, LineBytesMax())) {
    case CrlfLine::State::kMore:
      // Data behind the chunk: nothing that follows can mend it.
      if (part_ == Part::kDataEnd && !line_.text().empty()) refusal_ = kBadRequest;
      return;
    case CrlfLine::State::kMalformed:
      refusal_ = kBadRequest;
      return;
    case CrlfLine::State::kTooLong:
      refusal_ = part_ == Part::kTrailers ? kHeadersTooLarge : kBadRequest;
      return;
    case CrlfLine::State::kWhole:
      refusal_ = OnLine(line_.text(), body_bytes);
      line_.Clear();
  }
}

std::size_t ChunkedBody::LineBytesMax() const {
  if (part_ == Part::kDataEnd) return 2;
  return part_ == Part::kSize ? kSizeLineBytesMax : limits_.trailer_bytes_max - trailer_bytes_;
}

Refusal ChunkedBody::OnLine(std::string_view line, std::size_t body_bytes) {
  switch (part_) {
    case Part::kSize:
      return OnSize(line, body_bytes);
    case Part::kDataEnd:
      part_ = Part::kSize;
      return line.empty() ? Refusal() : kBadRequest;
    case Part::kTrailers:
      return OnTrailer(line);
    case Part::kData:
    case Part::kDone:
      break;
  }
  WEBHOOK_ASSERT(false);
}

Refusal ChunkedBody::OnSize(std::string_view line, std::size_t body_bytes) {
  const std::string_view digits = line.substr(0, line.find(';'));
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, data_left_, 16);
  if (error != std::errc() || stop != end || digits.size() > kSizeDigitsMax) return kBadRequest;
  extension_bytes_ += line.size() - digits.size();
  if (extension_bytes_ > limits_.extension_bytes_max) return kBadRequest;
  if (data_left_ > limits_.body_bytes_max - body_bytes) return kContentTooLarge;
  part_ = data_left_ == 0 ? Part::kTrailers : Part::kData;
  return std::nullopt;
}

// Trailers are not part of the request's headers (RFC 9110, 6.5.1).
Refusal ChunkedBody::OnTrailer(std::string_view line) {
  trailer_bytes_ += line.size() + 2;
  if (line.empty()) {
    part_ = Part::kDone;
    return std::nullopt;
  }
  if (++trailers_ > limits_.trailers_max) return kHeadersTooLarge;
  return ReadHeaderLine(line).has_value() ? Refusal() : kBadRequest;
}

}  // namespace webhook::net
