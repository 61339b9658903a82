// SPDX-License-Identifier: LGPL-3.0-or-later
#include "tests/fakes/fake_transport.h"

#include <memory>
#include <optional>
#include <utility>

#include "lib/net/request_text.h"
#include "lib/net/url.h"

namespace webhook::fakes {
namespace {

using delivery::HttpReply;
using delivery::HttpRequest;
using delivery::HttpResult;
using delivery::TransportError;
using delivery::TransportErrorKind;

std::optional<std::string> WhyUnsendable(const HttpRequest& request) {
  const auto url = net::ParseUrl(request.url);
  if (!url.ok()) return std::string(net::Describe(url.error()));
  const auto text = net::WriteRequest(request, url.value(), net::RequestLimits{});
  if (!text.ok()) return text.error().detail;
  return std::nullopt;
}

HttpResult WithinLimit(HttpResult result, std::size_t response_bytes_max) {
  if (!result.ok()) return result;
  HttpReply reply = std::move(result).value();
  if (reply.body.size() > response_bytes_max) {
    reply.body.resize(response_bytes_max);
    reply.truncated = true;
  }
  return reply;
}

}  // namespace

FakeAnswer FakeStatus(int status_code, base::Milliseconds delay) {
  return FakeReply(HttpReply{status_code, {}, "", false}, delay);
}

FakeAnswer FakeReply(HttpReply reply, base::Milliseconds delay) { return {delay, reply}; }

FakeAnswer FakeError(TransportErrorKind kind, bool maybe_delivered, base::Milliseconds delay) {
  return {delay, TransportError{kind, "as scripted", maybe_delivered}};
}

FakeAnswer FakeSilence() { return FakeStatus(200, base::Milliseconds::max()); }

FakeTransport::FakeTransport(base::Strand& strand)
    : strand_(strand), script_([](const HttpRequest&) { return FakeStatus(200); }) {}

void FakeTransport::Send(HttpRequest request, Done done) {
  if (auto why = WhyUnsendable(request)) {
    return FinishAfter(base::Milliseconds(0),
                       TransportError{TransportErrorKind::kRequestInvalid, *why, false},
                       std::move(done));
  }
  FakeAnswer answer = script_(request);
  if (answer.delay > request.timeout) {
    answer = FakeError(TransportErrorKind::kTimeout, true, request.timeout);
  }
  HttpResult result = WithinLimit(std::move(answer.result), request.response_bytes_max);
  requests_.push_back(std::move(request));
  FinishAfter(answer.delay, std::move(result), std::move(done));
}

void FakeTransport::CancelAll() {
  std::map<std::uint64_t, Done> canceled;
  canceled.swap(pending_);
  for (auto& [id, done] : canceled) {
    strand_.Post([done = std::move(done)] {
      done(TransportError{TransportErrorKind::kCanceled, "the request was canceled", true});
    });
  }
}

void FakeTransport::FinishAfter(base::Milliseconds delay, HttpResult result, Done done) {
  const std::uint64_t id = ++last_id_;
  pending_.emplace(id, std::move(done));
  strand_.After(delay, [this, alive = std::weak_ptr(alive_), id, result = std::move(result)] {
    if (!alive.expired()) Finish(id, result);
  });
}

void FakeTransport::Finish(std::uint64_t id, HttpResult result) {
  const auto found = pending_.find(id);
  if (found == pending_.end()) return;  // canceled
  const Done done = std::move(found->second);
  pending_.erase(found);
  done(std::move(result));
}

}  // namespace webhook::fakes
