// SPDX-License-Identifier: LGPL-3.0-or-later
// The bytes of one accepted connection, plain or TLS, without ever waiting. One thread at a time;
// it must block SIGPIPE, because OpenSSL writes without MSG_NOSIGNAL.
#pragma once

#include <span>
#include <string_view>
#include <utility>

#include "lib/net/connection.h"
#include "lib/net/file_descriptor.h"
#include "lib/net/tls_client.h"

namespace webhook::net {

class ServerStream {
 public:
  // `tls`: over `socket`; null for plain.
  ServerStream(FileDescriptor socket, SslSession tls)
      : socket_(std::move(socket)), tls_(std::move(tls)) {}

  int fd() const { return socket_.get(); }
  bool is_tls() const { return tls_ != nullptr; }

  // For TLS, until kDone.
  Step Handshake();

  // See Transferred.
  Transferred Read(std::span<char> buffer);
  Transferred Write(std::string_view bytes);

  // Tells the peer that nothing more comes. Afterwards only Discard.
  void EndWriting();

  // Takes what the peer still sends, without reading it.
  Transferred Discard(std::span<char> buffer);

 private:
  Step TlsStep(int result);

  FileDescriptor socket_;
  SslSession tls_;  // goes before the socket
};

}  // namespace webhook::net
