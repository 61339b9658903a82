// SPDX-License-Identifier: LGPL-3.0-or-later
// The OdooClient of production: blocking connections on threads of their own, completions on the
// strand. Calls wait in order for a free thread; that wait counts towards their time-out.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "lib/base/clock.h"
#include "lib/base/mutex.h"
#include "lib/base/strand.h"
#include "lib/base/time.h"
#include "lib/delivery/ports/odoo_client.h"
#include "rpc/protocol.h"

namespace webhook::rpc {

struct AsyncClientOptions {
  std::size_t calls_in_flight_max = 2;  // threads, and connections to Odoo
};

class AsyncClient final : public delivery::OdooClient {
 public:
  using ProtocolFactory = std::function<std::unique_ptr<Protocol>()>;

  // Makes one protocol for each thread, in the constructor. Strand and clock outlive it.
  AsyncClient(const ProtocolFactory& make_protocol, base::Strand& strand, const base::Clock& clock,
              AsyncClientOptions options);

  // Ends the calls under way (kUnknown), answers those that wait with kUnreachable, "stopping", and
  // joins. Every `done` is posted by then.
  ~AsyncClient() override;

  void Call(delivery::ContractMethod method, std::string request, base::Milliseconds timeout,
            std::function<void(delivery::RpcReply)> done) override;

 private:
  struct Job {
    delivery::ContractMethod method;
    std::string request;
    base::SteadyTime deadline;
    std::function<void(delivery::RpcReply)> done;
  };

  void Run(Protocol& protocol);
  bool Take(Job& job);
  delivery::RpcReply Execute(Protocol& protocol, const Job& job) const;
  void Finish(Job& job, delivery::RpcReply reply);

  base::Strand& strand_;
  const base::Clock& clock_;
  base::Mutex mutex_;
  base::Condition changed_;
  std::deque<Job> waiting_ WEBHOOK_GUARDED_BY(mutex_);
  bool stopping_ WEBHOOK_GUARDED_BY(mutex_) = false;
  std::vector<std::unique_ptr<Protocol>> protocols_;  // one a thread
  std::vector<std::thread> threads_;                  // last: they use all of the above
};

}  // namespace webhook::rpc
