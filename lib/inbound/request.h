// SPDX-License-Identifier: LGPL-3.0-or-later
// A request as verification and value resolution see it, whichever door it came through. Built
// once; what is asked of it later is computed at most once. One thread at a time.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/base/time.h"
#include "lib/model/value.h"
#include "lib/rules/body_value.h"

namespace webhook::inbound {

struct RequestParts {
  std::string method;  // upper case
  std::string url;     // absolute, as the sender called it
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::string remote_address;
  base::WallTime received_at;
};

class Request {
 public:
  explicit Request(RequestParts parts);
  // Never copied: files of a multipart body borrow from it.
  Request(Request&&) = default;
  Request& operator=(Request&&) = default;

  const RequestParts& parts() const { return parts_; }
  std::string_view body() const { return parts_.body; }

  // By a name of any case; of several the last. Empty values are there, absent ones are not.
  std::optional<std::string_view> Header(std::string_view name) const;

  // All values of a parameter inside a structured header, in their order: split at ',' and ';', at
  // the first '=', outer quotes removed; names in any case.
  std::vector<std::string> HeaderParameters(std::string_view name,
                                            std::string_view parameter) const;

  // Lower-case name to value.
  const std::map<std::string, std::string, std::less<>>& headers() const { return headers_; }
  // Percent-decoded; of several the last.
  const std::map<std::string, std::string, std::less<>>& query() const { return query_; }

  // What the body is as data, by its Content-Type; parsed when first asked for, within limits.
  const rules::BodyValue& payload() const;
  bool payload_was_parsed() const { return payload_.has_value(); }

  // Lower-case hexadecimal.
  const std::string& body_sha256() const;

 private:
  RequestParts parts_;
  std::map<std::string, std::string, std::less<>> headers_;
  std::map<std::string, std::string, std::less<>> query_;
  mutable std::optional<rules::BodyValue> payload_;
  mutable std::string body_sha256_;
};

}  // namespace webhook::inbound
