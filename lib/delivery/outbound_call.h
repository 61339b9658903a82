// SPDX-License-Identifier: LGPL-3.0-or-later
// One attempt's conversation with its receiver: get an access token if the endpoint wants one,
// send, get a fresh token and send once more on 401, follow redirects where the endpoint allows
// them. Each request goes through the transport, so that its guard judges each. Lives on the
// strand.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "lib/base/secret.h"
#include "lib/delivery/access_tokens.h"
#include "lib/delivery/engine_ports.h"
#include "lib/delivery/handler_book.h"
#include "lib/delivery/ports/http_transport.h"
#include "lib/model/endpoint.h"

namespace webhook::delivery {

struct OutboundResult {
  HttpResult result;
  // That were sent: a receiver may echo them, and the endpoint's redactor does not know them.
  std::vector<base::Secret> access_tokens = {};
  // How the reply came about, for people, without secrets; empty when there is nothing to tell. An
  // error's detail has it already.
  std::string note = {};
  // A receiver answered a request before the one that `result` is of.
  bool was_answered = false;
};

class OutboundCalls {
 public:
  using Done = std::function<void(OutboundResult)>;

  explicit OutboundCalls(const EnginePorts& ports);

  // `book` has the endpoint and keeps it alive. `done` runs once, on the strand, never inside this
  // call. The request's timeout is that of the whole conversation. A token that cannot be had is
  // kAuth, and nothing has left. Of a canceled conversation something may have been delivered as
  // soon as one of its requests was answered; our own trouble after that is kAuth or kConnect,
  // because there was an attempt.
  void Send(const model::Endpoint& endpoint, const HandlerBookPtr& book, HttpRequest request,
            Done done);

  void OnConfiguration(const HandlerBook& book) { tokens_.OnConfiguration(book); }

 private:
  struct Conversation;
  using ConversationPtr = std::shared_ptr<Conversation>;

  void Authenticate(const ConversationPtr& call);
  void OnToken(const ConversationPtr& call, const AccessTokens::Result& token);
  void SendNext(const ConversationPtr& call);
  void OnResult(const ConversationPtr& call, HttpResult result);
  bool TryWithFreshToken(const ConversationPtr& call, const HttpResult& result);
  bool Redirect(const ConversationPtr& call, const HttpReply& reply);
  void Finish(const ConversationPtr& call, HttpResult result);
  base::Milliseconds Remaining(const Conversation& call) const;

  base::Strand& strand_;
  base::Clock& clock_;
  HttpTransport& transport_;
  AccessTokens tokens_;
};

}  // namespace webhook::delivery
