// SPDX-License-Identifier: LGPL-3.0-or-later
#include "app/webhook_demo/receiver/receiver.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <thread>
#include <vector>

#include "app/webhook_demo/receiver/receiver_loop.h"

namespace webhook::demo {
namespace {

constexpr int kBacklog = 1024;

[[noreturn]] void ThrowErrno(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

net::FileDescriptor Listen(int port) {
  net::FileDescriptor listener(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!listener.valid()) ThrowErrno("the receiver has no socket");
  const int on = 1;
  setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      listen(listener.get(), kBacklog) != 0) {
    ThrowErrno("the receiver cannot listen on 127.0.0.1:" + std::to_string(port));
  }
  return listener;
}

int PortOf(const net::FileDescriptor& listener) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  if (getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    ThrowErrno("the receiver's port");
  }
  return ntohs(address.sin_port);
}

// Half of what the process may have open: the rest of it needs files too.
std::size_t ConnectionsMax(std::size_t wanted) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return wanted;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  return std::min(wanted, static_cast<std::size_t>(limit.rlim_cur / 2));
}

}  // namespace

class Receiver::Threads {
 public:
  Threads(const ReceiverOptions& options, const base::Clock& clock)
      : options_(options),
        ledger_(options.ledger),
        listener_(Listen(options.port)),
        port_(PortOf(listener_)),
        site_{options_, clock, ledger_} {
    options_.connections_max = ConnectionsMax(options.connections_max);
    for (std::size_t i = 0; i < options.threads; ++i) {
      loops_.push_back(std::make_unique<ReceiverLoop>(listener_.get(), site_));
    }
    for (const auto& loop : loops_) threads_.emplace_back([&loop = *loop] { loop.Run(); });
  }

  ~Threads() {
    for (const auto& loop : loops_) loop->Stop();
    for (std::thread& thread : threads_) thread.join();
  }

  int port() const { return port_; }
  const Ledger& ledger() const { return ledger_; }

 private:
  ReceiverOptions options_;
  Ledger ledger_;
  const net::FileDescriptor listener_;
  const int port_;
  Site site_;
  std::vector<std::unique_ptr<ReceiverLoop>> loops_;
  std::vector<std::thread> threads_;
};

Receiver::Receiver(const ReceiverOptions& options, const base::Clock& clock)
    : threads_(std::make_unique<Threads>(options, clock)) {}

Receiver::~Receiver() = default;

int Receiver::port() const { return threads_->port(); }
std::string Receiver::url() const { return "http://127.0.0.1:" + std::to_string(port()); }
const Ledger& Receiver::ledger() const { return threads_->ledger(); }

}  // namespace webhook::demo
