// SPDX-License-Identifier: LGPL-3.0-or-later
// One line of an HTTP head, of a chunk's size or of a trailer, from bytes as they arrive: ends in
// CR LF and holds no control but tab. Judged byte by byte, so that it does not matter how the bytes
// are cut. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace webhook::net {

class CrlfLine {
 public:
  enum class State { kMore, kWhole, kMalformed, kTooLong };

  // Takes bytes from the front of `bytes` to the line's end. `bytes_max`: of the whole line with
  // its CR LF. After kWhole, Clear() begins the next; after the last two the object is of no use.
  State Take(std::string_view& bytes, std::size_t bytes_max);

  // After kWhole, without CR LF.
  std::string_view text() const { return text_; }

  std::size_t bytes_taken() const { return text_.size() + (return_seen_ ? 1 : 0); }

  void Clear();

 private:
  State TakeByte(char c);

  std::string text_;
  bool return_seen_ = false;
};

}  // namespace webhook::net
