// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/net/udp_wakeup.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "lib/net/socket_address.h"
#include "lib/net/thread_signals.h"

namespace webhook::net {
namespace {

// "127.0.0.1:4711" or "[::1]:4711"
std::optional<SocketAddress> ParseAddress(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::string_view digits = text.substr(colon + 1);
  std::string_view host = text.substr(0, colon);
  const bool in_brackets = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (in_brackets) host = host.substr(1, host.size() - 2);
  unsigned port = 0;
  const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  const std::optional<IpAddress> address = IpAddress::Parse(host);
  if (error != std::errc() || stop != digits.data() + digits.size() || port > 65535 ||
      !address.has_value() || address->is_v4() == in_brackets) {
    return std::nullopt;
  }
  return ToSocketAddress(*address, static_cast<std::uint16_t>(port));
}

FileDescriptor Bind(const std::string& text) {
  const std::optional<SocketAddress> address = ParseAddress(text);
  if (!address.has_value()) {
    throw std::runtime_error("the wake-up address is not numeric with a port: " + text);
  }
  FileDescriptor socket(::socket(address->family(), SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.valid() || bind(socket.get(), address->get(), address->length) != 0) {
    throw std::system_error(errno, std::generic_category(),
                            "the wake-up address " + text + " cannot be bound");
  }
  return socket;
}

std::string BoundAddress(int socket) {
  SocketAddress address;
  getsockname(socket, address.get(), &address.length);
  const std::optional<IpAddress> ip = AddressOf(address.get());
  WEBHOOK_ASSERT(ip.has_value());
  return ip->WithPort(PortOf(address));
}

}  // namespace

UdpWakeup::UdpWakeup(const WakeupOptions& options, const base::Clock& clock, base::Strand& strand,
                     std::function<void()> on_wake)
    : checks_per_second_max_(options.checks_per_second_max),
      clock_(clock),
      strand_(strand),
      shared_(std::make_shared<Shared>()),
      socket_(Bind(options.address)),
      stop_(eventfd(0, EFD_CLOEXEC)),
      address_(BoundAddress(socket_.get())) {
  shared_->on_wake = std::move(on_wake);
  thread_ = std::thread([this] { Run(); });
}

UdpWakeup::~UdpWakeup() {
  shared_->alive = false;
  const std::uint64_t one = 1;
  static_cast<void>(!write(stop_.get(), &one, sizeof one));
  thread_.join();
}

bool UdpWakeup::SetSecret(std::string_view base64_secret, std::string_view database) {
  std::optional<std::string> key = DecodeWakeSecret(base64_secret);
  if (!key.has_value()) return false;
  base::MutexLock lock(mutex_);
  key_ = *std::move(key);
  database_ = EncodeWakeDatabase(database);
  return true;
}

void UdpWakeup::Run() {
  BlockSignalsInThisThread();
  std::array<char, kWakeDatagramBytesMax + 1> buffer;  // one more: longer ones are seen as such
  std::array<pollfd, 2> watched = {pollfd{socket_.get(), POLLIN, 0},
                                   pollfd{stop_.get(), POLLIN, 0}};
  while (true) {
    poll(watched.data(), watched.size(), -1);
    if (watched[1].revents != 0) return;
    const ssize_t size = recv(socket_.get(), buffer.data(), buffer.size(), 0);
    if (size >= 0) OnDatagram({buffer.data(), static_cast<std::size_t>(size)});
  }
}

// So that a flood costs no more than reading it.
bool UdpWakeup::WithinRate() {
  const base::SteadyTime now = clock_.SteadyNow();
  if (now - second_start_ >= base::Milliseconds(1000)) {
    second_start_ = now;
    checks_this_second_ = 0;
  }
  return ++checks_this_second_ <= checks_per_second_max_;
}

void UdpWakeup::OnDatagram(std::string_view bytes) {
  if (WithinRate() && IsGenuine(bytes)) {
    Wake();
  } else {
    ++refused_;
  }
}

bool UdpWakeup::IsGenuine(std::string_view bytes) {
  base::MutexLock lock(mutex_);
  const base::Result<WakeDatagram, WakeRefusal> datagram =
      VerifyWakeDatagram(bytes, key_, clock_.Now());
  if (!datagram.ok()) return false;
  if (!database_.empty() && datagram.value().database != database_) return false;
  return window_.Accept(datagram.value());
}

void UdpWakeup::Wake() {
  if (shared_->posted.exchange(true)) return;
  strand_.Post([shared = shared_] {
    shared->posted = false;
    if (shared->alive) shared->on_wake();
  });
}

}  // namespace webhook::net
