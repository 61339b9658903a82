// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/inbound/source_limits.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cmath>
#include <functional>

namespace webhook::inbound {

using base::SteadyTime;
using std::chrono::seconds;

namespace {

constexpr double kMsPerSecond = 1000;
constexpr double kMsPerMinute = 60'000;

// One sender may hold a whole /64 (RFC 4291, 2.5.1).
constexpr std::size_t kIpv6NetworkBytes = 8;
constexpr std::string_view kMappedPrefix("\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);

int Positive(int count) { return std::max(count, 0); }

}  // namespace

std::string SourceKey(std::string_view address) {
  const std::string text(address.substr(0, kSourceTextMax));
  char bytes[16];
  if (inet_pton(AF_INET, text.c_str(), bytes) == 1) return std::string(bytes, 4);
  if (inet_pton(AF_INET6, text.c_str(), bytes) != 1) return "text:" + text;
  const std::string_view all(bytes, sizeof bytes);
  if (all.starts_with(kMappedPrefix)) return std::string(all.substr(kMappedPrefix.size()));
  return std::string(all.substr(0, kIpv6NetworkBytes));
}

SourceLimits::SourceLimits(const SourceLimitOptions& options)
    : request_rate_{2.0 * Positive(options.requests_per_second_max),
                    Positive(options.requests_per_second_max) / kMsPerSecond},
      failure_rate_{1.0 * Positive(options.failures_per_minute_max),
                    Positive(options.failures_per_minute_max) / kMsPerMinute},
      shard_sources_max_(std::max<std::size_t>(1, options.sources_max / kShards)) {}

std::optional<seconds> SourceLimits::Admit(std::string_view address, SteadyTime now) {
  if (!request_rate_.is_limited() && !failure_rate_.is_limited()) return std::nullopt;
  const std::string key = SourceKey(address);
  Shard& shard = ShardOf(key);
  base::MutexLock lock(shard.mutex);
  Source& source = SourceOf(shard, key, now);
  Refill(failure_rate_, source.failures, now);
  if (failure_rate_.is_limited() && source.failures.tokens < 1) {
    return WaitFor(failure_rate_, source.failures);
  }
  if (!request_rate_.is_limited()) return std::nullopt;
  Refill(request_rate_, source.requests, now);
  if (source.requests.tokens < 1) return WaitFor(request_rate_, source.requests);
  source.requests.tokens -= 1;
  return std::nullopt;
}

void SourceLimits::NoteFailure(std::string_view address, SteadyTime now) {
  if (!failure_rate_.is_limited()) return;
  const std::string key = SourceKey(address);
  Shard& shard = ShardOf(key);
  base::MutexLock lock(shard.mutex);
  Bucket& failures = SourceOf(shard, key, now).failures;
  Refill(failure_rate_, failures, now);
  failures.tokens = std::max(0.0, failures.tokens - 1);
}

std::size_t SourceLimits::size() const {
  std::size_t size = 0;
  for (const Shard& shard : shards_) {
    base::MutexLock lock(shard.mutex);
    size += shard.sources.size();
  }
  return size;
}

// Threads read the clock before they take the lock: a time may be a little older than the last.
void SourceLimits::Refill(const Rate& rate, Bucket& bucket, SteadyTime now) {
  if (now <= bucket.at) return;
  const auto passed_ms = static_cast<double>((now - bucket.at).count());
  bucket.tokens = std::min(rate.tokens_max, bucket.tokens + passed_ms * rate.per_ms);
  bucket.at = now;
}

seconds SourceLimits::WaitFor(const Rate& rate, const Bucket& bucket) {
  const double wait_ms = (1 - bucket.tokens) / rate.per_ms;
  return seconds(std::max<std::int64_t>(1, std::llround(std::ceil(wait_ms / kMsPerSecond))));
}

SourceLimits::Shard& SourceLimits::ShardOf(const std::string& key) {
  return shards_[std::hash<std::string>()(key) % shards_.size()];
}

SourceLimits::Source& SourceLimits::SourceOf(Shard& shard, const std::string& key, SteadyTime now) {
  if (const auto found = shard.sources.find(key); found != shard.sources.end()) {
    shard.heard.splice(shard.heard.begin(), shard.heard, found->second.place);
    return found->second;
  }
  if (shard.sources.size() >= shard_sources_max_) {
    shard.sources.erase(shard.heard.back());
    shard.heard.pop_back();
  }
  shard.heard.push_front(key);
  const Source fresh{
      {request_rate_.tokens_max, now}, {failure_rate_.tokens_max, now}, shard.heard.begin()};
  return shard.sources.emplace(key, fresh).first->second;
}

}  // namespace webhook::inbound
