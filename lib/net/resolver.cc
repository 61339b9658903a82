// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/net/resolver.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "lib/net/thread_signals.h"

namespace webhook::net {

base::Result<std::vector<CheckedAddress>, AddressRefusal> CheckAnswers(
    const AddressGuard& guard, const std::vector<IpAddress>& answers, std::uint16_t port) {
  WEBHOOK_ASSERT(!answers.empty());
  std::vector<CheckedAddress> allowed;
  std::optional<AddressRefusal> refusal;
  for (const IpAddress& answer : answers) {
    base::Result<CheckedAddress, AddressRefusal> checked = guard.Check(answer, port);
    if (checked.ok()) {
      allowed.push_back(checked.value());
    } else if (!refusal.has_value()) {
      refusal = checked.error();
    }
  }
  if (allowed.empty()) return *refusal;
  return allowed;
}

Resolver::Resolver(NameLookup& lookup, const base::Clock& clock, std::size_t threads_max)
    : lookup_(lookup), clock_(clock), threads_max_(threads_max) {}

void Resolver::Stop() {
  std::vector<std::thread> threads;
  {
    base::MutexLock lock(mutex_);
    stopping_ = true;
    threads.swap(threads_);
  }
  changed_.notify_all();
  for (std::thread& thread : threads) thread.join();
}

void Resolver::Resolve(const std::string& host, base::SteadyTime deadline, Done done) {
  base::MutexLock lock(mutex_);
  std::vector<Waiter>& waiters = waiters_[host];
  waiters.push_back({deadline, std::move(done)});
  if (waiters.size() > 1) return;  // asked already
  queue_.push_back(host);
  if (queue_.size() > idle_threads_ && threads_.size() < threads_max_) {
    threads_.emplace_back([this] { Run(); });
  }
  changed_.notify_one();
}

void Resolver::Run() {
  BlockSignalsInThisThread();
  std::string host;
  while (TakeHost(host)) Answer(host, lookup_.Lookup(host));
}

bool Resolver::TakeHost(std::string& host) {
  base::MutexLock lock(mutex_);
  while (!stopping_) {
    if (queue_.empty()) {
      ++idle_threads_;
      changed_.wait(mutex_);
      --idle_threads_;
      continue;
    }
    host = std::move(queue_.front());
    queue_.pop_front();
    DropLate(host);
    if (waiters_.count(host) > 0) return true;
  }
  return false;
}

void Resolver::DropLate(const std::string& host) {
  const base::SteadyTime now = clock_.SteadyNow();
  std::vector<Waiter>& waiters = waiters_[host];
  std::erase_if(waiters, [&](const Waiter& waiter) { return waiter.deadline <= now; });
  if (waiters.empty()) waiters_.erase(host);
}

void Resolver::Answer(const std::string& host, const LookupResult& result) {
  std::vector<Waiter> waiters;
  {
    base::MutexLock lock(mutex_);
    const auto found = waiters_.find(host);
    waiters = std::move(found->second);
    waiters_.erase(found);
  }
  for (const Waiter& waiter : waiters) waiter.done(result);
}

}  // namespace webhook::net
