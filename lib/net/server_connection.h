// SPDX-License-Identifier: LGPL-3.0-or-later
// One client of the HTTP server. One request at a time: what the client sends behind it stays
// unread until the answer is written, so memory is bounded by one read and one body. Belongs to the
// thread of its loop.
//
//   Handshake -> Reading -> Waiting (for the receiver) -> Writing -> Reading ...
//                       \-> Writing (a refusal)         \-> Lingering -> closed
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "lib/base/time.h"
#include "lib/delivery/ports/request_receiver.h"
#include "lib/net/ip_address.h"
#include "lib/net/request_parser.h"
#include "lib/net/server_shared.h"
#include "lib/net/server_stream.h"

namespace webhook::net {

class ServerConnection {
 public:
  // What a call may use, and when it is.
  struct Turn {
    std::span<char> buffer;
    base::SteadyTime now;
    std::string_view date;  // of HttpDate
  };

  enum class Progress {
    kBlocked,  // the poller will tell, or the answer comes, or the deadline
    kRequest,  // TakeRequest, then Answer
    kBusy,     // others first, then Drive again
    kClosed    // to be destroyed
  };

  enum class Welcome { kServed, kRefused };  // kRefused: we have too many; answered 503 unread

  ServerConnection(ServerStream stream, const IpAddress& peer, Welcome welcome,
                   const ServerShared& shared, base::SteadyTime now);
  ~ServerConnection();

  int fd() const { return stream_.fd(); }

  // Goes as far as it can.
  Progress Drive(const Turn& turn);

  // After kRequest, once. `number` is what Answer wants.
  struct NumberedRequest {
    std::uint64_t number;
    delivery::ReceivedRequest request;
  };
  NumberedRequest TakeRequest();

  // Then Drive. An answer that comes too late, or twice, is dropped.
  void Answer(std::uint64_t number, const delivery::ReceiverAnswer& answer, const Turn& turn);

  // When it is past. Then Drive.
  base::SteadyTime deadline() const { return deadline_; }
  void OnDeadline(const Turn& turn);

  // The connection ends behind the present request.
  void BeginStopping() { stopping_ = true; }

  // Whether little is missed when it is closed to make room: between requests, behind the last, or
  // while a head is on its way, which takes honest senders a moment.
  bool is_closable() const;
  bool is_between_requests() const;

 private:
  enum class Phase { kHandshake, kReading, kWaiting, kWriting, kLingering, kClosed };
  using Outcome = std::optional<Progress>;  // nothing: go on

  Outcome StepOnce(const Turn& turn);
  Outcome StepHandshake(const Turn& turn);
  Outcome StepReading(const Turn& turn);
  Outcome StepWriting(const Turn& turn);
  Outcome StepLingering(const Turn& turn);
  Outcome Take(std::string_view bytes, const Turn& turn);
  Outcome OnParsed(RequestParser::State state, std::string_view rest, const Turn& turn);
  std::optional<delivery::ReceiverAnswer> OnHead(bool body_is_coming);
  Outcome OnHeadRefused(const delivery::ReceiverAnswer& answer, std::string_view rest,
                        const Turn& turn);
  Outcome OnBodyBytes(const Turn& turn);
  Outcome OnWhole(std::string_view rest, const Turn& turn);
  Outcome Close();
  bool Flush(Outcome& outcome);
  void BeginReading(base::SteadyTime now, base::Milliseconds patience);
  void Refuse(int status_code, const Turn& turn);
  void Refuse(const delivery::ReceiverAnswer& answer, const Turn& turn);
  void Write(const delivery::ReceiverAnswer& answer, bool closes, const Turn& turn);
  void GiveBodyBytesBack();
  RequestParserLimits ParserLimits() const;

  ServerStream stream_;
  const IpAddress peer_;
  const Welcome welcome_;
  const ServerShared& shared_;

  Phase phase_ = Phase::kHandshake;
  base::SteadyTime deadline_;
  bool stopping_ = false;

  std::optional<RequestParser> parser_;
  std::string unread_;  // came behind the last request
  delivery::ReceivedHead head_;
  bool head_is_read_ = false;  // of the present request
  bool is_head_request_ = false;
  bool keeps_alive_ = false;
  std::uint64_t number_ = 0;      // of the request
  std::size_t budget_bytes_ = 0;  // taken from the budget for its body

  std::string out_;
  std::size_t out_written_ = 0;
  bool closes_ = false;  // behind what is in out_
  std::size_t lingered_bytes_ = 0;
};

}  // namespace webhook::net
