// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/net/proxy_dialogue.h"

#include <string_view>
#include <utility>

namespace webhook::net {
namespace {

// A proxy says little: far less than what is read of a receiver.
constexpr ReplyLimits kAnswerLimits{.line_bytes_max = 4096,
                                    .header_bytes_max = 16384,
                                    .header_count_max = 64,
                                    .interim_count_max = 4};

}  // namespace

// Read like the reply to HEAD: after the headers comes the tunnel, or a page that nobody reads.
ProxyDialogue::ProxyDialogue(std::string request)
    : request_(std::move(request)), parser_(kAnswerLimits, 0, /*head_request=*/true) {}

ProxyDialogue::Progress ProxyDialogue::Drive(Connection& connection, std::span<char> buffer) {
  Send(connection);
  return Receive(connection, buffer);
}

// What fails here is told by the reading, which may find an answer as well.
void ProxyDialogue::Send(Connection& connection) {
  const std::string_view bytes = request_.Reveal();
  while (sent_ < bytes.size()) {
    const Transferred written = connection.Write(bytes.substr(sent_));
    if (written.step != Step::kDone) return;
    sent_ += written.bytes;
  }
}

ProxyDialogue::Progress ProxyDialogue::Receive(Connection& connection, std::span<char> buffer) {
  while (true) {
    const Transferred read = connection.Read(buffer);
    if (read.step == Step::kBlocked) return Progress::kWait;
    if (read.step == Step::kFailed) return Refuse("broke the connection: " + connection.failure());
    if (read.bytes == 0) return Refuse("ended the connection without an answer to CONNECT");
    switch (parser_.Feed(std::string_view(buffer.data(), read.bytes))) {
      case ReplyParser::State::kDone:
        return Judge();
      case ReplyParser::State::kInvalid:
        return Refuse("gave a malformed answer to CONNECT, which " +
                      std::string(parser_.problem()));
      case ReplyParser::State::kMore:
        break;
    }
  }
}

ProxyDialogue::Progress ProxyDialogue::Judge() {
  const int status = parser_.TakeReply().status_code;
  if (status >= 200 && status < 300) {
    // A receiver of ours waits for our request, so these bytes are not its.
    if (parser_.has_surplus()) return Refuse("sent bytes behind its answer to CONNECT");
    return Progress::kOpen;
  }
  const std::string answered = "answered " + std::to_string(status) + " to CONNECT";
  if (status == 502 || status == 503 || status == 504) {
    why_ = answered;
    return Progress::kUnreachable;
  }
  if (status == 407) return Refuse(answered + ": it asks for other credentials");
  return Refuse(answered);
}

ProxyDialogue::Progress ProxyDialogue::Refuse(std::string why) {
  why_ = std::move(why);
  return Progress::kRefused;
}

}  // namespace webhook::net
