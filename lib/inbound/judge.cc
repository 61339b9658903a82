// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/inbound/judge.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "lib/base/result.h"
#include "lib/inbound/authenticate.h"
#include "lib/inbound/challenge.h"
#include "lib/inbound/event_identity.h"
#include "lib/inbound/event_of_request.h"
#include "lib/inbound/payload_check.h"
#include "lib/inbound/resolve_values.h"
#include "lib/inbound/verify_signature.h"

namespace webhook::inbound {
namespace {

using Category = RejectionCategory;

class Judging {
 public:
  Judging(const CompiledInbound& endpoint, const Request& request, std::string event_uid,
          base::WallTime now)
      : endpoint_(endpoint), request_(request), event_uid_(std::move(event_uid)), now_(now) {}

  Judgement Run() {
    if (auto refused = CheckSender()) return *std::move(refused);
    if (auto answered = AnswerChallenge(UnsignedChallenge(endpoint_, request_))) {
      return *std::move(answered);
    }
    if (request_.parts().method != "POST") {
      return Reject(Category::kValidation, "only POST brings events");
    }
    if (auto refused = CheckSignature()) return *std::move(refused);
    if (auto answered = AnswerChallenge(SignedChallenge(endpoint_, request_))) {
      return *std::move(answered);
    }
    if (auto problem = CheckPayload(endpoint_.endpoint.payload_contract, request_)) {
      return Reject(problem->category, problem->reason);
    }
    return Accept();
  }

 private:
  using Verdict = std::optional<Judgement>;  // nothing: go on

  Judgement Reject(Category category, const std::string& reason) {
    return Rejected{category, reason,
                    RejectedEvent(endpoint_, request_, event_uid_, category, reason)};
  }

  Verdict CheckSender() {
    if (!endpoint_.problem.empty()) return Reject(Category::kConfiguration, endpoint_.problem);
    if (!ComesFromAllowedNetwork()) {
      return Reject(Category::kAddress, "the sender's address is in none of the allowed networks");
    }
    if (endpoint_.credential_expires_at && now_ >= *endpoint_.credential_expires_at) {
      return Reject(Category::kConfiguration, "the endpoint's credential has expired");
    }
    if (!IsAuthentic(endpoint_, request_)) {
      return Reject(Category::kAuthentication, "the credentials are missing or wrong");
    }
    return std::nullopt;
  }

  bool ComesFromAllowedNetwork() const {
    const std::vector<Network>& allowed = endpoint_.allowed_networks;
    return allowed.empty() ||
           std::any_of(allowed.begin(), allowed.end(), [&](const Network& network) {
             return network.Contains(request_.parts().remote_address);
           });
  }

  Verdict AnswerChallenge(ChallengeVerdict verdict) {
    if (!verdict) return std::nullopt;
    return std::visit(base::Overloaded{
                          [](Challenged& challenged) -> Judgement { return std::move(challenged); },
                          [&](const ChallengeRefused& refused) {
                            return Reject(refused.category, refused.reason);
                          },
                      },
                      *verdict);
  }

  Verdict CheckSignature() {
    const bool is_signed = endpoint_.endpoint.verification.mode != model::VerificationMode::kNone;
    if (is_signed && !HasValidSecret(endpoint_, now_)) {
      return Reject(Category::kConfiguration, "every signing secret has expired");
    }
    switch (VerifySignature(endpoint_, request_, now_)) {
      case SignatureVerdict::kValid:
        return std::nullopt;
      case SignatureVerdict::kMissing:
        return Reject(Category::kSignature,
                      "the signature, or a part of what is signed, is missing");
      case SignatureVerdict::kWrong:
        return Reject(Category::kSignature, "the signature is wrong");
      case SignatureVerdict::kTimestampInvalid:
        return Reject(Category::kFreshness, "the signature's timestamp is missing or malformed");
      case SignatureVerdict::kTooOld:
        return Reject(Category::kFreshness, "the signature's timestamp is too old");
      case SignatureVerdict::kTooNew:
        return Reject(Category::kFreshness, "the signature's timestamp is in the future");
    }
    return Reject(Category::kSignature, "the signature is wrong");
  }

  Judgement Accept() {
    auto values = ResolveValues(endpoint_, request_);
    auto semantics = Semantics(endpoint_, values);
    Accepted accepted{
        AcceptedEvent(endpoint_, request_, event_uid_, std::move(values), std::move(semantics))};
    if (SetIdentity(endpoint_, request_, accepted.event)) return accepted;
    return Reject(Category::kValidation,
                  "the identity cannot be resolved: the request lacks the value that the delivery "
                  "or replay policy wants");
  }

  const CompiledInbound& endpoint_;
  const Request& request_;
  const std::string event_uid_;
  const base::WallTime now_;
};

}  // namespace

Judgement Judge(const CompiledInbound& endpoint, const Request& request, std::string event_uid,
                base::WallTime now) {
  return Judging(endpoint, request, std::move(event_uid), now).Run();
}

}  // namespace webhook::inbound
