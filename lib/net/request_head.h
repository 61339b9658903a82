// SPDX-License-Identifier: LGPL-3.0-or-later
// A request line and its headers, line by line (RFC 9112, sections 3, 5 and 6), without the
// tolerance that the RFC permits: what two parsers could read in two ways is refused. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lib/delivery/ports/http_transport.h"

namespace webhook::net {

// The status to refuse with; nothing: all is well so far.
using Refusal = std::optional<int>;

class RequestHead {
 public:
  Refusal OnRequestLine(std::string_view line, std::size_t target_bytes_max);
  Refusal OnHeader(std::string_view line);

  // After the last header: decides how the body is framed.
  Refusal OnEnd();

  // Valid as soon as it has been read; HEAD decides about the body of a refusal.
  const std::string& method() const { return method_; }

  // After OnEnd.
  const std::string& target() const { return target_; }
  const delivery::HttpHeaders& headers() const { return headers_; }
  const std::string& host() const { return host_; }  // "" only with HTTP/1.0
  bool is_chunked() const { return is_chunked_; }
  std::uint64_t body_bytes() const { return body_bytes_; }  // when it is not chunked
  bool wants_continue() const { return wants_continue_; }   // Expect: 100-continue
  bool keeps_alive() const { return keeps_alive_; }

  // Once, after OnEnd.
  std::string TakeMethod() { return std::move(method_); }
  std::string TakeTarget() { return std::move(target_); }
  delivery::HttpHeaders TakeHeaders() { return std::move(headers_); }

 private:
  Refusal ReadVersion(std::string_view version);
  Refusal ReadHost();
  Refusal ReadExpectation();
  Refusal ReadFraming();
  Refusal ReadLength(std::string_view value);

  std::string method_;
  std::string target_;
  delivery::HttpHeaders headers_;
  std::string host_;
  bool is_1_0_ = false;
  bool is_chunked_ = false;
  bool wants_continue_ = false;
  bool keeps_alive_ = false;
  std::uint64_t body_bytes_ = 0;
};

// "name: value" as name and trimmed value, both well-formed; the line holds no control but tab.
// Nothing for a folded line too, which begins with a blank.
std::optional<std::pair<std::string_view, std::string_view>> ReadHeaderLine(std::string_view line);

// What may stand in Host: a name or an address, perhaps a port (RFC 9110, 7.2), without user
// information, percent signs or a zone.
bool IsHostValue(std::string_view text);

}  // namespace webhook::net
