// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/classify.h"

#include <doctest/doctest.h>

#include <set>

#include "lib/model/spelling.h"

using namespace webhook::delivery;
using namespace webhook::model;
namespace base = webhook::base;

namespace {

const base::WallTime kNow = base::FromUnixMs(784111777000);  // Sun, 06 Nov 1994 08:49:37 GMT

Outcome OfStatus(int status, HttpHeaders headers = {}) {
  return Classify(HttpReply{status, std::move(headers), "body", false}, kNow);
}

Outcome OfError(TransportErrorKind kind, bool maybe_delivered) {
  return Classify(TransportError{kind, "what happened", maybe_delivered}, kNow);
}

}  // namespace

// The table of the design: everything that is named in neither list is retried.
TEST_CASE("every status from 100 to 599") {
  const std::set<int> final = {400, 405, 406, 410, 411, 413, 414, 415, 417, 422, 431};
  for (int status = 100; status <= 599; ++status) {
    CAPTURE(status);
    const Outcome outcome = OfStatus(status);
    if (status >= 200 && status <= 299) {
      CHECK(std::holds_alternative<Delivered>(outcome));
    } else if ((status >= 300 && status <= 399) || final.count(status) == 1) {
      REQUIRE(std::holds_alternative<DeadLetter>(outcome));
      const auto& dead = std::get<DeadLetter>(outcome);
      CHECK(dead.reason ==
            (status == 410 ? FailureReason::kEndpointGone : FailureReason::kHttpStatus));
      CHECK(dead.message == "the receiver answered HTTP " + std::to_string(status));
    } else {
      REQUIRE(std::holds_alternative<Retry>(outcome));
      const auto& retry = std::get<Retry>(outcome);
      CHECK(retry.reason == FailureReason::kHttpStatus);
      CHECK(retry.message == "the receiver answered HTTP " + std::to_string(status));
      CHECK_FALSE(retry.after.has_value());
    }
  }
}

TEST_CASE("500 is retried") { CHECK(Spelling(OfStatus(500)) == "retry"); }

TEST_CASE("a status that no standard knows is no success") {
  for (const int status : {-1, 0, 99, 600, 999}) {
    CAPTURE(status);
    CHECK(std::holds_alternative<Retry>(OfStatus(status)));
  }
}

TEST_CASE("Retry-After counts for every status that is retried") {
  for (const int status : {401, 403, 404, 408, 409, 425, 429, 500, 502, 503, 504}) {
    CAPTURE(status);
    const Outcome outcome = OfStatus(status, {{"Retry-After", "120"}});
    REQUIRE(std::holds_alternative<Retry>(outcome));
    CHECK(std::get<Retry>(outcome).after == std::chrono::seconds(120));
  }
  const Outcome dated = OfStatus(503, {{"Retry-After", "Sun, 06 Nov 1994 08:50:37 GMT"}});
  CHECK(std::get<Retry>(dated).after == std::chrono::seconds(60));
}

TEST_CASE("every kind of transport failure, whether or not bytes may have left") {
  for (const bool maybe : {false, true}) {
    CHECK(std::get<DeadLetter>(OfError(TransportErrorKind::kRequestInvalid, maybe)).reason ==
          FailureReason::kRequestInvalid);
    CHECK(std::get<DeadLetter>(OfError(TransportErrorKind::kAddressRefused, maybe)).reason ==
          FailureReason::kAddressRefused);
    const std::vector<std::pair<TransportErrorKind, FailureReason>> retried = {
        {TransportErrorKind::kResolve, FailureReason::kConnect},
        {TransportErrorKind::kConnect, FailureReason::kConnect},
        {TransportErrorKind::kTls, FailureReason::kTls},
        {TransportErrorKind::kTimeout, FailureReason::kTimeout},
        {TransportErrorKind::kConnectionLost, FailureReason::kConnectionLost},
        {TransportErrorKind::kResponseInvalid, FailureReason::kResponseInvalid},
        {TransportErrorKind::kAuth, FailureReason::kAuth}};
    for (const auto& [kind, reason] : retried) {
      const Outcome outcome = OfError(kind, maybe);
      REQUIRE(std::holds_alternative<Retry>(outcome));
      CHECK(std::get<Retry>(outcome).reason == reason);
      CHECK(std::get<Retry>(outcome).message == "what happened");
      CHECK_FALSE(std::get<Retry>(outcome).after.has_value());
    }
    const auto ours = std::get<Deferred>(OfError(TransportErrorKind::kOurTrouble, maybe));
    CHECK(ours.after == std::chrono::seconds(30));
    CHECK(ours.note == "what happened");
    CHECK(std::get<Interrupted>(OfError(TransportErrorKind::kCanceled, maybe)).message ==
          "what happened");
  }
}

// ---- statuses of the retry policy

namespace {

StatusSet Set(const char* text) {
  auto set = ParseStatusSet(text);
  REQUIRE(set.ok());
  return std::move(set).value();
}

Outcome OfStatus(int status, const char* retried, const char* final) {
  return Classify(HttpReply{status, {{"Retry-After", "7"}}, "", false}, kNow, Set(retried),
                  Set(final));
}

}  // namespace

TEST_CASE("a policy may retry what is final by itself, also 410") {
  for (const int status : {300, 400, 410, 422}) {
    CAPTURE(status);
    const Outcome outcome = OfStatus(status, "300-499", "");
    REQUIRE(std::holds_alternative<Retry>(outcome));
    CHECK(std::get<Retry>(outcome).after == std::chrono::seconds(7));
    CHECK(std::holds_alternative<DeadLetter>(OfStatus(status, "500-599", "")));
  }
}

TEST_CASE("a policy may end what is retried by itself; final goes first") {
  for (const int status : {401, 404, 500, 503}) {
    CAPTURE(status);
    const Outcome outcome = OfStatus(status, "400-599", "401, 404, 500-599");
    REQUIRE(std::holds_alternative<DeadLetter>(outcome));
    CHECK(std::get<DeadLetter>(outcome).reason == FailureReason::kHttpStatus);
    CHECK(std::holds_alternative<Retry>(OfStatus(status, "", "402, 405")));
  }
  CHECK(std::get<DeadLetter>(OfStatus(410, "410", "410")).reason == FailureReason::kEndpointGone);
}

TEST_CASE("2xx is delivered, whatever a policy says") {
  for (const int status : {200, 202, 299}) {
    CHECK(std::holds_alternative<Delivered>(OfStatus(status, "300-599", "300-599")));
  }
}
