// SPDX-License-Identifier: LGPL-3.0-or-later
// The one place that builds the HTTP client towards Odoo: total deadline, size cap, verified TLS,
// no redirects, connections kept where the server keeps them. One thread at a time, but for
// Cancel(). The process must ignore SIGPIPE.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "lib/base/clock.h"
#include "lib/base/result.h"
#include "lib/base/time.h"
#include "rpc/options.h"
#include "rpc/server_url.h"

namespace webhook::rpc {

struct HttpCall {
  std::string method;  // GET or POST
  std::string path;    // without the base path of the URL
  std::vector<std::pair<std::string, std::string>> headers;
  std::string content_type;
  std::string body;
};

struct HttpAnswer {
  int status;
  std::string content_type;
  std::string location;  // of a redirect; empty otherwise
  std::string body;
};

enum class HttpFailureKind {
  kNotSent,   // no byte of the request can have reached the server
  kNoAnswer,  // it may have: lost connection, time over, canceled
  kTooLarge,  // the answer is beyond the limit and was not read
};

struct HttpFailure {
  HttpFailureKind kind;
  std::string detail;  // for people
};

using HttpOutcome = base::Result<HttpAnswer, HttpFailure>;

class HttpSession {
 public:
  HttpSession(ServerUrl url, const ConnectionOptions& options, const base::Clock& clock);
  ~HttpSession();

  // Blocks until the answer is there or `deadline` has passed. Only the look-up of the host's name
  // is outside the deadline: the system's resolver has limits of its own.
  HttpOutcome Send(HttpCall call, base::SteadyTime deadline);

  // As Protocol::Cancel().
  void Cancel();

  const ServerUrl& url() const { return url_; }

  base::SteadyTime DeadlineAfter(base::Milliseconds timeout) const;

 private:
  class Client;

  const ServerUrl url_;
  const base::Clock& clock_;
  std::unique_ptr<Client> client_;
};

}  // namespace webhook::rpc
