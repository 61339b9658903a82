// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/net/udp_wakeup.h"

#include <doctest/doctest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sys/socket.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

#include "lib/net/ip_address.h"
#include "lib/net/socket_address.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/queue_strand.h"

namespace webhook::net {
namespace {

std::string Sign(const std::string& text, const std::string& key) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest, &size);
  std::string hex;
  for (unsigned int i = 0; i < size; ++i) {
    hex += "0123456789abcdef"[digest[i] >> 4];
    hex += "0123456789abcdef"[digest[i] & 15];
  }
  return text + " " + hex;
}

class Rig {
 public:
  explicit Rig(WakeupOptions options = {}) : strand(clock) {
    wakeup = std::make_unique<UdpWakeup>(options, clock, strand, [this] { ++woken; });
    wakeup->SetSecret("d2FrZS1zZWNyZXQ=", "production");
  }

  std::string Genuine(int counter, const std::string& database = "production") const {
    return Sign("ww1 " + database + " " + std::to_string(counter) + " " +
                    std::to_string(base::ToUnixMs(clock.Now())),
                "wake-secret");
  }

  void Send(const std::string& bytes) {
    const std::string& address = wakeup->address();
    const std::size_t colon = address.rfind(':');
    std::string host = address.substr(0, colon);
    if (host.front() == '[') host = host.substr(1, host.size() - 2);
    const SocketAddress target = ToSocketAddress(
        *IpAddress::Parse(host), static_cast<std::uint16_t>(std::stoi(address.substr(colon + 1))));
    const FileDescriptor socket(::socket(target.family(), SOCK_DGRAM, 0));
    REQUIRE(sendto(socket.get(), bytes.data(), bytes.size(), 0, target.get(), target.length) ==
            static_cast<ssize_t>(bytes.size()));
  }

  // Until it was either refused or accepted; what it posted has not run yet.
  void SendAndWait(const std::string& bytes) {
    const std::uint64_t refused_before = wakeup->refused_count();
    Send(bytes);
    while (wakeup->refused_count() == refused_before && !strand.NextDue().has_value()) {
      std::this_thread::yield();
    }
  }

  bool Wakes(const std::string& bytes) {
    const int before = woken;
    SendAndWait(bytes);
    strand.RunReady();
    return woken > before;
  }

  fakes::FakeClock clock;
  fakes::QueueStrand strand;
  int woken = 0;
  std::unique_ptr<UdpWakeup> wakeup;
};

TEST_CASE("it reports the address it listens on") {
  Rig v4;
  CHECK(v4.wakeup->address().starts_with("127.0.0.1:"));
  CHECK_FALSE(v4.wakeup->address().ends_with(":0"));
  Rig v6(WakeupOptions{.address = "[::1]:0"});
  CHECK(v6.wakeup->address().starts_with("[::1]:"));
  CHECK(v6.Wakes(v6.Genuine(1)));
}

TEST_CASE("an address that cannot be used is said at the start") {
  for (const char* address : {"", "localhost:0", "127.0.0.1", "127.0.0.1:x", "127.0.0.1:70000",
                              "::1:0", "[127.0.0.1]:0", "192.0.2.1:0"}) {
    CAPTURE(address);
    CHECK_THROWS_AS(Rig(WakeupOptions{.address = address}), std::runtime_error);
  }
}

TEST_CASE("genuine datagrams wake, others do not") {
  Rig rig;
  CHECK(rig.Wakes(rig.Genuine(1)));
  CHECK(rig.Wakes(rig.Genuine(2)));
  CHECK_FALSE(rig.Wakes(rig.Genuine(2)));  // replayed
  CHECK_FALSE(rig.Wakes("hello"));
  CHECK_FALSE(rig.Wakes(""));
  CHECK_FALSE(rig.Wakes(rig.Genuine(3) + "0"));
  CHECK_FALSE(rig.Wakes(std::string(2000, 'x')));
  CHECK_FALSE(rig.Wakes(rig.Genuine(4, "another_database")));
  CHECK(rig.Wakes(rig.Genuine(5)));
}

TEST_CASE("before the first secret nothing wakes; a new one replaces the old one") {
  Rig rig;
  CHECK_FALSE(rig.wakeup->SetSecret("not base64", ""));
  CHECK(rig.Wakes(rig.Genuine(1)));
  CHECK(rig.wakeup->SetSecret("b3RoZXI=", ""));
  CHECK_FALSE(rig.Wakes(rig.Genuine(2)));
}

TEST_CASE("a database with an unusual name wakes too") {
  Rig rig;
  CHECK(rig.wakeup->SetSecret("d2FrZS1zZWNyZXQ=", "my db"));
  CHECK_FALSE(rig.Wakes(rig.Genuine(1)));
  CHECK(rig.Wakes(rig.Genuine(2, "my%20db")));
}

TEST_CASE("a burst is one callback while that is on its way") {
  Rig rig;
  for (int i = 1; i <= 20; ++i) rig.Send(rig.Genuine(i));
  // Datagrams keep their order on loopback: when the last one was refused, all have been read.
  const std::uint64_t refused_before = rig.wakeup->refused_count();
  rig.Send("the end");
  while (rig.wakeup->refused_count() == refused_before) std::this_thread::yield();
  rig.strand.RunReady();
  CHECK(rig.woken == 1);
  CHECK(rig.Wakes(rig.Genuine(21)));
}

TEST_CASE("datagrams above the rate are dropped unread, until the second is over") {
  Rig rig(WakeupOptions{.checks_per_second_max = 3});
  CHECK_FALSE(rig.Wakes("1"));
  CHECK_FALSE(rig.Wakes("2"));
  CHECK_FALSE(rig.Wakes("3"));
  CHECK_FALSE(rig.Wakes(rig.Genuine(1)));
  rig.clock.Advance(base::Milliseconds(1000));
  CHECK(rig.Wakes(rig.Genuine(2)));
}

TEST_CASE("after its end the callback does not run any more") {
  Rig rig;
  const int before = rig.woken;
  rig.SendAndWait(rig.Genuine(1));
  rig.wakeup.reset();
  rig.strand.RunReady();
  CHECK(rig.woken == before);
}

}  // namespace
}  // namespace webhook::net
