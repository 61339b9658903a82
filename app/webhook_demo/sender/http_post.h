// SPDX-License-Identifier: LGPL-3.0-or-later
// One HTTP/1.1 connection to a numeric address that posts one request after the other: the least
// that a sender of webhooks needs. Blocking; one thread. Throws std::runtime_error when the other
// side cannot be reached, goes away, or does not speak HTTP.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/base/file_descriptor.h"

namespace webhook::demo {

// http://127.0.0.1:8080/webhooks/in/orders, taken apart.
struct PostTarget {
  std::string address;
  int port = 80;
  std::string path;
};

// Throws std::runtime_error when it is no such URL.
PostTarget ParsePostTarget(std::string_view url);

class HttpPost {
 public:
  explicit HttpPost(PostTarget target);

  using Headers = std::vector<std::pair<std::string, std::string>>;

  // The status. The connection is kept for the next one.
  int Send(const Headers& headers, std::string_view body);

 private:
  void Connect();
  void Write(std::string_view text);
  int ReadAnswer();
  void ReadMore();

  const PostTarget target_;
  base::FileDescriptor socket_;
  std::string received_;  // and not taken yet
};

}  // namespace webhook::demo
