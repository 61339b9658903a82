// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/net/reply_parser.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "lib/base/ascii.h"
#include "lib/base/assert.h"
#include "lib/net/request_text.h"

namespace webhook::net {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

std::string_view Trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// Digits only, and few enough to be summed without overflow.
std::optional<std::uint64_t> ParseNumber(std::string_view text, int number_base) {
  constexpr std::size_t kDigitsMax = 15;
  std::uint64_t number = 0;
  if (text.empty() || text.size() > kDigitsMax) return std::nullopt;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number, number_base);
  if (error != std::errc() || stop != end) return std::nullopt;
  return number;
}

bool MayBeStatusLine(std::string_view start) {
  constexpr std::string_view kStart = "HTTP/1.";
  const std::size_t common = std::min(start.size(), kStart.size());
  return start.substr(0, common) == kStart.substr(0, common);
}

// The number of "HTTP/1.1 200 OK"; nothing when the line is no status line of HTTP/1.x.
std::optional<int> ParseStatus(std::string_view line) {
  if (line.size() < 12 || !line.starts_with("HTTP/1.") || line[8] != ' ') return std::nullopt;
  if (line[7] != '0' && line[7] != '1') return std::nullopt;
  if (line.size() > 12 && line[12] != ' ') return std::nullopt;
  const std::string_view digits = line.substr(9, 3);
  if (!std::all_of(digits.begin(), digits.end(), IsDigit)) return std::nullopt;
  const int status = (digits[0] - '0') * 100 + (digits[1] - '0') * 10 + (digits[2] - '0');
  if (status < 100 || status > 599) return std::nullopt;
  return status;
}

bool ListHasToken(std::string_view list, std::string_view token) {
  while (true) {
    const std::size_t comma = list.find(',');
    if (base::EqualsIgnoringCase(Trim(list.substr(0, comma)), token)) return true;
    if (comma == std::string_view::npos) return false;
    list.remove_prefix(comma + 1);
  }
}

}  // namespace

ReplyParser::ReplyParser(const ReplyLimits& limits, std::size_t body_bytes_max, bool head_request)
    : limits_(limits), body_bytes_max_(body_bytes_max), head_request_(head_request) {}

ReplyParser::State ReplyParser::Feed(std::string_view bytes) {
  WEBHOOK_ASSERT(state() == State::kMore);
  started_ = started_ || !bytes.empty();
  while (!bytes.empty() && state() == State::kMore) {
    if (IsLinePart()) {
      TakeLine(bytes);
    } else {
      TakeBody(bytes);
    }
  }
  has_surplus_ = !bytes.empty();
  return state();
}

ReplyParser::State ReplyParser::FeedEnd() {
  if (part_ == Part::kBodyUntilEnd) part_ = Part::kDone;
  return state();
}

bool ReplyParser::IsLinePart() const {
  return part_ != Part::kBodyOfLength && part_ != Part::kBodyUntilEnd && part_ != Part::kChunkData;
}

// A chunk's line is only a number; what may stand behind it is never needed, and not to be longer
// than the body that it brings.
std::size_t ReplyParser::LineBytesMax() const {
  return part_ == Part::kChunkSize || part_ == Part::kChunkEnd ? limits_.chunk_line_bytes_max
                                                               : limits_.line_bytes_max;
}

// A line that is there as a whole is read where it lies; only a part of one is copied.
void ReplyParser::TakeLine(std::string_view& bytes) {
  const std::size_t end = bytes.find('\n');
  const std::string_view taken =
      bytes.substr(0, end == std::string_view::npos ? bytes.size() : end + 1);
  if (line_.size() + taken.size() > LineBytesMax()) return Fail("has a line that is too long");
  // Chunk sizes belong to the body: only their own length is limited.
  if (part_ != Part::kChunkSize && part_ != Part::kChunkEnd) header_bytes_ += taken.size();
  if (header_bytes_ > limits_.header_bytes_max) return Fail("has headers that are too long");
  bytes.remove_prefix(taken.size());
  if (end == std::string_view::npos) {
    line_.append(taken);
    // A peer that speaks something else may now wait for us: say so at once.
    if (part_ == Part::kStatusLine && !MayBeStatusLine(line_)) Fail("is not HTTP");
    return;
  }
  if (line_.empty()) return OnLine(taken);
  line_.append(taken);
  const std::string whole = std::move(line_);
  line_.clear();
  OnLine(whole);
}

void ReplyParser::OnLine(std::string_view line) {
  if (!line.ends_with("\r\n")) {
    return Fail(part_ == Part::kStatusLine ? "is not HTTP"
                                           : "has a line that does not end in CR LF");
  }
  line.remove_suffix(2);
  if (!IsHeaderValue(line)) {
    return Fail(part_ == Part::kStatusLine ? "is not HTTP" : "has a control character in a line");
  }
  switch (part_) {
    case Part::kStatusLine:
      return OnStatusLine(line);
    case Part::kHeaders:
      return line.empty() ? OnHeadersEnd() : OnHeader(line);
    case Part::kChunkSize:
      return OnChunkSize(line);
    case Part::kChunkEnd:
      part_ = Part::kChunkSize;
      return line.empty() ? void() : Fail("has a chunk that is longer than its size");
    case Part::kTrailers:
      return OnTrailer(line);
    case Part::kBodyOfLength:
    case Part::kBodyUntilEnd:
    case Part::kChunkData:
    case Part::kDone:
    case Part::kInvalid:
      WEBHOOK_ASSERT(false);
  }
}

void ReplyParser::OnStatusLine(std::string_view line) {
  const std::optional<int> status = ParseStatus(line);
  if (!status.has_value()) return Fail("is not HTTP");
  reply_.status_code = *status;
  http_1_1_ = line[7] == '1';
  part_ = Part::kHeaders;
}

void ReplyParser::OnHeader(std::string_view line) {
  if (++header_count_ > limits_.header_count_max) return Fail("has too many headers");
  const std::size_t colon = line.find(':');
  const std::string_view name = line.substr(0, colon);
  // A folded line starts with white space: not a token either.
  if (colon == std::string_view::npos || !IsToken(name)) return Fail("has a malformed header");
  reply_.headers.emplace_back(name, Trim(line.substr(colon + 1)));
}

// Trailers are not part of the reply's headers (RFC 9110, 6.5.1).
void ReplyParser::OnTrailer(std::string_view line) {
  if (line.empty()) {
    part_ = Part::kDone;
  } else if (++header_count_ > limits_.header_count_max) {
    Fail("has too many headers");
  }
}

void ReplyParser::OnHeadersEnd() {
  if (reply_.status_code == 101)
    return Fail("switches to another protocol, which nobody asked for");
  if (reply_.status_code < 200) return OnInterim();
  persistent_ = http_1_1_ ? !HasToken("connection", "close") : HasToken("connection", "keep-alive");
  ChooseBody();
}

void ReplyParser::OnInterim() {
  if (++interim_count_ > limits_.interim_count_max) return Fail("has too many interim replies");
  reply_.headers.clear();
  part_ = Part::kStatusLine;
}

// RFC 9112, 6.3, without its tolerance: a message whose length can be read in two ways is refused.
void ReplyParser::ChooseBody() {
  if (head_request_ || reply_.status_code == 204 || reply_.status_code == 304) {
    part_ = Part::kDone;
    return;
  }
  std::size_t codings = 0;
  std::size_t lengths = 0;
  std::string_view coding;
  std::string_view length;
  for (const auto& [name, value] : reply_.headers) {
    if (base::EqualsIgnoringCase(name, "transfer-encoding")) ++codings, coding = value;
    if (base::EqualsIgnoringCase(name, "content-length")) ++lengths, length = value;
  }
  if (codings + lengths > 1) return Fail("says its length more than once");
  if (lengths == 1) return OnContentLength(length);
  if (codings == 0) {
    persistent_ = false;
    part_ = Part::kBodyUntilEnd;
    return;
  }
  if (!http_1_1_ || !base::EqualsIgnoringCase(coding, "chunked")) {
    return Fail("has an unknown transfer encoding");
  }
  part_ = Part::kChunkSize;
}

void ReplyParser::OnContentLength(std::string_view value) {
  const std::optional<std::uint64_t> length = ParseNumber(value, 10);
  if (!length.has_value()) return Fail("has a Content-Length that is not a number");
  body_left_ = *length;
  part_ = body_left_ == 0 ? Part::kDone : Part::kBodyOfLength;
  if (body_left_ > 0 && body_bytes_max_ == 0) Keep({});
}

void ReplyParser::OnChunkSize(std::string_view line) {
  const std::optional<std::uint64_t> size = ParseNumber(Trim(line.substr(0, line.find(';'))), 16);
  if (!size.has_value()) return Fail("has a malformed chunk size");
  body_left_ = *size;
  part_ = body_left_ == 0 ? Part::kTrailers : Part::kChunkData;
}

void ReplyParser::TakeBody(std::string_view& bytes) {
  if (part_ == Part::kBodyUntilEnd) {
    Keep(bytes);
    bytes = {};
    return;
  }
  const std::string_view taken =
      bytes.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), body_left_)));
  bytes.remove_prefix(taken.size());
  body_left_ -= taken.size();
  const bool chunked = part_ == Part::kChunkData;
  if (body_left_ == 0) part_ = chunked ? Part::kChunkEnd : Part::kDone;
  Keep(taken);
}

// Ends the reply as soon as it is known to be longer than what is kept.
void ReplyParser::Keep(std::string_view bytes) {
  const std::size_t room = body_bytes_max_ - reply_.body.size();
  reply_.body.append(bytes.substr(0, room));
  const bool more_announced = part_ == Part::kBodyOfLength && reply_.body.size() == body_bytes_max_;
  if (bytes.size() > room || more_announced) {
    reply_.truncated = true;
    part_ = Part::kDone;
  }
}

bool ReplyParser::HasToken(std::string_view name, std::string_view token) const {
  return std::any_of(reply_.headers.begin(), reply_.headers.end(), [&](const auto& header) {
    return base::EqualsIgnoringCase(header.first, name) && ListHasToken(header.second, token);
  });
}

void ReplyParser::Fail(std::string_view problem) {
  problem_ = problem;
  part_ = Part::kInvalid;
}

ReplyParser::State ReplyParser::state() const {
  if (part_ == Part::kDone) return State::kDone;
  return part_ == Part::kInvalid ? State::kInvalid : State::kMore;
}

}  // namespace webhook::net
