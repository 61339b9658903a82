// SPDX-License-Identifier: LGPL-3.0-or-later
// One client of the receiver: reads a request, does to it what its path says, and so on. Never
// blocks. One thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <string>

#include "app/webhook_demo/receiver/behaviour.h"
#include "app/webhook_demo/receiver/http_request.h"
#include "app/webhook_demo/receiver/ledger.h"
#include "app/webhook_demo/receiver/receiver.h"
#include "lib/base/clock.h"
#include "lib/net/file_descriptor.h"

namespace webhook::demo {

// What all connections share.
struct Site {
  const ReceiverOptions& options;
  const base::Clock& clock;
  Ledger& ledger;
  std::atomic<std::size_t> connections = 0;
};

class Connection {
 public:
  enum class Wait {
    kBytes,     // OnReadable, or Expired
    kRoom,      // OnWritable, or Expired
    kTime,      // OnTime when due() is there
    kPeerGone,  // nothing but the client's leaving
    kNothing,   // it has ended: destroy it
  };

  Connection(net::FileDescriptor socket, Site& site);
  // A request without an answer so far gets "none" in the ledger.
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  Wait OnReadable();
  Wait OnWritable();
  Wait OnTime();
  // It has waited too long for the client.
  bool Expired() const;

  int fd() const { return socket_.get(); }
  base::SteadyTime due() const { return due_; }

 private:
  enum class Phase { kReading, kDelaying, kReplying, kCutting, kDraining };

  Wait Advance(RequestReader::State state);
  Wait Handle(const HttpRequest& request);
  Wait Reply();
  Wait Say(const Answer& answer);
  Wait Refuse(int status);
  Wait Send();
  Wait Sent();
  Wait WaitFor(Wait wait, Phase phase, base::Milliseconds time);
  Wait Cut();

  net::FileDescriptor socket_;
  Site& site_;
  RequestReader reader_;
  Phase phase_ = Phase::kReading;
  bool keep_alive_ = true;
  bool cut_when_sent_ = false;
  Ledger::Ticket ticket_;  // of the request that has no answer yet
  Answer answer_;
  std::string out_;
  std::size_t sent_ = 0;
  base::SteadyTime due_;
};

}  // namespace webhook::demo
