// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/callback_host/child_link.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace webhook::callback_host {
namespace {

constexpr std::size_t kReadBytes = 65536;
constexpr int kOutputReadsMax = 256;  // at a time: one that never stops writing must not hold us
constexpr base::Milliseconds kPollMax{60'000};

bool IsTemporary(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

int PollTimeout(base::Milliseconds left) {
  return static_cast<int>(std::clamp(left, base::Milliseconds(0), kPollMax).count());
}

}  // namespace

ChildLink::ChildLink(ChildProcess& child, WakeEvent& wake, const base::Clock& clock,
                     std::function<void(std::string_view)> on_output)
    : child_(child), wake_(wake), clock_(clock), on_output_(std::move(on_output)) {}

bool ChildLink::Send(const model::Value& message) {
  std::optional<std::string> frame = EncodeFrame(message);
  if (!frame) return false;
  unsent_ += *frame;
  WriteSocket();
  return true;
}

// A message that has come goes before the end that came after it, but not before the deadline.
ChildLink::News ChildLink::Wait(base::SteadyTime deadline, model::Value& message,
                                std::string& why) {
  bool woken = false;
  while (true) {
    if (clock_.SteadyNow() >= deadline) return News::kTimeout;
    auto next = received_.Next();
    if (!next.ok()) {
      why = next.error();
      return News::kRubbish;
    }
    if (next.value()) {
      message = *std::move(next).value();
      return News::kMessage;
    }
    if (closed_) return News::kClosed;
    closed_ = !WaitOnce(deadline, woken);
    if (woken) return News::kWoken;
  }
}

// False: the child has closed its end.
bool ChildLink::WaitOnce(base::SteadyTime deadline, bool& woken) {
  const bool all_sent = sent_ == unsent_.size();
  const auto events = static_cast<short>(all_sent ? POLLIN : POLLIN | POLLOUT);
  std::array<pollfd, 3> wanted = {
      {{.fd = child_.socket(), .events = events, .revents = 0},
       {.fd = output_closed_ ? -1 : child_.output(), .events = POLLIN, .revents = 0},
       {.fd = wake_.get(), .events = POLLIN, .revents = 0}}};
  // Rounded up, so that the deadline has passed when the time is over.
  const auto left = deadline - clock_.SteadyNow() + base::Milliseconds(1);
  if (poll(wanted.data(), wanted.size(), PollTimeout(left)) <= 0) return true;
  if (wanted[1].revents != 0) DrainOutput();
  if ((wanted[2].revents & POLLIN) != 0) {
    wake_.Clear();
    woken = true;
  }
  if ((wanted[0].revents & POLLOUT) != 0) WriteSocket();
  return (wanted[0].revents & (POLLIN | POLLHUP | POLLERR)) == 0 || ReadSocket();
}

bool ChildLink::ReadSocket() {
  std::array<char, kReadBytes> bytes;
  const ssize_t size = recv(child_.socket(), bytes.data(), bytes.size(), 0);
  if (size > 0) received_.Append({bytes.data(), static_cast<std::size_t>(size)});
  return size > 0 || (size < 0 && IsTemporary(errno));
}

// What fails here shows as the end of the socket when it is read.
void ChildLink::WriteSocket() {
  while (sent_ < unsent_.size()) {
    const ssize_t size =
        send(child_.socket(), unsent_.data() + sent_, unsent_.size() - sent_, MSG_NOSIGNAL);
    if (size < 0 && IsTemporary(errno)) return;
    if (size <= 0) break;
    sent_ += static_cast<std::size_t>(size);
  }
  unsent_.clear();
  sent_ = 0;
}

void ChildLink::DrainOutput() {
  std::array<char, kReadBytes> bytes;
  for (int reads = 0; reads < kOutputReadsMax; ++reads) {
    const ssize_t size = read(child_.output(), bytes.data(), bytes.size());
    if (size <= 0) {
      output_closed_ = size == 0 || !IsTemporary(errno);
      return;
    }
    on_output_({bytes.data(), static_cast<std::size_t>(size)});
  }
}

}  // namespace webhook::callback_host
