// SPDX-License-Identifier: LGPL-3.0-or-later
// How much one sender may ask of the gateway, before anything of its requests is looked at closely:
// requests per second, and rejected ones per minute. A source is an IPv4 address or an IPv6 /64;
// any other text is a source of its own. Any thread; total for any text.
#pragma once

#include <array>
#include <cstddef>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "lib/base/mutex.h"
#include "lib/base/time.h"

namespace webhook::inbound {

struct SourceLimitOptions {
  int requests_per_second_max = 500;  // twice as many at once; 0: no limit
  int failures_per_minute_max = 120;  // 0: no limit
  std::size_t sources_max = 65'536;   // beyond: what was not heard of for longest is forgotten
};

// What counts as one source: the bytes of its address or network, or the text itself (its first
// kSourceTextMax characters).
std::string SourceKey(std::string_view address);
inline constexpr std::size_t kSourceTextMax = 64;

class SourceLimits {
 public:
  explicit SourceLimits(const SourceLimitOptions& options);

  // Counts a request. A value: it is beyond a limit and not counted; how long to wait, at least a
  // second.
  std::optional<std::chrono::seconds> Admit(std::string_view address, base::SteadyTime now);

  // A request of the source was rejected.
  void NoteFailure(std::string_view address, base::SteadyTime now);

  std::size_t size() const;

 private:
  // Tokens come back evenly.
  struct Bucket {
    double tokens;
    base::SteadyTime at;
  };
  struct Source {
    Bucket requests;
    Bucket failures;
    std::list<std::string>::iterator place;
  };
  struct Shard {
    mutable base::Mutex mutex;
    std::unordered_map<std::string, Source> sources WEBHOOK_GUARDED_BY(mutex);
    std::list<std::string> heard WEBHOOK_GUARDED_BY(mutex);  // latest first
  };
  struct Rate {
    double tokens_max;
    double per_ms;
    bool is_limited() const { return per_ms > 0; }
  };

  static void Refill(const Rate& rate, Bucket& bucket, base::SteadyTime now);
  static std::chrono::seconds WaitFor(const Rate& rate, const Bucket& bucket);
  Shard& ShardOf(const std::string& key);
  Source& SourceOf(Shard& shard, const std::string& key, base::SteadyTime now)
      WEBHOOK_REQUIRES(shard.mutex);

  const Rate request_rate_;
  const Rate failure_rate_;
  const std::size_t shard_sources_max_;
  static constexpr std::size_t kShards = 16;
  std::array<Shard, kShards> shards_;
};

}  // namespace webhook::inbound
