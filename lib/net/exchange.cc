// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/net/exchange.h"

#include <string_view>
#include <utility>

#include "lib/base/assert.h"
#include "lib/base/text.h"

namespace webhook::net {
namespace {

using delivery::TransportError;
using delivery::TransportErrorKind;

constexpr std::size_t kDetailBytesMax = 300;

}  // namespace

Exchange::Exchange(PreparedRequest request, const ReplyLimits& limits, Done done)
    : request_(std::move(request)),
      pool_key_(request_.PoolKey()),
      limits_(limits),
      done_(std::move(done)) {
  parser_.emplace(limits_, request_.response_bytes_max, request_.is_head);
}

void Exchange::UseDialled(std::unique_ptr<Connection> connection) {
  connection_ = std::move(connection);
  pooled_ = false;
  phase_ = Phase::kConnecting;
}

Exchange::Progress Exchange::UsePooled(std::unique_ptr<Connection> connection) {
  connection_ = std::move(connection);
  pooled_ = true;
  phase_ = Phase::kTransferring;
  confirmed_before_ = connection_->ConfirmedBytes();
  Send();
  // What arrives is a change that the poller tells. A failed write tells nothing more.
  return write_failed_ ? OnBroken() : Progress::kWait;
}

Exchange::Progress Exchange::Drive(std::span<char> buffer) {
  if (phase_ == Phase::kConnecting) {
    const Step step = connection_->FinishConnect();
    if (step == Step::kBlocked) return Progress::kWait;
    if (step == Step::kFailed) return OnConnectFailed({false, connection_->failure()});
    OnConnected();
  }
  if (phase_ == Phase::kTunnelling) {
    if (const Progress progress = DriveTunnel(buffer); progress != Progress::kWait) return progress;
  }
  if (phase_ == Phase::kHandshaking) {
    if (const Progress progress = DriveHandshake(); progress != Progress::kWait) return progress;
  }
  return phase_ == Phase::kTransferring ? DriveTransfer(buffer) : Progress::kWait;
}

// The proxy is told the judged address, never the name behind it, unless it is to resolve names.
void Exchange::OnConnected() {
  if (request_.proxy == nullptr) return BeginTls();
  const CheckedAddress* target = route_.target();
  phase_ = Phase::kTunnelling;
  dialogue_.emplace(request_.proxy->ConnectRequest(
      target != nullptr ? target->ToString()
                        : request_.url.host + ":" + std::to_string(request_.url.port)));
}

Exchange::Progress Exchange::DriveTunnel(std::span<char> buffer) {
  switch (dialogue_->Drive(*connection_, buffer)) {
    case ProxyDialogue::Progress::kWait:
      return Progress::kWait;
    case ProxyDialogue::Progress::kOpen:
      dialogue_.reset();
      BeginTls();
      return Progress::kWait;
    case ProxyDialogue::Progress::kUnreachable:
      return OnUnreachable(dialogue_->why());
    case ProxyDialogue::Progress::kRefused:
      break;
  }
  return Fail(TransportErrorKind::kOurTrouble, request_.proxy->Name() + " " + dialogue_->why());
}

// The proxy works, the receiver does not.
Exchange::Progress Exchange::OnUnreachable(const std::string& why) {
  const std::string detail =
      request_.proxy->Name() + " could not reach " + Receiver() + ": it " + why;
  if (route_.TryNextTarget()) return Progress::kNextAddress;
  return Fail(TransportErrorKind::kConnect, detail);
}

// Connected to the receiver: the phase after it.
void Exchange::BeginTls() {
  if (!request_.url.tls) {
    phase_ = Phase::kTransferring;
    return;
  }
  phase_ = Phase::kHandshaking;
  connection_->StartTls(request_.tls->NewSession(connection_->fd(), request_.url.host,
                                                 request_.url.address.has_value()));
}

Exchange::Progress Exchange::DriveHandshake() {
  const Step step = connection_->Handshake();
  if (step == Step::kFailed) {
    return Fail(TransportErrorKind::kTls,
                "the TLS handshake with " + Peer() + " failed: " + connection_->failure());
  }
  if (step == Step::kDone) phase_ = Phase::kTransferring;
  return Progress::kWait;
}

Exchange::Progress Exchange::DriveTransfer(std::span<char> buffer) {
  Send();
  // A receiver may answer before it has read everything, and then close: look for the reply even
  // when writing failed.
  return Receive(buffer);
}

void Exchange::Send() {
  const std::string_view bytes = request_.bytes;
  while (sent_ < bytes.size() && !write_failed_) {
    const Transferred written = connection_->Write(bytes.substr(sent_));
    if (written.step == Step::kFailed) {
      write_failed_ = true;
      return;
    }
    // TLS may have sent a part of a record even when it reports that it blocked.
    may_have_left_ = may_have_left_ || written.bytes > 0 || request_.url.tls;
    if (written.step == Step::kBlocked) return;
    sent_ += written.bytes;
  }
}

Exchange::Progress Exchange::Receive(std::span<char> buffer) {
  while (true) {
    const Transferred read = connection_->Read(buffer);
    if (read.step == Step::kBlocked) return write_failed_ ? OnBroken() : Progress::kWait;
    if (read.step == Step::kFailed) return OnBroken();
    if (read.bytes == 0) return OnEnd();
    switch (parser_->Feed(std::string_view(buffer.data(), read.bytes))) {
      case ReplyParser::State::kDone:
        return Progress::kReplied;
      case ReplyParser::State::kInvalid:
        return Fail(TransportErrorKind::kResponseInvalid,
                    "the reply of " + Peer() + " " + std::string(parser_->problem()));
      case ReplyParser::State::kMore:
        break;
    }
  }
}

// The peer ended the connection in good order.
Exchange::Progress Exchange::OnEnd() {
  if (parser_->started()) {
    if (parser_->FeedEnd() == ReplyParser::State::kDone) return Progress::kReplied;
    return Fail(TransportErrorKind::kConnectionLost,
                "the connection to " + Peer() + " ended in the middle of the reply");
  }
  if (pooled_ && PeerSawNothing()) return PrepareToSendAgain();
  return Fail(TransportErrorKind::kConnectionLost,
              "the connection to " + Peer() + " ended without a reply");
}

Exchange::Progress Exchange::OnBroken() {
  if (pooled_ && !may_have_left_) return PrepareToSendAgain();
  if (!pooled_ && !parser_->started() && connection_->failed_on_our_certificate()) {
    may_have_left_ = false;  // what was sent is not looked at: see TlsFailure
    return Fail(TransportErrorKind::kTls,
                "the TLS handshake with " + Peer() + " failed: " + connection_->failure());
  }
  return Fail(TransportErrorKind::kConnectionLost,
              "the connection to " + Peer() + " broke: " + connection_->failure());
}

// Whether a request that was written to a pooled connection cannot have been processed: the peer
// had ended its side before its TCP received a single byte of it. A peer's end carries what its TCP
// has received by then; if the count has not moved since before the request, the end came first.
// That is the race with a receiver's idle timeout; who has ended his side cannot answer and has no
// business reading on. A reset proves nothing, for it may follow upon reading the request.
bool Exchange::PeerSawNothing() const {
  if (!may_have_left_) return true;
  constexpr std::uint64_t kHandshakeBytes = 1;
  return confirmed_before_ > kHandshakeBytes && connection_->ConfirmedBytes() == confirmed_before_;
}

Exchange::Progress Exchange::PrepareToSendAgain() {
  sent_ = 0;
  may_have_left_ = false;
  write_failed_ = false;
  parser_.emplace(limits_, request_.response_bytes_max, request_.is_head);
  return Progress::kSendAgain;
}

Exchange::Progress Exchange::OnConnectFailed(const DialError& why) {
  if (route_.has_next()) return Progress::kNextAddress;
  if (request_.proxy != nullptr) {
    return Fail(TransportErrorKind::kOurTrouble,
                request_.proxy->Name() + " cannot be reached: " + why.detail);
  }
  return Fail(why.is_ours ? TransportErrorKind::kOurTrouble : TransportErrorKind::kConnect,
              "connecting to " + Peer() + " failed: " + why.detail);
}

Exchange::Progress Exchange::OnNoAnswer() {
  if (phase_ == Phase::kTunnelling) return OnUnreachable("gave no answer to CONNECT in time");
  return OnConnectFailed({false, "no answer"});
}

TransportError Exchange::TimeoutError() const {
  const std::string within = " within " + std::to_string(request_.timeout.count()) + " ms";
  const bool at_proxy = phase_ == Phase::kLocatingProxy ||
                        (phase_ == Phase::kConnecting && request_.proxy != nullptr);
  if (at_proxy) {
    const std::string detail = request_.proxy->Name() + " cannot be reached" + within;
    return {TransportErrorKind::kOurTrouble, base::PrintableText(detail, kDetailBytesMax), false};
  }
  std::string_view missing;
  switch (phase_) {
    case Phase::kWaiting:
      missing = "no free sender";
      break;
    case Phase::kLocating:
      missing = "no address";
      break;
    case Phase::kLocatingProxy:
    case Phase::kConnecting:
    case Phase::kTunnelling:
      missing = "no connection";
      break;
    case Phase::kHandshaking:
      missing = "no end of the TLS handshake";
      break;
    case Phase::kTransferring:
      missing = parser_->started() ? "only a part of the reply" : "no reply";
      break;
  }
  const std::string detail = std::string(missing) + " from " + Peer() + within;
  return {TransportErrorKind::kTimeout, base::PrintableText(detail, kDetailBytesMax),
          may_have_left_};
}

TransportError Exchange::CanceledError() const {
  return {TransportErrorKind::kCanceled,
          base::PrintableText("the request to " + Peer() + " was canceled", kDetailBytesMax),
          may_have_left_};
}

Exchange::Progress Exchange::Fail(TransportErrorKind kind, const std::string& detail) {
  error_ = {kind, base::PrintableText(detail, kDetailBytesMax), may_have_left_};
  return Progress::kFailed;
}

// "shop.example (192.0.2.1:443)", and which way.
std::string Exchange::Peer() const {
  if (request_.proxy == nullptr) return Receiver();
  return Receiver() + " through " + request_.proxy->Name();
}

// With the address behind the name once it is known. Of a tunnel the connection knows the proxy's.
std::string Exchange::Receiver() const {
  constexpr std::size_t kHostShownMax = 100;
  const std::string host = request_.url.host.substr(0, kHostShownMax);
  const CheckedAddress* target = route_.target();
  if (target != nullptr) return host + " (" + target->ToString() + ")";
  if (request_.proxy == nullptr && connection_ != nullptr) {
    return host + " (" + connection_->address().ToString() + ")";
  }
  return host;
}

}  // namespace webhook::net
