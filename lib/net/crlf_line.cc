// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/net/crlf_line.h"

namespace webhook::net {
namespace {

bool IsOrdinary(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte >= 0x20 && byte != 0x7f) || byte == '\t';
}

}  // namespace

CrlfLine::State CrlfLine::Take(std::string_view& bytes, std::size_t bytes_max) {
  while (!bytes.empty()) {
    if (bytes_taken() == bytes_max) return State::kTooLong;
    const State state = TakeByte(bytes.front());
    bytes.remove_prefix(1);
    if (state != State::kMore) return state;
  }
  return State::kMore;
}

// A lone CR or LF is what two parsers read differently (RFC 9112, 2.2): never accepted.
CrlfLine::State CrlfLine::TakeByte(char c) {
  if (return_seen_) return c == '\n' ? State::kWhole : State::kMalformed;
  if (c == '\r') {
    return_seen_ = true;
    return State::kMore;
  }
  if (!IsOrdinary(c)) return State::kMalformed;
  text_.push_back(c);
  return State::kMore;
}

void CrlfLine::Clear() {
  text_.clear();
  return_seen_ = false;
}

}  // namespace webhook::net
