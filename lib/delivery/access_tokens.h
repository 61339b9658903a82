// SPDX-License-Identifier: LGPL-3.0-or-later
// Access tokens of the endpoints that authenticate with OAuth2 client credentials: one per
// endpoint, kept until shortly before it expires, asked for once however many requests wait for it.
// Token URLs are dialled through the transport that dials receivers, so the same guard judges them.
// Lives on the strand.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lib/delivery/engine_ports.h"
#include "lib/delivery/handler_book.h"
#include "lib/delivery/token_exchange.h"

namespace webhook::delivery {

class AccessTokens {
 public:
  // What was not had is kAuth, unless the fault is ours (kOurTrouble) or we stop (kCanceled).
  using Result = base::Result<base::Secret, TransportError>;
  using Done = std::function<void(Result)>;

  explicit AccessTokens(const EnginePorts& ports);

  // The endpoint's present token; null: ask for one. Valid until the next call.
  const base::Secret* Find(const model::Endpoint& endpoint, const CompiledEndpoint& compiled);

  // `done` runs once, on the strand, never inside this call; after 15 s or the endpoint's own
  // timeout at the latest. The client certificate and the authorities of the endpoint are used for
  // the token URL too, but only where it is of the same origin as the endpoint: to others the
  // transport's own trust applies.
  void Fetch(const model::Endpoint& endpoint, const CompiledEndpoint& compiled,
             const std::string& user_agent, Done done);

  // The receiver refuses the token. False when asking for another one is of no use now: the last
  // refusal is only a moment ago, so the token is not what is wrong.
  bool Reject(model::RecordId endpoint_id, const base::Secret& token);

  // Forgets tokens of endpoints that are gone or authenticate otherwise now.
  void OnConfiguration(const HandlerBook& book);

 private:
  // A token is for exactly this.
  struct Grant {
    model::Auth auth;
    base::Secret client_secret;
    std::shared_ptr<const TlsIdentity> tls;
  };
  struct Entry {
    Grant grant;
    std::optional<base::Secret> token;
    base::SteadyTime good_until{};
    std::string failure;  // of the last request, remembered until:
    base::SteadyTime failed_until{};
    std::optional<base::SteadyTime> rejected_at;
    bool is_asking = false;
    std::vector<Done> waiting;
  };
  using EntryPtr = std::shared_ptr<Entry>;

  static Grant GrantOf(const model::Endpoint& endpoint, const CompiledEndpoint& compiled);
  static bool IsSame(const Grant& left, const Grant& right);
  Entry& EntryOf(const model::Endpoint& endpoint, const CompiledEndpoint& compiled);
  bool IsGood(const Entry& entry) const;
  void Ask(const EntryPtr& entry, model::RecordId endpoint_id, base::Milliseconds timeout,
           const std::string& user_agent);
  void OnReply(const EntryPtr& entry, model::RecordId endpoint_id, base::SteadyTime asked_at,
               const HttpResult& result);
  base::Milliseconds FailureMemory(const HttpResult& result) const;

  base::Strand& strand_;
  base::Clock& clock_;
  base::EventLog& log_;
  HttpTransport& transport_;
  std::map<model::RecordId, EntryPtr> entries_;
};

}  // namespace webhook::delivery
