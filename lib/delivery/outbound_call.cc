// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/outbound_call.h"

#include <fmt/format.h>

#include <utility>

#include "lib/base/ascii.h"
#include "lib/delivery/redirect.h"
#include "lib/delivery/request_builder.h"
#include "lib/delivery/url_reference.h"

namespace webhook::delivery {

using base::Milliseconds;

struct OutboundCalls::Conversation {
  const model::Endpoint* endpoint = nullptr;   // inside the book
  const CompiledEndpoint* compiled = nullptr;  // inside the book
  HandlerBookPtr book;
  HttpRequest request;  // the next one, without its access token
  base::SteadyTime deadline;
  Done done;
  std::vector<base::Secret> access_tokens;
  std::string note;
  int redirects = 0;
  bool wants_token = false;
  bool is_fresh = false;       // the token was asked for after a 401
  bool is_waiting = false;     // for a token
  bool was_answered = false;   // one request at least
  bool may_send_more = false;  // so the request is kept
};

namespace {

std::string UserAgentOf(const HttpRequest& request) {
  for (const auto& [name, value] : request.headers) {
    if (base::EqualsIgnoringCase(name, "user-agent")) return value;
  }
  return "";
}

// Whether the header must not reach another origin. Signatures prove the content, so they may.
bool IsCredential(const model::Endpoint& endpoint, const CompiledEndpoint& compiled,
                  std::string_view name) {
  const auto is = [&](const std::string& other) {
    return !other.empty() && base::EqualsIgnoringCase(name, other);
  };
  if (is("webhook-signature") || is("Idempotency-Key")) return false;
  if (endpoint.auth.mode == model::AuthMode::kApiKey && is(endpoint.auth.header_name)) return true;
  const bool is_signature =
      endpoint.signature.mode == model::SignatureMode::kHmac &&
      (is(endpoint.signature.header_name) || is(endpoint.signature.timestamp_header_name));
  return !is_signature && compiled.redactor.HidesHeader(name);
}

}  // namespace

OutboundCalls::OutboundCalls(const EnginePorts& ports)
    : strand_(ports.strand), clock_(ports.clock), transport_(ports.transport), tokens_(ports) {}

void OutboundCalls::Send(const model::Endpoint& endpoint, const HandlerBookPtr& book,
                         HttpRequest request, Done done) {
  auto call = std::make_shared<Conversation>();
  call->endpoint = &endpoint;
  call->compiled = &book->endpoints.at(endpoint.id);
  call->book = book;
  call->request = std::move(request);
  call->deadline = clock_.SteadyNow() + call->request.timeout;
  call->done = std::move(done);
  call->wants_token = endpoint.auth.mode == model::AuthMode::kOauth2ClientCredentials;
  call->may_send_more = call->wants_token || endpoint.redirects_max > 0;
  Authenticate(call);
}

// Goes on with the token that is there, or waits for one, at most until the deadline.
void OutboundCalls::Authenticate(const ConversationPtr& call) {
  if (!call->wants_token) return SendNext(call);
  if (const base::Secret* token = tokens_.Find(*call->endpoint, *call->compiled)) {
    return OnToken(call, *token);
  }
  call->is_waiting = true;
  tokens_.Fetch(*call->endpoint, *call->compiled, UserAgentOf(call->request),
                [this, call](const AccessTokens::Result& token) {
                  if (std::exchange(call->is_waiting, false)) OnToken(call, token);
                });
  strand_.After(Remaining(*call), [this, weak = std::weak_ptr<Conversation>(call)] {
    const ConversationPtr late = weak.lock();
    if (!late || !late->is_waiting || Remaining(*late) > Milliseconds(0)) return;
    late->is_waiting = false;
    Finish(late, TransportError{TransportErrorKind::kAuth,
                                "no access token: the token server did not answer in time", false});
  });
}

void OutboundCalls::OnToken(const ConversationPtr& call, const AccessTokens::Result& token) {
  if (!token.ok()) {
    TransportError error = token.error();
    if (call->was_answered && error.kind == TransportErrorKind::kOurTrouble) {
      error.kind = TransportErrorKind::kAuth;
    }
    return Finish(call, std::move(error));
  }
  call->access_tokens.push_back(token.value());
  SendNext(call);
}

void OutboundCalls::SendNext(const ConversationPtr& call) {
  const Milliseconds remaining = Remaining(*call);
  if (remaining <= Milliseconds(0)) {
    return Finish(call,
                  TransportError{TransportErrorKind::kTimeout,
                                 "the time-out was over before the request could be sent", false});
  }
  HttpRequest request = call->may_send_more ? call->request : std::move(call->request);
  request.timeout = remaining;
  if (call->wants_token) Authorize(call->access_tokens.back(), request);
  transport_.Send(std::move(request),
                  [this, call](HttpResult result) { OnResult(call, std::move(result)); });
}

void OutboundCalls::OnResult(const ConversationPtr& call, HttpResult result) {
  if (result.ok()) {
    if (TryWithFreshToken(call, result) || Redirect(call, result.value())) return;
  }
  Finish(call, std::move(result));
}

// A receiver that answers 401 has not taken the delivery.
bool OutboundCalls::TryWithFreshToken(const ConversationPtr& call, const HttpResult& result) {
  if (result.value().status_code != 401 || !call->wants_token) return false;
  if (std::exchange(call->is_fresh, true)) return false;
  if (!tokens_.Reject(call->endpoint->id, call->access_tokens.back())) return false;
  call->was_answered = true;
  Authenticate(call);
  return true;
}

bool OutboundCalls::Redirect(const ConversationPtr& call, const HttpReply& reply) {
  if (!call->may_send_more) return false;
  const auto next =
      FollowRedirect(call->request, reply,
                     {call->endpoint->redirects_max, call->redirects, [&](std::string_view name) {
                        return IsCredential(*call->endpoint, *call->compiled, name);
                      }});
  if (!next.ok()) {
    if (!next.error().why.empty()) {
      call->note += (call->note.empty() ? "" : "; ") + next.error().why;
    }
    return false;
  }
  // The token belongs to the origin that the endpoint names.
  if (OriginOf(next.value().url) != OriginOf(call->request.url)) call->wants_token = false;
  call->request = next.value();
  ++call->redirects;
  call->was_answered = true;
  Redactor redactor = call->compiled->redactor;
  for (const base::Secret& token : call->access_tokens) redactor = redactor.With(token);
  call->note = fmt::format("after {} redirect{} to {}", call->redirects,
                           call->redirects == 1 ? "" : "s", redactor.Url(call->request.url));
  SendNext(call);
  return true;
}

void OutboundCalls::Finish(const ConversationPtr& call, HttpResult result) {
  if (!result.ok()) {
    TransportError& error = result.error();
    if (call->was_answered && error.kind == TransportErrorKind::kAuth) {
      error.detail = "the receiver answered 401; " + error.detail;
    }
    // The receiver saw a request: it must not look as if there had been none.
    if (call->was_answered && error.kind == TransportErrorKind::kCanceled) {
      error.maybe_delivered = true;
    }
    if (call->was_answered && error.kind == TransportErrorKind::kOurTrouble) {
      error.kind = TransportErrorKind::kConnect;
    }
    if (!call->note.empty()) error.detail += " (" + call->note + ")";
  }
  // The conversation's owner may be what `done` captured.
  const Done done = std::exchange(call->done, nullptr);
  done({std::move(result), std::move(call->access_tokens), std::move(call->note),
        call->was_answered});
}

Milliseconds OutboundCalls::Remaining(const Conversation& call) const {
  return std::chrono::ceil<Milliseconds>(call.deadline - clock_.SteadyNow());
}

}  // namespace webhook::delivery
