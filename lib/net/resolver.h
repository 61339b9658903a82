// SPDX-License-Identifier: LGPL-3.0-or-later
// Resolves names on threads of its own, one question per name at a time however many requests wait
// for it: a name whose servers are silent occupies one thread, not all. What it answers is judged
// by the address guard (CheckAnswers) and dialled as it is: nobody resolves again.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "lib/base/clock.h"
#include "lib/base/mutex.h"
#include "lib/net/address_guard.h"
#include "lib/net/name_lookup.h"

namespace webhook::net {

// The answers that may be dialled, in their order; the refusal of the first one when there is none.
base::Result<std::vector<CheckedAddress>, AddressRefusal> CheckAnswers(
    const AddressGuard& guard, const std::vector<IpAddress>& answers, std::uint16_t port);

class Resolver {
 public:
  using Done = std::function<void(const LookupResult&)>;

  // Both outlive it. At most `threads_max` names are asked for at the same time; threads start when
  // they are needed.
  Resolver(NameLookup& lookup, const base::Clock& clock, std::size_t threads_max);

  ~Resolver() { Stop(); }

  // Waits for the questions under way (see SystemNameLookup); `done` of the others never runs. Not
  // together with Resolve.
  void Stop();

  // `done` runs once, on a thread of the resolver, unless the deadline has passed when the
  // question's turn comes: then it does not run, and nobody is asked for nothing. Any thread.
  void Resolve(const std::string& host, base::SteadyTime deadline, Done done);

 private:
  struct Waiter {
    base::SteadyTime deadline;
    Done done;
  };

  void Run();
  bool TakeHost(std::string& host);
  void DropLate(const std::string& host) WEBHOOK_REQUIRES(mutex_);
  void Answer(const std::string& host, const LookupResult& result);

  NameLookup& lookup_;
  const base::Clock& clock_;
  const std::size_t threads_max_;

  base::Mutex mutex_;
  base::Condition changed_;
  bool stopping_ WEBHOOK_GUARDED_BY(mutex_) = false;
  std::size_t idle_threads_ WEBHOOK_GUARDED_BY(mutex_) = 0;
  std::deque<std::string> queue_ WEBHOOK_GUARDED_BY(mutex_);  // names nobody asks for yet
  std::unordered_map<std::string, std::vector<Waiter>> waiters_ WEBHOOK_GUARDED_BY(mutex_);
  std::vector<std::thread> threads_ WEBHOOK_GUARDED_BY(mutex_);
};

}  // namespace webhook::net
