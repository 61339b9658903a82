// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/inbound/challenge.h"

#include <algorithm>

#include "lib/inbound/authenticate.h"

namespace webhook::inbound {
namespace {

using model::Challenge;

std::string_view Parameter(const Request& request, std::string_view name) {
  const auto found = request.query().find(name);
  return found == request.query().end() ? std::string_view() : std::string_view(found->second);
}

bool CanBeAnswered(std::string_view token) {
  if (token.empty() || token.size() > kChallengeCharactersMax) return false;
  return std::all_of(token.begin(), token.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
}

ChallengeVerdict Refused(RejectionCategory category, std::string reason) {
  return ChallengeRefused{category, std::move(reason)};
}

// Plain text: no browser takes it for a page.
ChallengeVerdict Answered(std::string_view token) {
  if (!CanBeAnswered(token)) {
    return Refused(RejectionCategory::kValidation,
                   "the challenge is empty, longer than 1000 characters or not printable");
  }
  return Challenged{"text/plain; charset=utf-8", std::string(token)};
}

ChallengeVerdict MetaHub(const CompiledInbound& endpoint, const Request& request) {
  if (request.parts().method != "GET") return std::nullopt;
  if (Parameter(request, "hub.mode") != "subscribe") {
    return Refused(RejectionCategory::kValidation, "a GET that is no challenge (hub.mode)");
  }
  if (endpoint.challenge_token.empty()) {
    return Refused(RejectionCategory::kConfiguration, "the endpoint has no challenge token");
  }
  if (!IsSecret(Parameter(request, "hub.verify_token"), endpoint.challenge_token)) {
    return Refused(RejectionCategory::kSignature, "the challenge has another verify token");
  }
  return Answered(Parameter(request, "hub.challenge"));
}

ChallengeVerdict ValidationToken(const Request& request) {
  if (request.parts().method != "POST" || !request.query().contains("validationToken")) {
    return std::nullopt;
  }
  return Answered(Parameter(request, "validationToken"));
}

}  // namespace

ChallengeVerdict UnsignedChallenge(const CompiledInbound& endpoint, const Request& request) {
  switch (endpoint.endpoint.challenge) {
    case Challenge::kMetaHub:
      return MetaHub(endpoint, request);
    case Challenge::kMicrosoftValidationToken:
      return ValidationToken(request);
    case Challenge::kNone:
    case Challenge::kSlackUrlVerification:
      break;
  }
  return std::nullopt;
}

ChallengeVerdict SignedChallenge(const CompiledInbound& endpoint, const Request& request) {
  if (endpoint.endpoint.challenge != Challenge::kSlackUrlVerification) return std::nullopt;
  const model::Value& payload = request.payload().value;
  const model::Value* type = payload.Find("type");
  if (type == nullptr || type->text() == nullptr || *type->text() != "url_verification") {
    return std::nullopt;
  }
  const model::Value* challenge = payload.Find("challenge");
  const std::string* token = challenge == nullptr ? nullptr : challenge->text();
  return Answered(token == nullptr ? std::string_view() : std::string_view(*token));
}

}  // namespace webhook::inbound
