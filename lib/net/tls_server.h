// SPDX-License-Identifier: LGPL-3.0-or-later
// The server side of TLS, through OpenSSL: 1.2 or newer, no certificates of clients. Reads its
// files again when they change, so that a renewed certificate needs no restart.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "lib/base/clock.h"
#include "lib/base/event_log.h"
#include "lib/base/mutex.h"
#include "lib/base/result.h"
#include "lib/base/time.h"
#include "lib/net/tls_client.h"
#include "lib/net/tls_context.h"

namespace webhook::net {

// Any thread.
class TlsServer {
 public:
  // PEM: the certificate with those that lead to an authority behind it, and the key. Throws
  // std::runtime_error when they cannot be used. `log` and `clock` outlive it.
  TlsServer(std::string certificate_file, std::string key_file, const base::Clock& clock,
            base::EventLog& log);

  // A session that waits for the client's hello, over a connected socket. Null when memory is
  // short.
  SslSession NewSession(int socket);

 private:
  // What shows that a file is another one than before.
  struct Stamp {
    ino_t inode = 0;
    off_t bytes = 0;
    std::int64_t changed_ns = 0;
    friend bool operator==(const Stamp&, const Stamp&) = default;
  };

  static Stamp StampOf(const std::string& path);
  base::Result<SslContext, std::string> Load() const;
  void ReloadWhenChanged() WEBHOOK_REQUIRES(mutex_);

  const std::string certificate_file_;
  const std::string key_file_;
  const base::Clock& clock_;
  base::EventLog& log_;
  base::Mutex mutex_;
  base::SteadyTime looked_at_ WEBHOOK_GUARDED_BY(mutex_);
  std::vector<Stamp> stamps_ WEBHOOK_GUARDED_BY(mutex_);
  SslContext context_ WEBHOOK_GUARDED_BY(mutex_);  // sessions keep the one that they began with
};

}  // namespace webhook::net
