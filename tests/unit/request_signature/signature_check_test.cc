// SPDX-License-Identifier: LGPL-3.0-or-later
// What is wrong with a signature's settings, said before anything is sent.
#include <doctest/doctest.h>

#include <string>

#include "lib/delivery/request_signature.h"
#include "tests/unit/request_signature/styles.h"

namespace webhook::delivery {
namespace {

// "field: message" of each problem, one a line.
std::string Problems(const model::Signature& signature,
                     const std::vector<std::string>& secrets = {"a secret"}) {
  std::string text;
  for (const SignatureProblem& problem : CheckSignature(signature, Secrets(secrets))) {
    text += problem.field + ": " + problem.message + "\n";
  }
  return text;
}

}  // namespace

TEST_CASE("nothing is wrong with what receivers ask for") {
  for (const model::Signature& signature : {GitHub(), Stripe(), Slack(), Shopify()}) {
    CHECK(Problems(signature) == "");
  }
  CHECK(Problems(Standard(), {"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}) == "");
  CHECK(Problems(Standard(), {"whsk_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}) == "");
  CHECK(Problems(model::Signature{}, {}) == "");
}

TEST_CASE("secrets") {
  CHECK(Problems(GitHub(), {}) == "secret_ids: there is no signing secret that is valid now\n");
  CHECK(Problems(Standard(), {}) == "secret_ids: there is no signing secret that is valid now\n");
  CHECK(Problems(GitHub(), {"a", ""}) == "secret_ids: signing secret 2 is empty\n");
  for (const char* secret :
       {"whsec_", "whsec_PLANTED!", "whsk_AAAA", "PLANTED secret", "whpk_AAAA"}) {
    const std::string problem = Problems(Standard(), {secret});
    CHECK(problem.starts_with("secret_ids: signing secret 1 is neither whsec_"));
    CHECK(problem.find("PLANTED") == std::string::npos);
  }
}

TEST_CASE("the signature's header") {
  for (const char* name : {"", "X Signature", "X-Signature:", "Größe", "X-\r\nInjected", "(x)"}) {
    CHECK(Problems(Hmac(name, "")).starts_with("signature_header_name: it is not the name"));
  }
  CHECK(Problems(Hmac(std::string(129, 'x'), "")).starts_with("signature_header_name: "));
  CHECK(Problems(Hmac(std::string(128, 'x'), "")) == "");
  for (const char* name :
       {"Host", "content-length", "Transfer-Encoding", "webhook-signature", "Webhook-Id",
        "x-amz-date", "Content-Type", "Idempotency-Key", "Cookie"}) {
    CHECK(Problems(Hmac(name, "")) ==
          "signature_header_name: the header " + std::string(name) + " has a meaning of its own\n");
  }
}

TEST_CASE("the timestamp's header") {
  model::Signature signature = Slack();
  signature.timestamp_header_name = "x-slack-signature";
  CHECK(Problems(signature) ==
        "signature_timestamp_header_name: it is the header of the signature\n");
  signature.timestamp_header_name = "webhook-timestamp";
  CHECK(Problems(signature).starts_with("signature_timestamp_header_name: the header"));
  signature.timestamp_header_name = "a b";
  CHECK(Problems(signature).starts_with("signature_timestamp_header_name: it is not"));
}

TEST_CASE("the template") {
  model::Signature signature = Stripe();
  for (const char* text : {"", "t={timestamp}", "{Signatures}", "{ signatures }"}) {
    signature.header_template = text;
    CHECK(Problems(signature).starts_with("signature_header_template: it lacks {signatures}\n"));
  }
  for (const char* text : {"{signatures}{time}", "{{signatures}}", "{signatures}}"}) {
    signature.header_template = text;
    CHECK(Problems(signature) ==
          "signature_header_template: it knows {signatures} and {timestamp} only\n");
  }
  for (const char* text :
       {"{signatures}\r\nX: y", " {signatures}", "{signatures}\t", "é{signatures}"}) {
    signature.header_template = text;
    CHECK(Problems(signature) == "signature_header_template: it cannot stand in a header\n");
  }
}

TEST_CASE("the prefix") {
  CHECK(Problems(Hmac("X", "v\n")) == "signature_prefix: it cannot stand in a header\n");
  CHECK(Problems(Hmac("X", "é")).starts_with("signature_prefix: "));
}

TEST_CASE("the parts") {
  CHECK(Problems(Hmac("X", "", {})) ==
        "signature_part_ids: the body must be among what is signed\n");
  CHECK(Problems(Hmac("X", "", {{Kind::kTimestamp}, {Kind::kLiteral, "raw_body"}})) ==
        "signature_part_ids: the body must be among what is signed\n");
  CHECK(Problems(Hmac("X", "", {{Kind::kRawBody}, {Kind::kHeader, ""}})) ==
        "signature_part_ids: a part names no header\n");
  for (const char* name : {"Host", "content-length", "X"}) {
    CHECK(Problems(Hmac("X", "", {{Kind::kRawBody}, {Kind::kHeader, name}}))
              .ends_with("is written after the signature\n"));
  }
}

TEST_CASE("a timestamp that is signed has to be sent") {
  model::Signature signature = Hmac("X", "", {{Kind::kTimestamp}, {Kind::kRawBody}});
  CHECK(Problems(signature) == "");  // webhook-timestamp has it
  signature.timestamp_format = model::TimestampFormat::kIso8601;
  CHECK(
      Problems(signature).starts_with("signature_timestamp_header_name: the timestamp is signed"));
  signature.timestamp_header_name = "X-Time";
  CHECK(Problems(signature) == "");
  signature.timestamp_header_name = "";
  signature.header_template = "{timestamp} {signatures}";
  CHECK(Problems(signature) == "");
}

TEST_CASE("every problem is told at once") {
  model::Signature signature = Hmac("Host", "\n", {});
  signature.header_template = "x";
  const auto problems = CheckSignature(signature, {});
  CHECK(problems.size() == 5);
}

}  // namespace webhook::delivery
