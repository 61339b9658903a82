// SPDX-License-Identifier: LGPL-3.0-or-later
// An HttpTransport without a network: a script answers each request, on virtual time. It refuses
// what the real one would refuse to send, remembers what was sent, and keeps timeouts and the body
// limit.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "lib/base/strand.h"
#include "lib/base/time.h"
#include "lib/delivery/ports/http_transport.h"

namespace webhook::fakes {

// What the receiver does with a request: answers after a while (never, if that is beyond the
// request's timeout).
struct FakeAnswer {
  base::Milliseconds delay;
  delivery::HttpResult result;
};

// Answers for scripts.
FakeAnswer FakeStatus(int status_code, base::Milliseconds delay = base::Milliseconds(1));
FakeAnswer FakeReply(delivery::HttpReply reply, base::Milliseconds delay = base::Milliseconds(1));
FakeAnswer FakeError(delivery::TransportErrorKind kind, bool maybe_delivered,
                     base::Milliseconds delay = base::Milliseconds(1));
FakeAnswer FakeSilence();

class FakeTransport final : public delivery::HttpTransport {
 public:
  using Script = std::function<FakeAnswer(const delivery::HttpRequest&)>;

  // The strand outlives it. Without a script every request is answered 200.
  explicit FakeTransport(base::Strand& strand);

  void SetScript(Script script) { script_ = std::move(script); }

  void Send(delivery::HttpRequest request, std::function<void(delivery::HttpResult)> done) override;
  void CancelAll() override;

  // Sent so far, in order; those refused before sending are not among them.
  const std::vector<delivery::HttpRequest>& requests() const { return requests_; }
  std::size_t in_flight() const { return pending_.size(); }

 private:
  using Done = std::function<void(delivery::HttpResult)>;

  void FinishAfter(base::Milliseconds delay, delivery::HttpResult result, Done done);
  void Finish(std::uint64_t id, delivery::HttpResult result);

  base::Strand& strand_;
  Script script_;
  std::vector<delivery::HttpRequest> requests_;
  std::uint64_t last_id_ = 0;
  std::map<std::uint64_t, Done> pending_;
  const std::shared_ptr<bool> alive_ = std::make_shared<bool>();  // for answers on the strand
};

}  // namespace webhook::fakes
