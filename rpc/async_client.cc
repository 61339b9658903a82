// SPDX-License-Identifier: LGPL-3.0-or-later
#include "rpc/async_client.h"

#include <utility>

#include "lib/base/assert.h"

namespace webhook::rpc {

using delivery::RpcFault;
using delivery::RpcFaultKind;
using delivery::RpcReply;

AsyncClient::AsyncClient(const ProtocolFactory& make_protocol, base::Strand& strand,
                         const base::Clock& clock, AsyncClientOptions options)
    : strand_(strand), clock_(clock) {
  WEBHOOK_ASSERT(options.calls_in_flight_max > 0);
  for (std::size_t i = 0; i < options.calls_in_flight_max; ++i) {
    protocols_.push_back(make_protocol());
  }
  for (const auto& protocol : protocols_) {
    threads_.emplace_back([this, &protocol = *protocol] { Run(protocol); });
  }
}

AsyncClient::~AsyncClient() {
  std::deque<Job> unsent;
  {
    const base::MutexLock lock(mutex_);
    stopping_ = true;
    unsent.swap(waiting_);
  }
  changed_.notify_all();
  for (const auto& protocol : protocols_) protocol->Cancel();
  for (std::thread& thread : threads_) thread.join();
  for (Job& job : unsent) Finish(job, RpcFault{RpcFaultKind::kUnreachable, "stopping"});
}

void AsyncClient::Call(delivery::ContractMethod method, std::string request,
                       base::Milliseconds timeout, std::function<void(RpcReply)> done) {
  {
    const base::MutexLock lock(mutex_);
    WEBHOOK_ASSERT(!stopping_);
    waiting_.push_back({method, std::move(request), clock_.SteadyNow() + timeout, std::move(done)});
  }
  changed_.notify_one();
}

void AsyncClient::Run(Protocol& protocol) {
  for (Job job; Take(job);) Finish(job, Execute(protocol, job));
}

bool AsyncClient::Take(Job& job) {
  const base::MutexLock lock(mutex_);
  while (waiting_.empty() && !stopping_) changed_.wait(mutex_);
  if (stopping_) return false;
  job = std::move(waiting_.front());
  waiting_.pop_front();
  return true;
}

RpcReply AsyncClient::Execute(Protocol& protocol, const Job& job) const {
  const base::Milliseconds left = job.deadline - clock_.SteadyNow();
  if (left <= base::Milliseconds::zero()) {
    return RpcFault{RpcFaultKind::kUnreachable,
                    "the time was over before a connection to Odoo was free"};
  }
  return protocol.Call(job.method, job.request, left);
}

void AsyncClient::Finish(Job& job, RpcReply reply) {
  strand_.Post(
      [done = std::move(job.done), reply = std::move(reply)]() mutable { done(std::move(reply)); });
}

}  // namespace webhook::rpc
