// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/callback_host/frame.h"

namespace webhook::callback_host {
namespace {

std::size_t LengthOf(std::string_view bytes) {
  std::size_t length = 0;
  for (const char byte : bytes.substr(0, kLengthBytes)) {
    length = (length << 8U) | static_cast<unsigned char>(byte);
  }
  return length;
}

}  // namespace

std::optional<std::string> EncodeFrame(const model::Value& message) {
  const std::string json = model::DumpJson(message);
  if (json.size() > kFrameBytesMax) return std::nullopt;
  std::string frame;
  frame.reserve(kLengthBytes + json.size());
  for (const unsigned shift : {24U, 16U, 8U, 0U}) {
    frame += static_cast<char>((json.size() >> shift) & 0xFFU);
  }
  return frame + json;
}

std::string TypeOf(const model::Value& message) {
  const model::Value* type = message.Find("type");
  return type == nullptr || type->text() == nullptr ? "" : *type->text();
}

base::Result<std::optional<model::Value>, std::string> FrameBuffer::Next() {
  using Frame = std::optional<model::Value>;
  if (bytes_.size() < kLengthBytes) return Frame();
  const std::size_t length = LengthOf(bytes_);
  if (length > kFrameBytesMax) {
    return "a message of " + std::to_string(length) + " bytes; at most " +
           std::to_string(kFrameBytesMax);
  }
  if (bytes_.size() < kLengthBytes + length) return Frame();
  auto message = model::ParseJson(std::string_view(bytes_).substr(kLengthBytes, length));
  bytes_.erase(0, kLengthBytes + length);
  if (!message.ok()) return "a message that is not JSON: " + message.error().message;
  if (TypeOf(message.value()).empty()) return std::string("a message without a type");
  return Frame(std::move(message).value());
}

}  // namespace webhook::callback_host
