// SPDX-License-Identifier: LGPL-3.0-or-later
// The wake-up datagram: "poll now", said by the addon after a commit. One line of ASCII,
//
//   ww1 <database> <counter> <unix_ms> <hex HMAC-SHA256 of everything before the last space>
//
// with the database's name percent-encoded, signed with the wake secret that `hello` handed out.
// Whoever replays one can do no more than make us poll, at a bounded rate; still old ones are
// refused. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "lib/base/result.h"
#include "lib/base/time.h"

namespace webhook::net {

inline constexpr std::size_t kWakeDatagramBytesMax = 512;

struct WakeDatagram {
  std::string database;  // as sent: see EncodeWakeDatabase
  std::uint64_t counter;
  std::int64_t unix_ms;

  friend bool operator==(const WakeDatagram&, const WakeDatagram&) = default;
};

enum class WakeRefusal {
  kMalformed,
  kSignature,
  kStale,     // further than a minute from now, in either direction
  kReplayed,  // seen before, or older than what is remembered
};

// A database's name as datagrams carry it: all but letters, digits and `._-~` as %XX (RFC 3986,
// 2.3), so that any name is one word of ASCII.
std::string EncodeWakeDatabase(std::string_view name);

// What `hello` calls wake_secret: standard base64 with padding. Nothing when it is not, or empty.
std::optional<std::string> DecodeWakeSecret(std::string_view base64);

// Checks form, signature (in constant time) and freshness.
base::Result<WakeDatagram, WakeRefusal> VerifyWakeDatagram(std::string_view bytes,
                                                           std::string_view key,
                                                           base::WallTime now);

// Remembers which datagrams were accepted. A window and not just the last one: several Odoo
// servers, whose clocks differ a little, send to the same worker, and datagrams overtake each
// other.
class WakeReplayWindow {
 public:
  // Whether it is new; then it is remembered.
  bool Accept(const WakeDatagram& datagram);

 private:
  static constexpr std::size_t kRememberedMax = 1024;

  std::int64_t floor_ms_ = INT64_MIN;                      // this old and older is refused
  std::set<std::pair<std::int64_t, std::uint64_t>> seen_;  // time and counter
};

}  // namespace webhook::net
