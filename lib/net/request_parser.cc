// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/net/request_parser.h"

#include <algorithm>

#include "lib/base/assert.h"

namespace webhook::net {
namespace {

constexpr int kBadRequest = 400;
constexpr int kContentTooLarge = 413;
constexpr int kUriTooLong = 414;
constexpr int kHeadersTooLarge = 431;

}  // namespace

RequestParser::State RequestParser::Feed(std::string_view& bytes) {
  switch (part_) {
    case Part::kRequestLine:
    case Part::kHeaders:
      return TakeLine(bytes);
    case Part::kBody:
      return TakeBodyBytes(bytes);
    case Part::kChunks:
      return TakeChunks(bytes);
    case Part::kDone:
    case Part::kRefused:
      break;
  }
  WEBHOOK_ASSERT(false);
}

RequestParser::State RequestParser::TakeLine(std::string_view& bytes) {
  State state = State::kMore;
  while (state == State::kMore && !bytes.empty()) {
    switch (line_.Take(bytes, limits_.head_bytes_max - head_bytes_)) {
      case CrlfLine::State::kMore:
        break;
      case CrlfLine::State::kMalformed:
        return Refuse(kBadRequest);
      case CrlfLine::State::kTooLong:
        return Refuse(part_ == Part::kRequestLine ? kUriTooLong : kHeadersTooLarge);
      case CrlfLine::State::kWhole:
        head_bytes_ += line_.text().size() + 2;
        state = OnLine(line_.text());
        line_.Clear();
    }
  }
  return state;
}

RequestParser::State RequestParser::OnLine(std::string_view line) {
  if (part_ == Part::kRequestLine) return OnRequestLine(line);
  return line.empty() ? OnHeadEnd() : OnHeader(line);
}

// Some clients send an empty line behind a body; one is forgiven (RFC 9112, 2.2).
RequestParser::State RequestParser::OnRequestLine(std::string_view line) {
  if (line.empty() && !std::exchange(empty_line_seen_, true)) return State::kMore;
  if (Refusal refusal = head_.OnRequestLine(line, limits_.target_bytes_max)) {
    return Refuse(*refusal);
  }
  part_ = Part::kHeaders;
  return State::kMore;
}

RequestParser::State RequestParser::OnHeader(std::string_view line) {
  if (head_.headers().size() == limits_.headers_max) return Refuse(kHeadersTooLarge);
  if (Refusal refusal = head_.OnHeader(line)) return Refuse(*refusal);
  return State::kMore;
}

RequestParser::State RequestParser::OnHeadEnd() {
  if (Refusal refusal = head_.OnEnd()) return Refuse(*refusal);
  if (head_.body_bytes() > limits_.body_bytes_max) return Refuse(kContentTooLarge);
  part_ = head_.is_chunked() ? Part::kChunks : Part::kBody;
  if (head_.is_chunked()) {
    chunks_.emplace(ChunkedLimits{limits_.body_bytes_max, limits_.head_bytes_max,
                                  limits_.head_bytes_max,
                                  limits_.headers_max - head_.headers().size()});
  }
  return State::kHead;
}

RequestParser::State RequestParser::TakeBodyBytes(std::string_view& bytes) {
  const std::size_t left = static_cast<std::size_t>(head_.body_bytes()) - body_.size();
  const std::size_t size = std::min(bytes.size(), left);
  body_.append(bytes.substr(0, size));
  bytes.remove_prefix(size);
  if (size < left) return State::kMore;
  part_ = Part::kDone;
  return State::kDone;
}

RequestParser::State RequestParser::TakeChunks(std::string_view& bytes) {
  switch (chunks_->Take(bytes, body_)) {
    case ChunkedBody::State::kMore:
      return State::kMore;
    case ChunkedBody::State::kRefused:
      return Refuse(chunks_->refusal());
    case ChunkedBody::State::kDone:
      break;
  }
  part_ = Part::kDone;
  return State::kDone;
}

RequestParser::State RequestParser::Refuse(int status) {
  part_ = Part::kRefused;
  refusal_ = status;
  return State::kRefused;
}

}  // namespace webhook::net
