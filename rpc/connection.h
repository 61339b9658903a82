// SPDX-License-Identifier: LGPL-3.0-or-later
// One connection to one database: the HTTP session, the key, and the protocol spoken, which was
// chosen or is found out at the first call (and again after an answer that was no Odoo's: a server
// may be upgraded, or be a proxy's page at first). See Protocol for threads.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "lib/base/clock.h"
#include "rpc/http_session.h"
#include "rpc/key_holder.h"
#include "rpc/options.h"
#include "rpc/protocol.h"

namespace webhook::rpc {

class Connection final : public Protocol {
 public:
  // `url` is options.url taken apart. The clock outlives it.
  Connection(ServerUrl url, ConnectionOptions options, const base::Clock& clock);
  ~Connection() override;

  delivery::RpcReply CallMethod(std::string_view model, std::string_view method,
                                const std::string& request, base::Milliseconds timeout) override;
  void Cancel() override;

  // How it speaks, for people: empty before the first call.
  const std::string& sentence() const { return sentence_; }

 private:
  delivery::RpcReply CallChosen(std::string_view model, std::string_view method,
                                const std::string& request, base::SteadyTime deadline);
  std::unique_ptr<Protocol> Make(ProtocolKind kind);

  const ConnectionOptions options_;
  const base::Clock& clock_;
  HttpSession session_;
  KeyHolder key_;
  std::unique_ptr<Protocol> protocol_;
  std::string sentence_;
};

}  // namespace webhook::rpc
