// SPDX-License-Identifier: LGPL-3.0-or-later
// What goes through the socket between the worker and a process that runs callbacks: four bytes of
// length (big-endian), then a JSON object. Pure.
//
//   child to parent   {"type": "ready", "sdk_version": 1, "callbacks": […], "problems": […]}
//                     {"type": "log", "level": 1, "text": …}
//                     {"type": "ask", "number": 1, "question": "<JSON>"}
//                     {"type": "reply", "call": 7, "reply": {…}}          (callback/answer_json.h)
//   parent to child   {"type": "call", "call": 7, "callback": …, "context": "<JSON>",
//                      "remaining_ms": 30000}
//                     {"type": "answer", "number": 1, "reply": "<JSON>"}
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "lib/base/result.h"
#include "lib/model/value.h"

namespace webhook::callback_host {

inline constexpr std::size_t kFrameBytesMax = 16UL * 1024 * 1024;
inline constexpr std::size_t kLengthBytes = 4;

// Nothing when it would be longer than kFrameBytesMax.
std::optional<std::string> EncodeFrame(const model::Value& message);

// The type of a message, "" when it has none.
std::string TypeOf(const model::Value& message);

// Bytes as they arrive, frames as they are complete.
class FrameBuffer {
 public:
  void Append(std::string_view bytes) { bytes_ += bytes; }

  // Nothing: not complete yet. The error says why no frame can follow.
  base::Result<std::optional<model::Value>, std::string> Next();

 private:
  std::string bytes_;
};

}  // namespace webhook::callback_host
