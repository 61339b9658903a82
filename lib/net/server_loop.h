// SPDX-License-Identifier: LGPL-3.0-or-later
// One thread of the HTTP server: its connections and their deadlines. Everything but the inbox and
// the count belongs to that thread, so no request waits for a lock of another.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "lib/base/time.h"
#include "lib/net/server_connection.h"
#include "lib/net/server_inbox.h"
#include "lib/net/server_shared.h"

namespace webhook::net {

class ServerLoop {
 public:
  ServerLoop(const ServerShared& shared, std::size_t connections_max);

  // Ends at once, unless it was stopped.
  ~ServerLoop();

  // A new client. Any thread.
  void Serve(AcceptedSocket accepted);

  // Closes the connection that is idle for longest, if one is. Any thread.
  void CloseOldest() { inbox_->Push(ServerInbox::CloseOldest{}); }

  // With those on their way here. Any thread.
  std::size_t connection_count() const { return count_.load(std::memory_order_relaxed); }

  // See HttpServer::Stop; does not wait. Any thread.
  void BeginStopping(base::Milliseconds grace) { inbox_->Push(ServerInbox::Stop{grace}); }
  void Join();

 private:
  struct Entry {
    Entry(ServerStream stream, const IpAddress& peer, ServerConnection::Welcome welcome,
          const ServerShared& shared, base::SteadyTime now)
        : connection(std::move(stream), peer, welcome, shared, now) {}

    ServerConnection connection;
    base::SteadyTime timer{};  // as it stands in timers_
    bool is_busy = false;      // stands in busy_
    std::optional<std::list<std::uint64_t>::iterator> closable;
  };

  void Run();
  bool IsOver() const;
  void HandleItems();
  void Handle(AcceptedSocket& accepted);
  void Handle(ServerInbox::Answered& answered);
  void Handle(ServerInbox::CloseOldest& /*command*/) { CloseOldestNow(); }
  void Handle(ServerInbox::Stop& stop);
  bool CloseOldestNow();
  std::optional<ServerConnection::Welcome> MakeRoom();
  void Drive(std::uint64_t id);
  void DriveBusy();
  void HandOver(std::uint64_t id, ServerConnection& connection);
  void OnTimers();
  std::optional<base::Milliseconds> Patience() const;
  void Note(std::uint64_t id, Entry& entry);
  void Close(std::uint64_t id);
  void Tick();
  ServerConnection::Turn ThisTurn() { return {buffer_, now_, date_}; }

  const ServerShared shared_;
  const std::size_t connections_max_;
  const std::shared_ptr<ServerInbox> inbox_;
  std::atomic<std::size_t> count_ = 0;

  // Of the loop's thread.
  base::SteadyTime now_{};
  base::WallTime date_of_{};
  std::string date_;
  std::uint64_t last_id_ = 0;
  std::unordered_map<std::uint64_t, std::unique_ptr<Entry>> entries_;
  std::set<std::pair<base::SteadyTime, std::uint64_t>> timers_;
  std::list<std::uint64_t> closable_;  // the oldest first
  std::vector<std::uint64_t> busy_;
  std::vector<ServerInbox::Item> items_;
  std::optional<base::SteadyTime> stops_at_;  // at the latest
  std::vector<char> buffer_;

  std::thread thread_;  // last: starts when everything else is there
};

}  // namespace webhook::net
