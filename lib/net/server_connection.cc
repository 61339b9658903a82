// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/net/server_connection.h"

#include <algorithm>
#include <utility>

#include "lib/base/assert.h"
#include "lib/net/answer_text.h"
#include "lib/net/client_address.h"

namespace webhook::net {
namespace {

constexpr int kRequestTimeout = 408;
constexpr int kServiceUnavailable = 503;

// Of one connection before it is the others' turn.
constexpr int kStepsMax = 64;

// More than any body that we would take: a client that goes on is not going to listen.
constexpr std::size_t kLingerBytesMax = std::size_t{16} << 20;
constexpr base::Milliseconds kLingerWhileStopping{1000};

constexpr std::size_t kOutBytesKept = 4096;

}  // namespace

ServerConnection::ServerConnection(ServerStream stream, const IpAddress& peer, Welcome welcome,
                                   const ServerShared& shared, base::SteadyTime now)
    : stream_(std::move(stream)),
      peer_(peer),
      welcome_(welcome),
      shared_(shared),
      deadline_(now + shared.options.request_timeout) {}

ServerConnection::~ServerConnection() { GiveBodyBytesBack(); }

ServerConnection::Progress ServerConnection::Drive(const Turn& turn) {
  for (int i = 0; i < kStepsMax; ++i) {
    if (const Outcome outcome = StepOnce(turn)) return *outcome;
  }
  return Progress::kBusy;
}

ServerConnection::Outcome ServerConnection::StepOnce(const Turn& turn) {
  switch (phase_) {
    case Phase::kHandshake:
      return StepHandshake(turn);
    case Phase::kReading:
      return StepReading(turn);
    case Phase::kWaiting:
      return Progress::kBlocked;
    case Phase::kWriting:
      return StepWriting(turn);
    case Phase::kLingering:
      return StepLingering(turn);
    case Phase::kClosed:
      return Progress::kClosed;
  }
  WEBHOOK_ASSERT(false);
}

ServerConnection::Outcome ServerConnection::StepHandshake(const Turn& turn) {
  if (stream_.is_tls()) {
    const Step step = stream_.Handshake();
    if (step == Step::kBlocked) return Progress::kBlocked;
    if (step == Step::kFailed) return Close();
  }
  const auto& options = shared_.options;
  BeginReading(turn.now, std::min(options.request_timeout, options.keep_alive));
  if (welcome_ == Welcome::kRefused) Refuse(kServiceUnavailable, turn);
  return std::nullopt;
}

void ServerConnection::BeginReading(base::SteadyTime now, base::Milliseconds patience) {
  parser_.emplace(ParserLimits());
  is_head_request_ = false;
  head_is_read_ = false;
  phase_ = Phase::kReading;
  deadline_ = now + patience;
}

ServerConnection::Outcome ServerConnection::StepReading(const Turn& turn) {
  Outcome outcome;
  if (!Flush(outcome)) return outcome;  // "100 Continue"
  if (!unread_.empty()) return Take(std::exchange(unread_, {}), turn);
  const Transferred read = stream_.Read(turn.buffer);
  if (read.step == Step::kBlocked) return Progress::kBlocked;
  // Who ends in the middle of a request does not wait for an answer.
  if (read.step == Step::kFailed || read.bytes == 0) return Close();
  return Take({turn.buffer.data(), read.bytes}, turn);
}

ServerConnection::Outcome ServerConnection::Take(std::string_view bytes, const Turn& turn) {
  if (!parser_->started()) deadline_ = turn.now + shared_.options.request_timeout;
  RequestParser::State state = parser_->Feed(bytes);
  if (state == RequestParser::State::kHead) {
    if (const auto answer = OnHead(bytes.empty())) return OnHeadRefused(*answer, bytes, turn);
    state = parser_->Feed(bytes);
  }
  return OnParsed(state, bytes, turn);
}

ServerConnection::Outcome ServerConnection::OnParsed(RequestParser::State state,
                                                     std::string_view rest, const Turn& turn) {
  switch (state) {
    case RequestParser::State::kMore:
      return OnBodyBytes(turn);
    case RequestParser::State::kDone:
      return OnWhole(rest, turn);
    case RequestParser::State::kRefused:
      Refuse(parser_->refusal(), turn);
      return std::nullopt;
    case RequestParser::State::kHead:
      break;
  }
  WEBHOOK_ASSERT(false);
}

std::optional<delivery::ReceiverAnswer> ServerConnection::OnHead(bool body_is_coming) {
  RequestHead& head = parser_->head();
  head_is_read_ = true;
  is_head_request_ = head.method() == "HEAD";
  keeps_alive_ = head.keeps_alive();
  ClientView client =
      ViewClient(peer_, stream_.is_tls() ? "https" : "http",
                 head.host().empty() ? std::string_view(shared_.address) : head.host(),
                 head.headers(), shared_.options.trusted_proxies);
  head_ = {head.TakeMethod(), head.TakeTarget(), head.TakeHeaders(), std::move(client.address),
           std::move(client.origin)};
  auto answer = shared_.receiver.OnHead(head_);
  if (!answer.has_value() && head.wants_continue() && body_is_coming) {
    out_.append("HTTP/1.1 100 Continue\r\n\r\n");
  }
  return answer;
}

// A sender that comes too often shall not have to shake hands anew each time: when the body is
// here already, or there is none, the connection goes on.
ServerConnection::Outcome ServerConnection::OnHeadRefused(const delivery::ReceiverAnswer& answer,
                                                          std::string_view rest, const Turn& turn) {
  if (parser_->Feed(rest) != RequestParser::State::kDone) {
    Refuse(answer, turn);
    return std::nullopt;
  }
  shared_.counters.refused_requests.fetch_add(1, std::memory_order_relaxed);
  unread_ = rest;
  Write(answer, !keeps_alive_ || stopping_, turn);
  return std::nullopt;
}

ServerConnection::Outcome ServerConnection::OnBodyBytes(const Turn& turn) {
  const std::size_t free = shared_.options.body_bytes_free;
  const std::size_t counted = std::max(parser_->body_bytes(), free) - free;
  const std::size_t more = counted - budget_bytes_;
  if (more == 0 || shared_.budget.TryTake(more)) {
    budget_bytes_ += more;
  } else {
    Refuse(kServiceUnavailable, turn);
  }
  return std::nullopt;
}

ServerConnection::Outcome ServerConnection::OnWhole(std::string_view rest, const Turn& turn) {
  static_cast<void>(OnBodyBytes(turn));
  if (phase_ != Phase::kReading) return std::nullopt;
  unread_ = rest;
  phase_ = Phase::kWaiting;
  deadline_ = turn.now + shared_.options.answer_timeout;
  ++number_;
  return Progress::kRequest;
}

ServerConnection::NumberedRequest ServerConnection::TakeRequest() {
  return {number_, {std::move(head_), parser_->TakeBody()}};
}

void ServerConnection::Answer(std::uint64_t number, const delivery::ReceiverAnswer& answer,
                              const Turn& turn) {
  if (phase_ != Phase::kWaiting || number != number_) return;
  Write(answer, !keeps_alive_ || stopping_, turn);
}

void ServerConnection::OnDeadline(const Turn& turn) {
  if (phase_ == Phase::kReading && parser_->started()) {
    Refuse(kRequestTimeout, turn);
  } else if (phase_ == Phase::kWaiting) {
    Write(OwnAnswer(kServiceUnavailable, shared_.options.retry_after), true, turn);
  } else {
    phase_ = Phase::kClosed;
  }
}

void ServerConnection::Refuse(int status_code, const Turn& turn) {
  is_head_request_ = is_head_request_ || parser_->head().method() == "HEAD";
  Refuse(OwnAnswer(status_code, shared_.options.retry_after), turn);
}

// The rest of the request is not read, so nothing can follow it.
void ServerConnection::Refuse(const delivery::ReceiverAnswer& answer, const Turn& turn) {
  shared_.counters.refused_requests.fetch_add(1, std::memory_order_relaxed);
  unread_.clear();
  Write(answer, true, turn);
}

void ServerConnection::Write(const delivery::ReceiverAnswer& answer, bool closes,
                             const Turn& turn) {
  GiveBodyBytesBack();
  parser_.reset();
  out_.append(WriteAnswer(answer, {turn.date, closes, is_head_request_}));
  closes_ = closes;
  phase_ = Phase::kWriting;
  deadline_ = turn.now + shared_.options.request_timeout;
}

// False: `outcome` says why not everything is written.
bool ServerConnection::Flush(Outcome& outcome) {
  while (out_written_ < out_.size()) {
    const Transferred written = stream_.Write(std::string_view(out_).substr(out_written_));
    if (written.step == Step::kDone) {
      out_written_ += written.bytes;
      continue;
    }
    outcome = written.step == Step::kBlocked ? Progress::kBlocked : Close();
    return false;
  }
  // A large answer's memory is not kept for the next.
  if (out_.capacity() > kOutBytesKept) std::string().swap(out_);
  out_.clear();
  out_written_ = 0;
  return true;
}

ServerConnection::Outcome ServerConnection::StepWriting(const Turn& turn) {
  Outcome outcome;
  if (!Flush(outcome)) return outcome;
  if (!closes_ && !stopping_) {
    BeginReading(turn.now, shared_.options.keep_alive);
    return std::nullopt;
  }
  // Closing with unread bytes of the client would send a reset, which may overtake the answer.
  stream_.EndWriting();
  phase_ = Phase::kLingering;
  deadline_ = turn.now + (stopping_ ? std::min(kLingerWhileStopping, shared_.options.linger_timeout)
                                    : shared_.options.linger_timeout);
  return std::nullopt;
}

ServerConnection::Outcome ServerConnection::StepLingering(const Turn& turn) {
  const Transferred read = stream_.Discard(turn.buffer);
  if (read.step == Step::kBlocked) return Progress::kBlocked;
  lingered_bytes_ += read.bytes;
  if (read.step == Step::kFailed || read.bytes == 0 || lingered_bytes_ > kLingerBytesMax) {
    return Close();
  }
  return std::nullopt;
}

ServerConnection::Outcome ServerConnection::Close() {
  phase_ = Phase::kClosed;
  return Progress::kClosed;
}

bool ServerConnection::is_between_requests() const {
  return phase_ == Phase::kHandshake ||
         (phase_ == Phase::kReading && !parser_->started() && unread_.empty());
}

bool ServerConnection::is_closable() const {
  const bool is_reading_head = phase_ == Phase::kReading && !head_is_read_;
  return is_between_requests() || is_reading_head || phase_ == Phase::kLingering;
}

void ServerConnection::GiveBodyBytesBack() { shared_.budget.Give(std::exchange(budget_bytes_, 0)); }

RequestParserLimits ServerConnection::ParserLimits() const {
  const auto& options = shared_.options;
  return {options.head_bytes_max, options.target_bytes_max, options.headers_max,
          options.body_bytes_max};
}

}  // namespace webhook::net
