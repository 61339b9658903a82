// SPDX-License-Identifier: LGPL-3.0-or-later
// Reads one HTTP/1.1 request after the other from the bytes of a connection (RFC 9112, of the
// bodies only those with a Content-Length). Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace webhook::demo {

struct RequestLimits {
  std::size_t header_bytes_max = std::size_t{32} << 10;
  std::size_t body_bytes_max = std::size_t{16} << 20;
};

struct HttpRequest {
  std::string method;
  std::string path;                                          // without the query
  std::string query;                                         // what follows the first '?'
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::string body;
  bool keep_alive = true;

  // Of the first header of that name; empty when there is none. `name` in lower case.
  std::string_view Header(std::string_view name) const;
};

class RequestReader {
 public:
  enum class State {
    kMore,      // feed it
    kContinue,  // as kMore, and the client waits for 100 Continue; told once a request
    kComplete,  // Take() it
    kInvalid,   // answer error_status() and close
  };

  explicit RequestReader(const RequestLimits& limits) : limits_(limits) {}

  State Feed(std::string_view bytes);

  // Precondition: kComplete. Bytes beyond it are kept for the next one: Feed("") looks at them.
  HttpRequest Take();

  int error_status() const { return error_status_; }
  // Nothing of a request has arrived.
  bool idle() const { return buffer_.empty() && !has_header_; }

 private:
  State ReadHeader();
  State ReadBody();
  bool ParseHeader(std::string_view header);
  bool ParseRequestLine(std::string_view line);
  bool ParseField(std::string_view line);
  bool ApplyFields();
  State Invalid(int status);

  const RequestLimits limits_;
  std::string buffer_;
  HttpRequest request_;
  bool has_header_ = false;
  bool wants_continue_ = false;
  std::size_t body_bytes_ = 0;
  int error_status_ = 0;
};

}  // namespace webhook::demo
