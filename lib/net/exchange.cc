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
      origin_(request_.url.Origin()),
      limits_(limits),
      done_(std::move(done)) {
  parser_.emplace(limits_, request_.response_bytes_max, request_.is_head);
}

void Exchange::SetAddresses(std::vector<CheckedAddress> addresses) {
  addresses_ = std::move(addresses);
  address_index_ = 0;
}

std::optional<CheckedAddress> Exchange::NextAddress() {
  if (addresses_left() == 0) return std::nullopt;
  return addresses_[address_index_++];
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

Exchange::Progress Exchange::Drive(const TlsClient& tls, std::span<char> buffer) {
  if (phase_ == Phase::kConnecting) {
    const Step step = connection_->FinishConnect();
    if (step == Step::kBlocked) return Progress::kWait;
    if (step == Step::kFailed) return OnConnectFailed(connection_->failure());
    if (const Progress progress = BeginTls(tls); progress != Progress::kWait) return progress;
  }
  if (phase_ == Phase::kHandshaking) {
    if (const Progress progress = DriveHandshake(); progress != Progress::kWait) return progress;
  }
  return phase_ == Phase::kTransferring ? DriveTransfer(buffer) : Progress::kWait;
}

// Connected: the phase after it.
Exchange::Progress Exchange::BeginTls(const TlsClient& tls) {
  if (!request_.url.tls) {
    phase_ = Phase::kTransferring;
    return Progress::kWait;
  }
  phase_ = Phase::kHandshaking;
  connection_->StartTls(
      tls.NewSession(connection_->fd(), request_.url.host, request_.url.address.has_value()));
  return Progress::kWait;
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

Exchange::Progress Exchange::OnConnectFailed(const std::string& why) {
  if (addresses_left() > 0) return Progress::kNextAddress;
  return Fail(TransportErrorKind::kConnect, "connecting to " + Peer() + " failed: " + why);
}

TransportError Exchange::TimeoutError() const {
  std::string_view missing;
  switch (phase_) {
    case Phase::kWaiting:
      missing = "no free sender";
      break;
    case Phase::kLocating:
      missing = "no address";
      break;
    case Phase::kConnecting:
      missing = "no connection";
      break;
    case Phase::kHandshaking:
      missing = "no end of the TLS handshake";
      break;
    case Phase::kTransferring:
      missing = parser_->started() ? "only a part of the reply" : "no reply";
      break;
  }
  const std::string detail = std::string(missing) + " from " + Peer() + " within " +
                             std::to_string(request_.timeout.count()) + " ms";
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

// "shop.example:443", with the address behind a name once it is known.
std::string Exchange::Peer() const {
  constexpr std::size_t kHostShownMax = 100;
  std::string peer = request_.url.host.substr(0, kHostShownMax);
  if (address_index_ > 0) return peer + " (" + addresses_[address_index_ - 1].ToString() + ")";
  if (connection_ != nullptr) return peer + " (" + connection_->address().ToString() + ")";
  return peer;
}

}  // namespace webhook::net
