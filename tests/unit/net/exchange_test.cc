// SPDX-License-Identifier: LGPL-3.0-or-later
// The race between a request on a pooled connection and the receiver's idle timeout, step by step:
// when it is certain that the request was not seen, and when it is not.
#include "lib/net/exchange.h"

#include <doctest/doctest.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <memory>
#include <string>

#include "lib/net/socket_address.h"

namespace webhook::net {
namespace {

constexpr const char* kReply = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

void WaitFor(int fd, short events) {
  pollfd watched{fd, events, 0};
  REQUIRE(poll(&watched, 1, 30000) == 1);
}

// Our side and the receiver's side of one connection, which has carried one request already.
class Rig {
 public:
  Rig() : guard_({*ParseAllowRule("127.0.0.1")}), tls_(std::make_shared<const TlsClient>("")) {
    SocketAddress address = ToSocketAddress(Loopback(), 0);
    listener_ = FileDescriptor(socket(AF_INET, SOCK_STREAM, 0));
    REQUIRE(bind(listener_.get(), address.get(), address.length) == 0);
    REQUIRE(listen(listener_.get(), 1) == 0);
    getsockname(listener_.get(), address.get(), &address.length);
    port_ = PortOf(address);
    FirstExchange();
  }

  std::unique_ptr<Exchange> NewExchange() const {
    const std::string text = "http://127.0.0.1:" + std::to_string(port_) + "/";
    PreparedRequest request{ParseUrl(text).value(),   "POST / HTTP/1.1\r\n\r\n", false, 100,
                            base::Milliseconds(1000), base::SteadyTime{},        tls_,  nullptr};
    return std::make_unique<Exchange>(std::move(request), ReplyLimits{}, nullptr);
  }

  Exchange::Progress Drive(Exchange& exchange) { return exchange.Drive(buffer_); }

  // Until the peer's answer or end has come.
  Exchange::Progress DriveWhenReadable(Exchange& exchange) {
    WaitFor(exchange.connection()->fd(), POLLIN);
    return Drive(exchange);
  }

  void ReadRequest() {
    WaitFor(receiver.get(), POLLIN);
    char bytes[100];
    REQUIRE(recv(receiver.get(), bytes, sizeof bytes, 0) > 0);
  }

  void Close() { receiver = FileDescriptor(); }

  void Reset() {
    const linger at_once{1, 0};
    setsockopt(receiver.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    Close();
  }

  std::unique_ptr<Connection> pooled;
  FileDescriptor receiver;

 private:
  static IpAddress Loopback() { return *IpAddress::Parse("127.0.0.1"); }

  void FirstExchange() {
    const std::unique_ptr<Exchange> exchange = NewExchange();
    exchange->UseDialled(
        std::move(Connection::Dial(1, guard_.Check(Loopback(), port_).value())).value());
    receiver = FileDescriptor(accept(listener_.get(), nullptr, nullptr));
    WaitFor(exchange->connection()->fd(), POLLOUT);
    REQUIRE(Drive(*exchange) == Exchange::Progress::kWait);
    ReadRequest();
    REQUIRE(send(receiver.get(), kReply, std::string(kReply).size(), 0) > 0);
    REQUIRE(DriveWhenReadable(*exchange) == Exchange::Progress::kReplied);
    REQUIRE(exchange->connection_is_reusable());
    pooled = exchange->TakeConnection();
  }

  AddressGuard guard_;
  std::shared_ptr<const TlsClient> tls_;
  FileDescriptor listener_;
  std::uint16_t port_ = 0;
  std::array<char, 1000> buffer_{};
};

TEST_CASE("the receiver's end came before the request: it is sent again") {
  Rig rig;
  rig.Close();
  WaitFor(rig.pooled->fd(), POLLIN);  // the pool looked just before this
  const auto exchange = rig.NewExchange();
  REQUIRE(exchange->UsePooled(std::move(rig.pooled)) == Exchange::Progress::kWait);
  CHECK(rig.DriveWhenReadable(*exchange) == Exchange::Progress::kSendAgain);
}

TEST_CASE("the receiver read the request and ended: perhaps delivered") {
  Rig rig;
  const auto exchange = rig.NewExchange();
  REQUIRE(exchange->UsePooled(std::move(rig.pooled)) == Exchange::Progress::kWait);
  rig.ReadRequest();
  rig.Close();
  REQUIRE(rig.DriveWhenReadable(*exchange) == Exchange::Progress::kFailed);
  CHECK(exchange->TakeError().maybe_delivered);
}

TEST_CASE("the receiver's system took the request, its program did not: perhaps delivered") {
  Rig rig;
  const auto exchange = rig.NewExchange();
  REQUIRE(exchange->UsePooled(std::move(rig.pooled)) == Exchange::Progress::kWait);
  WaitFor(rig.receiver.get(), POLLIN);
  rig.Close();  // unread bytes: a reset
  REQUIRE(rig.DriveWhenReadable(*exchange) == Exchange::Progress::kFailed);
  CHECK(exchange->TakeError().maybe_delivered);
}

TEST_CASE("the receiver read the request and reset: perhaps delivered") {
  Rig rig;
  const auto exchange = rig.NewExchange();
  REQUIRE(exchange->UsePooled(std::move(rig.pooled)) == Exchange::Progress::kWait);
  rig.ReadRequest();
  rig.Reset();
  REQUIRE(rig.DriveWhenReadable(*exchange) == Exchange::Progress::kFailed);
  CHECK(exchange->TakeError().maybe_delivered);
}

TEST_CASE("the receiver half-closed, then read the request: perhaps delivered") {
  Rig rig;
  shutdown(rig.receiver.get(), SHUT_WR);
  WaitFor(rig.pooled->fd(), POLLIN);
  const auto exchange = rig.NewExchange();
  REQUIRE(exchange->UsePooled(std::move(rig.pooled)) == Exchange::Progress::kWait);
  rig.ReadRequest();
  // The receiver's system confirms at once or within its delay; only then is it known.
  while (rig.receiver.valid() && exchange->connection()->ConfirmedBytes() < 30) {
    pollfd nothing{-1, 0, 0};
    poll(&nothing, 1, 1);
  }
  REQUIRE(rig.Drive(*exchange) == Exchange::Progress::kFailed);
  CHECK(exchange->TakeError().maybe_delivered);
}

TEST_CASE("the connection was reset before the request: nothing left, it is sent again") {
  Rig rig;
  rig.Reset();
  WaitFor(rig.pooled->fd(), POLLIN);
  const auto exchange = rig.NewExchange();
  CHECK(exchange->UsePooled(std::move(rig.pooled)) == Exchange::Progress::kSendAgain);
}

TEST_CASE("a fresh connection that ends is never sent again") {
  Rig rig;
  const auto exchange = rig.NewExchange();
  exchange->UseDialled(std::move(rig.pooled));
  REQUIRE(rig.Drive(*exchange) == Exchange::Progress::kWait);
  rig.ReadRequest();
  rig.Close();
  REQUIRE(rig.DriveWhenReadable(*exchange) == Exchange::Progress::kFailed);
  CHECK(exchange->TakeError().maybe_delivered);
}

}  // namespace
}  // namespace webhook::net
