// SPDX-License-Identifier: LGPL-3.0-or-later
#include "app/webhook_demo/receiver/http_request.h"

#include <charconv>

#include "lib/base/ascii.h"

namespace webhook::demo {
namespace {

std::string_view Trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return "";
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

}  // namespace

std::string_view HttpRequest::Header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return "";
}

RequestReader::State RequestReader::Feed(std::string_view bytes) {
  buffer_.append(bytes);
  if (error_status_ != 0) return State::kInvalid;
  if (!has_header_) {
    if (const State state = ReadHeader(); state != State::kComplete) return state;
  }
  return ReadBody();
}

HttpRequest RequestReader::Take() {
  request_.body = buffer_.substr(0, body_bytes_);
  buffer_.erase(0, body_bytes_);
  has_header_ = false;
  return std::exchange(request_, {});
}

// kComplete: the header is.
RequestReader::State RequestReader::ReadHeader() {
  const auto end = buffer_.find("\r\n\r\n");
  if (end == std::string::npos ? buffer_.size() > limits_.header_bytes_max
                               : end > limits_.header_bytes_max) {
    return Invalid(431);
  }
  if (end == std::string::npos) return State::kMore;
  request_ = {};
  body_bytes_ = 0;
  if (!ParseHeader(std::string_view(buffer_).substr(0, end))) {
    return Invalid(error_status_ == 0 ? 400 : error_status_);
  }
  buffer_.erase(0, end + 4);
  has_header_ = true;
  return State::kComplete;
}

RequestReader::State RequestReader::ReadBody() {
  if (buffer_.size() >= body_bytes_) return State::kComplete;
  return std::exchange(wants_continue_, false) ? State::kContinue : State::kMore;
}

bool RequestReader::ParseHeader(std::string_view header) {
  bool is_first = true;
  while (!header.empty() || is_first) {
    const auto end = header.find("\r\n");
    const std::string_view line = header.substr(0, end);
    header = end == std::string_view::npos ? "" : header.substr(end + 2);
    if (!(std::exchange(is_first, false) ? ParseRequestLine(line) : ParseField(line))) return false;
  }
  return ApplyFields();
}

bool RequestReader::ParseRequestLine(std::string_view line) {
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == std::string_view::npos || first == 0 || last <= first + 1) return false;
  const std::string_view version = line.substr(last + 1);
  if (version != "HTTP/1.1" && version != "HTTP/1.0") return false;
  request_.keep_alive = version == "HTTP/1.1";
  request_.method = line.substr(0, first);
  const std::string_view target = line.substr(first + 1, last - first - 1);
  if (!target.starts_with('/') || target.find(' ') != std::string_view::npos) return false;
  const auto question = target.find('?');
  request_.path = target.substr(0, question);
  if (question != std::string_view::npos) request_.query = target.substr(question + 1);
  return true;
}

bool RequestReader::ParseField(std::string_view line) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  const std::string_view name = line.substr(0, colon);
  if (name.find_first_of(" \t") != std::string_view::npos) return false;
  request_.headers.emplace_back(base::AsciiLower(name), Trimmed(line.substr(colon + 1)));
  return true;
}

// What of the fields concerns the framing.
bool RequestReader::ApplyFields() {
  if (!request_.Header("transfer-encoding").empty()) {
    error_status_ = 411;
    return false;
  }
  const std::string_view length = request_.Header("content-length");
  if (!length.empty()) {
    const char* const end = length.data() + length.size();
    const auto [stop, error] = std::from_chars(length.data(), end, body_bytes_);
    if (error != std::errc() || stop != end) return false;
  }
  if (body_bytes_ > limits_.body_bytes_max) {
    error_status_ = 413;
    return false;
  }
  const std::string connection = base::AsciiLower(request_.Header("connection"));
  if (connection == "close") request_.keep_alive = false;
  if (connection == "keep-alive") request_.keep_alive = true;
  wants_continue_ = base::EqualsIgnoringCase(request_.Header("expect"), "100-continue");
  return true;
}

RequestReader::State RequestReader::Invalid(int status) {
  error_status_ = status;
  return State::kInvalid;
}

}  // namespace webhook::demo
