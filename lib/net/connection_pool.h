// SPDX-License-Identifier: LGPL-3.0-or-later
// Idle connections, kept for the next request with the same key (PreparedRequest::PoolKey: origin,
// TLS identity, direct or tunnelled). Not thread-safe: each loop has its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "lib/base/time.h"
#include "lib/net/connection.h"

namespace webhook::net {

struct PoolLimits {
  std::size_t idle_max = 256;
  std::size_t idle_per_origin_max = 64;
  std::size_t requests_per_connection_max = 1000;
  base::Milliseconds idle_timeout{30000};
};

class ConnectionPool {
 public:
  explicit ConnectionPool(const PoolLimits& limits) : limits_(limits) {}

  // The connection used last that is still open; null when there is none.
  std::unique_ptr<Connection> Take(const std::string& key);

  // Keeps it, or closes it when it has done its share. Over `idle_max` the oldest one is closed.
  void Give(const std::string& key, std::unique_ptr<Connection> connection, base::SteadyTime now);

  // The poller reported something on an idle connection: closes it unless it is still fit.
  void OnEvent(std::uint64_t connection_id);

  void CloseExpired(base::SteadyTime now);

  // When CloseExpired has something to do next.
  std::optional<base::SteadyTime> next_expiry() const;

  std::size_t size() const { return idle_.size(); }

 private:
  struct Idle {
    std::string key;
    std::unique_ptr<Connection> connection;
  };
  using Position = std::list<Idle>::iterator;

  std::unique_ptr<Connection> Remove(Position position);

  PoolLimits limits_;
  std::list<Idle> idle_;                                           // oldest first
  std::unordered_map<std::string, std::vector<Position>> by_key_;  // newest last
  std::unordered_map<std::uint64_t, Position> by_id_;
};

}  // namespace webhook::net
