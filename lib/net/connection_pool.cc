// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/net/connection_pool.h"

#include <algorithm>
#include <utility>

#include "lib/base/assert.h"

namespace webhook::net {

std::unique_ptr<Connection> ConnectionPool::Take(const std::string& key) {
  while (true) {
    const auto found = by_key_.find(key);
    if (found == by_key_.end()) return nullptr;
    std::unique_ptr<Connection> connection = Remove(found->second.back());
    if (connection->IsIdle()) return connection;
  }
}

void ConnectionPool::Give(const std::string& key, std::unique_ptr<Connection> connection,
                          base::SteadyTime now) {
  const auto found = by_key_.find(key);
  const std::size_t of_key = found == by_key_.end() ? 0 : found->second.size();
  if (connection->request_count >= limits_.requests_per_connection_max || limits_.idle_max == 0 ||
      of_key >= limits_.idle_per_origin_max) {
    return;
  }
  if (idle_.size() >= limits_.idle_max) Remove(idle_.begin());
  connection->idle_since = now;
  const std::uint64_t id = connection->id();
  idle_.push_back({key, std::move(connection)});
  const Position position = std::prev(idle_.end());
  by_key_[key].push_back(position);
  by_id_.emplace(id, position);
}

void ConnectionPool::OnEvent(std::uint64_t connection_id) {
  const auto found = by_id_.find(connection_id);
  if (found != by_id_.end() && !found->second->connection->IsIdle()) Remove(found->second);
}

void ConnectionPool::CloseExpired(base::SteadyTime now) {
  while (next_expiry().has_value() && *next_expiry() <= now) Remove(idle_.begin());
}

std::optional<base::SteadyTime> ConnectionPool::next_expiry() const {
  if (idle_.empty()) return std::nullopt;
  return idle_.front().connection->idle_since + limits_.idle_timeout;
}

std::unique_ptr<Connection> ConnectionPool::Remove(Position position) {
  std::unique_ptr<Connection> connection = std::move(position->connection);
  const auto found = by_key_.find(position->key);
  WEBHOOK_ASSERT(found != by_key_.end());
  std::vector<Position>& positions = found->second;
  positions.erase(std::find(positions.begin(), positions.end(), position));
  if (positions.empty()) by_key_.erase(found);
  by_id_.erase(connection->id());
  idle_.erase(position);
  return connection;
}

}  // namespace webhook::net
