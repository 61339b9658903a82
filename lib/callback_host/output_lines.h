// SPDX-License-Identifier: LGPL-3.0-or-later
// Bytes that a process writes, as lines for the log: bounded in length and number. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace webhook::callback_host {

inline constexpr std::size_t kLineBytesMax = 2000;
inline constexpr int kLinesPerCallMax = 200;

class OutputLines {
 public:
  // The lines that are complete now; of a longer line the beginning.
  std::vector<std::string> Append(std::string_view bytes);

  // What is left without a line's end, or "".
  std::string Rest();

 private:
  std::string line_;
};

// Lets the first kLinesPerCallMax lines of a call through.
class LineQuota {
 public:
  void Reset() { count_ = 0; }

  enum class Verdict { kWrite, kSayThatMoreFollow, kDrop };
  Verdict Next() {
    if (count_ > kLinesPerCallMax) return Verdict::kDrop;
    return ++count_ > kLinesPerCallMax ? Verdict::kSayThatMoreFollow : Verdict::kWrite;
  }

 private:
  int count_ = 0;
};

}  // namespace webhook::callback_host
