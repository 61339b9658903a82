// SPDX-License-Identifier: LGPL-3.0-or-later
// Listens for wake-up datagrams on a thread of its own and runs a callback on the strand for those
// that are genuine. A burst is one callback: while one is on its way, further datagrams change
// nothing. Losing a datagram costs latency only; the worker polls anyway.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "lib/base/clock.h"
#include "lib/base/mutex.h"
#include "lib/base/strand.h"
#include "lib/net/file_descriptor.h"
#include "lib/net/wake_datagram.h"

namespace webhook::net {

struct WakeupOptions {
  std::string address = "127.0.0.1:0";       // numeric; port 0: the system chooses one
  std::size_t checks_per_second_max = 2000;  // datagrams above that are dropped unread
};

class UdpWakeup {
 public:
  // Binds and starts listening. Clock and strand outlive it. Throws std::runtime_error when the
  // address is not numeric or cannot be bound.
  UdpWakeup(const WakeupOptions& options, const base::Clock& clock, base::Strand& strand,
            std::function<void()> on_wake);

  // `on_wake` does not run any more.
  ~UdpWakeup();

  // What `hello` reports: "127.0.0.1:4711", "[::1]:4711".
  const std::string& address() const { return address_; }

  // The wake secret of the last `hello`; before the first one nothing is accepted. `database` is
  // the name that datagrams must carry; empty: any. False when the secret is not base64. Any
  // thread.
  bool SetSecret(std::string_view base64_secret, std::string_view database = {});

  // Datagrams refused or dropped so far. Any thread.
  std::uint64_t refused_count() const { return refused_; }

 private:
  struct Shared {  // with the callback on the strand, which may outlive us
    std::function<void()> on_wake;
    std::atomic<bool> alive = true;
    std::atomic<bool> posted = false;
  };

  void Run();
  bool WithinRate();
  void OnDatagram(std::string_view bytes);
  bool IsGenuine(std::string_view bytes);
  void Wake();

  const std::size_t checks_per_second_max_;
  const base::Clock& clock_;
  base::Strand& strand_;
  const std::shared_ptr<Shared> shared_;
  FileDescriptor socket_;
  FileDescriptor stop_;
  std::string address_;
  std::atomic<std::uint64_t> refused_ = 0;

  base::Mutex mutex_;
  std::string key_ WEBHOOK_GUARDED_BY(mutex_);
  std::string database_ WEBHOOK_GUARDED_BY(mutex_);

  // Of the thread.
  WakeReplayWindow window_;
  base::SteadyTime second_start_{};
  std::size_t checks_this_second_ = 0;

  std::thread thread_;
};

}  // namespace webhook::net
