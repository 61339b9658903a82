// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/access_tokens.h"

#include <algorithm>
#include <utility>

#include "lib/delivery/attempt_log.h"
#include "lib/delivery/retry_after.h"
#include "lib/delivery/url_reference.h"

namespace webhook::delivery {

using base::Level;
using base::Milliseconds;

namespace {

constexpr Milliseconds kTimeoutMax{15000};
constexpr Milliseconds kMarginMax{30000};  // before expiry; a tenth of what lives shorter
constexpr Milliseconds kFailureMemory{5000};
constexpr Milliseconds kFailureMemoryMax{60000};  // where the token server says Retry-After
constexpr Milliseconds kRejectionSpacing{5000};

Milliseconds UsableFor(std::chrono::seconds lifetime) {
  const Milliseconds whole(lifetime);
  return whole - std::min(kMarginMax, whole / 10);
}

TransportError NoToken(const std::string& why) {
  return {TransportErrorKind::kAuth, "no access token: " + why, false};
}

// The transport's own sentence may name addresses, never what was sent.
AccessTokens::Result Failure(const TransportError& error) {
  if (error.kind == TransportErrorKind::kCanceled) {
    return TransportError{error.kind, error.detail, false};
  }
  if (error.kind == TransportErrorKind::kOurTrouble) {
    return TransportError{error.kind, error.detail, false};
  }
  return NoToken("token_url: " + std::string(Spelling(error.kind)) + ": " + error.detail);
}

}  // namespace

AccessTokens::AccessTokens(const EnginePorts& ports)
    : strand_(ports.strand), clock_(ports.clock), log_(ports.log), transport_(ports.transport) {}

const base::Secret* AccessTokens::Find(const model::Endpoint& endpoint,
                                       const CompiledEndpoint& compiled) {
  const Entry& entry = EntryOf(endpoint, compiled);
  return IsGood(entry) ? &*entry.token : nullptr;
}

void AccessTokens::Fetch(const model::Endpoint& endpoint, const CompiledEndpoint& compiled,
                         const std::string& user_agent, Done done) {
  Entry& entry = EntryOf(endpoint, compiled);
  if (IsGood(entry)) {
    return strand_.Post([token = *entry.token, done = std::move(done)] { done(token); });
  }
  if (clock_.SteadyNow() < entry.failed_until) {
    return strand_.Post([why = entry.failure, done = std::move(done)] { done(NoToken(why)); });
  }
  entry.waiting.push_back(std::move(done));
  if (!entry.is_asking) {
    Ask(entries_.at(endpoint.id), endpoint.id, std::min(endpoint.timeout, kTimeoutMax), user_agent);
  }
}

bool AccessTokens::Reject(model::RecordId endpoint_id, const base::Secret& token) {
  const auto found = entries_.find(endpoint_id);
  if (found == entries_.end()) return true;
  Entry& entry = *found->second;
  if (!entry.token || entry.token->Reveal() != token.Reveal()) return true;
  const base::SteadyTime now = clock_.SteadyNow();
  if (entry.rejected_at && now - *entry.rejected_at < kRejectionSpacing) return false;
  entry.rejected_at = now;
  entry.token.reset();
  return true;
}

void AccessTokens::OnConfiguration(const HandlerBook& book) {
  std::erase_if(entries_, [&](const auto& item) {
    const auto endpoint = book.configuration->endpoints.find(item.first);
    const auto compiled = book.endpoints.find(item.first);
    return endpoint == book.configuration->endpoints.end() || compiled == book.endpoints.end() ||
           !IsSame(item.second->grant, GrantOf(endpoint->second, compiled->second));
  });
}

AccessTokens::Grant AccessTokens::GrantOf(const model::Endpoint& endpoint,
                                          const CompiledEndpoint& compiled) {
  const bool is_same_origin =
      OriginOf(endpoint.auth.token_url) == OriginOf(endpoint.target_hostname);
  return {endpoint.auth, compiled.credential, is_same_origin ? compiled.tls : nullptr};
}

bool AccessTokens::IsSame(const Grant& left, const Grant& right) {
  const auto id_of = [](const Grant& grant) { return grant.tls ? grant.tls->id : std::string(); };
  return left.auth.mode == right.auth.mode && left.auth.token_url == right.auth.token_url &&
         left.auth.client_id == right.auth.client_id && left.auth.scope == right.auth.scope &&
         left.auth.audience == right.auth.audience &&
         left.auth.client_authentication == right.auth.client_authentication &&
         left.client_secret.Reveal() == right.client_secret.Reveal() && id_of(left) == id_of(right);
}

// A request under way for the settings of before goes on for those who wait for it.
AccessTokens::Entry& AccessTokens::EntryOf(const model::Endpoint& endpoint,
                                           const CompiledEndpoint& compiled) {
  EntryPtr& entry = entries_[endpoint.id];
  Grant grant = GrantOf(endpoint, compiled);
  if (!entry || !IsSame(entry->grant, grant)) {
    entry = std::make_shared<Entry>();
    entry->grant = std::move(grant);
  }
  return *entry;
}

bool AccessTokens::IsGood(const Entry& entry) const {
  return entry.token && clock_.SteadyNow() < entry.good_until;
}

void AccessTokens::Ask(const EntryPtr& entry, model::RecordId endpoint_id, Milliseconds timeout,
                       const std::string& user_agent) {
  entry->is_asking = true;
  HttpRequest request = MakeTokenRequest(entry->grant.auth, entry->grant.client_secret, user_agent);
  request.timeout = timeout;
  request.tls = entry->grant.tls;
  transport_.Send(std::move(request),
                  [this, entry, endpoint_id, now = clock_.SteadyNow()](const HttpResult& result) {
                    OnReply(entry, endpoint_id, now, result);
                  });
}

void AccessTokens::OnReply(const EntryPtr& entry, model::RecordId endpoint_id,
                           base::SteadyTime asked_at, const HttpResult& result) {
  entry->is_asking = false;
  Result answer = NoToken("");
  if (!result.ok()) {
    answer = Failure(result.error());
  } else if (auto token = ReadTokenReply(result.value()); token.ok()) {
    entry->token = token.value().token;
    entry->good_until = asked_at + UsableFor(token.value().lifetime);
    answer = token.value().token;
  } else {
    answer = NoToken(token.error());
  }
  const bool is_failure = !answer.ok() && answer.error().kind == TransportErrorKind::kAuth;
  if (is_failure) {
    entry->failure = answer.error().detail.substr(std::string("no access token: ").size());
    entry->failed_until = clock_.SteadyNow() + FailureMemory(result);
  }
  log_.Write(is_failure ? Level::kWarning : Level::kDebug, "access_token.fetched",
             {{"endpoint_id", endpoint_id},
              {"ok", answer.ok()},
              {"why", is_failure ? std::string_view(entry->failure) : std::string_view()}});
  for (const Done& done : std::exchange(entry->waiting, {})) done(answer);
}

// A token server that is down is not asked by every delivery that waits.
Milliseconds AccessTokens::FailureMemory(const HttpResult& result) const {
  if (!result.ok()) return kFailureMemory;
  const auto after = RetryAfter(result.value().headers, clock_.Now());
  return std::clamp(after.value_or(kFailureMemory), kFailureMemory, kFailureMemoryMax);
}

}  // namespace webhook::delivery
