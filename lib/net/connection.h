// SPDX-License-Identifier: LGPL-3.0-or-later
// One non-blocking connection to a receiver, plain or TLS. Steps never wait: kBlocked means that
// the poller will tell when it is worth trying again. One thread at a time; the thread must block
// SIGPIPE, because OpenSSL writes without MSG_NOSIGNAL.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "lib/base/result.h"
#include "lib/base/time.h"
#include "lib/net/address_guard.h"
#include "lib/net/file_descriptor.h"
#include "lib/net/tls_client.h"

namespace webhook::net {

enum class Step { kDone, kBlocked, kFailed };

// kDone with zero bytes of a read: the peer ended its side in good order.
struct Transferred {
  Step step;
  std::size_t bytes;
};

// Why nothing was dialled.
struct DialError {
  bool is_ours;        // no descriptor, no port, no memory; otherwise the address is out of reach
  std::string detail;  // the end of a sentence
};

class Connection {
 public:
  // Starts connecting. `id` is the caller's name for it.
  static base::Result<std::unique_ptr<Connection>, DialError> Dial(std::uint64_t id,
                                                                   const CheckedAddress& address);

  std::uint64_t id() const { return id_; }
  int fd() const { return socket_.get(); }
  const CheckedAddress& address() const { return address_; }

  // After the poller reported something: whether the connection stands.
  Step FinishConnect();

  // Then for TLS: until kDone.
  void StartTls(SslSession session) { tls_ = std::move(session); }
  Step Handshake();

  Transferred Write(std::string_view bytes);
  Transferred Read(std::span<char> buffer);

  // Whether it is open with nothing to read: fit for another request.
  bool IsIdle();

  // How many bytes the peer's TCP has confirmed, with the three-way handshake counting one. Zero
  // when the system does not tell.
  std::uint64_t ConfirmedBytes() const;

  // Why the last step failed, the end of a sentence.
  const std::string& failure() const { return failure_; }

  // Whether it failed because the peer did not take our certificate, or wants one.
  bool failed_on_our_certificate() const { return failed_on_our_certificate_; }

  // For the pool: requests carried so far, and since when it is idle.
  std::size_t request_count = 0;
  base::SteadyTime idle_since{};

 private:
  Connection(std::uint64_t id, const CheckedAddress& address, FileDescriptor socket)
      : id_(id), address_(address), socket_(std::move(socket)) {}

  Transferred ReadPlain(std::span<char> buffer, int flags);
  Transferred ReadTls(std::span<char> buffer);
  Transferred WriteTls(std::string_view bytes);
  Step TlsStep(int result);
  Step SystemFailure(int error_number);

  const std::uint64_t id_;
  const CheckedAddress address_;
  FileDescriptor socket_;
  SslSession tls_;  // goes before the socket
  std::string failure_;
  bool failed_on_our_certificate_ = false;
};

}  // namespace webhook::net
