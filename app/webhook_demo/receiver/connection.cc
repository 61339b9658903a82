// SPDX-License-Identifier: LGPL-3.0-or-later
#include "app/webhook_demo/receiver/connection.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <string_view>
#include <utility>

#include "app/webhook_demo/receiver/sha256.h"

namespace webhook::demo {
namespace {

constexpr std::size_t kReadBytes = std::size_t{64} << 10;
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
constexpr base::Milliseconds kCutDelay{10};     // for the client to see the half that was sent
constexpr base::Milliseconds kDrainTime{2000};  // for the client to close after its last answer
constexpr base::Milliseconds kPatience{24 * 3'600'000};

std::string_view Reason(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 404:
      return "Not Found";
    case 410:
      return "Gone";
    case 411:
      return "Length Required";
    case 413:
      return "Content Too Large";
    case 422:
      return "Unprocessable Content";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 503:
      return "Service Unavailable";
    default:
      return "Status";
  }
}

std::string Rendered(const Answer& answer, bool keep_alive, bool with_body) {
  std::string text =
      fmt::format("HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\n", answer.status,
                  Reason(answer.status), answer.content_type, answer.body.size());
  if (answer.retry_after_seconds > 0) {
    text += fmt::format("Retry-After: {}\r\n", answer.retry_after_seconds);
  }
  if (!keep_alive) text += "Connection: close\r\n";
  text += "\r\n";
  if (with_body) text += answer.body;
  return text;
}

LedgerEntry EntryOf(const HttpRequest& request, base::WallTime now) {
  LedgerEntry entry;
  entry.time_ms = base::ToUnixMs(now);
  entry.path = request.path;
  entry.method = request.method;
  entry.webhook_id = request.Header("webhook-id");
  entry.webhook_timestamp = request.Header("webhook-timestamp");
  entry.idempotency_key = request.Header("idempotency-key");
  entry.body_sha256 = Sha256(request.body);
  entry.body_bytes = request.body.size();
  return entry;
}

std::string_view QueryValue(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    const auto equals = pair.find('=');
    if (equals != std::string_view::npos && pair.substr(0, equals) == name) {
      return pair.substr(equals + 1);
    }
  }
  return "";
}

}  // namespace

Connection::Connection(net::FileDescriptor socket, Site& site)
    : socket_(std::move(socket)),
      site_(site),
      reader_(site.options.limits),
      due_(site.clock.SteadyNow() + site.options.idle_timeout) {
  site_.connections.fetch_add(1);
}

Connection::~Connection() {
  if (ticket_.entry) site_.ledger.Answered(ticket_, "none");
  site_.connections.fetch_sub(1);
}

Connection::Wait Connection::OnReadable() {
  static thread_local std::array<char, kReadBytes> buffer;
  const ssize_t size = recv(fd(), buffer.data(), buffer.size(), 0);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return Wait::kBytes;
  if (size <= 0) return Wait::kNothing;
  if (phase_ == Phase::kDraining) return Wait::kBytes;
  due_ = site_.clock.SteadyNow() + site_.options.idle_timeout;
  return Advance(reader_.Feed(std::string_view(buffer.data(), static_cast<std::size_t>(size))));
}

Connection::Wait Connection::OnWritable() {
  const Wait wait = Send();
  return wait == Wait::kBytes && phase_ == Phase::kReading ? Advance(reader_.Feed("")) : wait;
}

Connection::Wait Connection::OnTime() {
  if (phase_ == Phase::kCutting) return Cut();
  const Wait wait = Reply();
  return wait == Wait::kBytes && phase_ == Phase::kReading ? Advance(reader_.Feed("")) : wait;
}

Connection::Wait Connection::Advance(RequestReader::State state) {
  while (true) {
    switch (state) {
      case RequestReader::State::kMore:
        return Wait::kBytes;
      case RequestReader::State::kContinue:
        send(fd(), kContinue.data(), kContinue.size(), MSG_NOSIGNAL);
        return Wait::kBytes;
      case RequestReader::State::kInvalid:
        return Refuse(reader_.error_status());
      case RequestReader::State::kComplete:
        if (const Wait wait = Handle(reader_.Take()); wait != Wait::kBytes) return wait;
        if (phase_ != Phase::kReading) return Wait::kBytes;
        state = reader_.Feed("");
    }
  }
}

Connection::Wait Connection::Handle(const HttpRequest& request) {
  keep_alive_ = request.keep_alive;
  answer_ = {};
  if (request.method == "GET" && request.path == "/ledger") {
    answer_.body = site_.ledger.CountsJson();
    return Say(answer_);
  }
  if (request.method == "GET" && request.path == "/requests") {
    answer_.body = site_.ledger.EntriesJson(QueryValue(request.query, "webhook_id"));
    return Say(answer_);
  }
  ticket_ = site_.ledger.Arrived(EntryOf(request, site_.clock.Now()));
  answer_ = Behave(request, ticket_.try_number, site_.options.behaviour);
  if (answer_.delay.count() == 0) return Reply();
  return WaitFor(Wait::kTime, Phase::kDelaying, answer_.delay);
}

// The moment of the answer has come.
Connection::Wait Connection::Reply() {
  if (answer_.ending == Ending::kNever) {
    return WaitFor(Wait::kPeerGone, Phase::kReplying, kPatience);
  }
  const bool is_cut = answer_.ending != Ending::kReply;
  site_.ledger.Answered(std::exchange(ticket_, {}),
                        is_cut ? "reset" : std::to_string(answer_.status));
  if (answer_.ending == Ending::kReset) return Cut();
  cut_when_sent_ = is_cut;
  return Say(answer_);
}

Connection::Wait Connection::Say(const Answer& answer) {
  out_ = Rendered(answer, keep_alive_, true);
  if (cut_when_sent_) out_.resize(out_.size() - answer.body.size() / 2);
  sent_ = 0;
  due_ = site_.clock.SteadyNow() + site_.options.idle_timeout;
  return Send();
}

bool Connection::Expired() const {
  const bool waits_for_time = phase_ == Phase::kDelaying || phase_ == Phase::kCutting;
  return !waits_for_time && site_.clock.SteadyNow() >= due_;
}

// What cannot be read ends the connection: nobody knows where the next request begins.
Connection::Wait Connection::Refuse(int status) {
  keep_alive_ = false;
  answer_ = {};
  answer_.status = status;
  return Say(answer_);
}

Connection::Wait Connection::Send() {
  phase_ = Phase::kReplying;
  while (sent_ < out_.size()) {
    const ssize_t size = send(fd(), out_.data() + sent_, out_.size() - sent_, MSG_NOSIGNAL);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return errno == EAGAIN ? Wait::kRoom : Wait::kNothing;
    sent_ += static_cast<std::size_t>(size);
  }
  return Sent();
}

Connection::Wait Connection::Sent() {
  out_.clear();
  sent_ = 0;
  if (cut_when_sent_) return WaitFor(Wait::kTime, Phase::kCutting, kCutDelay);
  if (keep_alive_) return WaitFor(Wait::kBytes, Phase::kReading, site_.options.idle_timeout);
  // Closing with unread bytes would reset the connection, and the client might lose the answer.
  shutdown(fd(), SHUT_WR);
  return WaitFor(Wait::kBytes, Phase::kDraining, kDrainTime);
}

Connection::Wait Connection::WaitFor(Wait wait, Phase phase, base::Milliseconds time) {
  phase_ = phase;
  due_ = site_.clock.SteadyNow() + time;
  return wait;
}

// With a linger time of zero close() sends RST instead of FIN.
Connection::Wait Connection::Cut() {
  const linger none{.l_onoff = 1, .l_linger = 0};
  setsockopt(fd(), SOL_SOCKET, SO_LINGER, &none, sizeof none);
  return Wait::kNothing;
}

}  // namespace webhook::demo
