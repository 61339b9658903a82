// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/callback_host/channel.h"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace webhook::callback_host {
namespace {

constexpr int kForever = -1;

bool WaitForBytes(int fd, std::optional<base::Milliseconds> patience) {
  pollfd readable{.fd = fd, .events = POLLIN, .revents = 0};
  const int timeout = patience ? static_cast<int>(patience->count()) : kForever;
  int ready = 0;
  do ready = poll(&readable, 1, timeout);
  while (ready < 0 && errno == EINTR);
  return ready > 0;
}

}  // namespace

bool Channel::Write(const model::Value& message) {
  const auto frame = EncodeFrame(message);
  if (!frame) return false;
  base::MutexLock lock(writing_);
  std::string_view rest(*frame);
  while (!rest.empty()) {
    const ssize_t sent = send(socket_.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    rest.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

std::optional<model::Value> Channel::Read(std::optional<base::Milliseconds> patience) {
  while (true) {
    auto message = received_.Next();
    if (!message.ok()) closed_ = true;
    if (closed_) return std::nullopt;
    if (message.value()) return *std::move(message).value();
    if (!WaitForBytes(socket_.get(), patience)) return std::nullopt;
    if (!Fill()) closed_ = true;
  }
}

bool Channel::Fill() {
  std::array<char, 65536> bytes;
  ssize_t size = 0;
  do size = recv(socket_.get(), bytes.data(), bytes.size(), 0);
  while (size < 0 && errno == EINTR);
  if (size <= 0) return false;
  received_.Append({bytes.data(), static_cast<std::size_t>(size)});
  return true;
}

}  // namespace webhook::callback_host
