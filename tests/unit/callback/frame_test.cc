// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/callback_host/frame.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace webhook::callback_host {
namespace {

using model::Value;

Value Message(const std::string& text) {
  return Value::ObjectOf({{"type", Value::Text("log")}, {"text", Value::Text(text)}});
}

}  // namespace

TEST_CASE("frames come out whole, however their bytes arrive") {
  const std::string bytes = *EncodeFrame(Message("one")) + *EncodeFrame(Message("two"));
  FrameBuffer buffer;
  std::vector<Value> messages;
  for (const char byte : bytes) {
    buffer.Append({&byte, 1});
    auto next = buffer.Next();
    REQUIRE(next.ok());
    if (next.value()) messages.push_back(*next.value());
  }
  CHECK(messages == std::vector<Value>{Message("one"), Message("two")});
  FrameBuffer at_once;
  at_once.Append(bytes);
  CHECK(*at_once.Next().value() == Message("one"));
  CHECK(*at_once.Next().value() == Message("two"));
  CHECK_FALSE(at_once.Next().value());
}

TEST_CASE("what is no frame is an error") {
  for (const std::string& bytes :
       {std::string("xxxx"), std::string("\x01\x00\x00\x01", 4), std::string("\0\0\0\2{}", 6),
        std::string("\0\0\0\1x", 5), std::string("\0\0\0\0", 4),
        std::string("\0\0\0\x0a{\"type\":1}", 14)}) {
    FrameBuffer buffer;
    buffer.Append(bytes);
    CHECK_FALSE(buffer.Next().ok());
  }
}

TEST_CASE("a frame has a limit") {
  CHECK(EncodeFrame(Message(std::string(kFrameBytesMax - 100, 'x'))));
  CHECK_FALSE(EncodeFrame(Message(std::string(kFrameBytesMax, 'x'))));
}

}  // namespace webhook::callback_host
