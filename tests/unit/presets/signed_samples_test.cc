// SPDX-License-Identifier: LGPL-3.0-or-later
// Every sample of every preset against the endpoint that the preset makes: right, and wrong in each
// way that a stranger can think of.
#include <doctest/doctest.h>

#include <algorithm>
#include <functional>

#include "lib/inbound/sample_request.h"
#include "tests/unit/presets/preset_endpoint.h"

namespace webhook::inbound {
namespace {

using std::chrono::seconds;

void ForEachSample(const std::function<void(const Preset&, const FoundSample&)>& check) {
  for (const Preset& preset : BundledPresets()) {
    for (const PresetSample& sample : preset.samples) {
      CAPTURE(preset.name);
      CAPTURE(sample.name);
      check(preset, {&preset, &sample});
    }
  }
}

bool IsSigned(const Preset& preset) {
  return preset.endpoint.verification.mode != model::VerificationMode::kNone;
}

bool HasTimestamp(const Preset& preset) {
  const auto& bindings = preset.endpoint.bindings;
  const bool is_bound = std::any_of(bindings.begin(), bindings.end(), [](const auto& binding) {
    return binding.semantic == "signature_timestamp";
  });
  return IsSigned(preset) && is_bound && preset.endpoint.verification.age_max.count() > 0;
}

// A signature, or a credential, that is not there or not one.
const char* Refused(const Preset& preset) {
  return IsSigned(preset) ? "rejected: signature" : "rejected: authentication";
}

}  // namespace

TEST_CASE("a preset with a secret has nothing wrong with it") {
  for (const Preset& preset : BundledPresets()) {
    CAPTURE(preset.name);
    const CompiledInbound endpoint = Compiled(preset);
    CHECK(endpoint.problem == "");
    for (const model::Finding& finding : endpoint.findings) {
      CHECK_MESSAGE(!finding.is_error, finding.message);
    }
  }
}

TEST_CASE("a preset without its secret says so, and judges nothing") {
  for (const Preset& preset : BundledPresets()) {
    CAPTURE(preset.name);
    const CompiledInbound endpoint = Compiled(preset, {});
    CHECK_FALSE(endpoint.problem.empty());
    CHECK_FALSE(endpoint.findings.empty());
  }
}

TEST_CASE("a sample is accepted, with an identity") {
  ForEachSample([](const Preset& preset, const FoundSample& sample) {
    const CompiledInbound endpoint = Compiled(preset);
    const RequestParts request = Sample(endpoint, sample);
    CHECK(Verdict(endpoint, request) == "accepted");
    const Judgement judgement = Judge(endpoint, Request(request), kId, kNow);
    const auto* accepted = std::get_if<Accepted>(&judgement);
    REQUIRE(accepted != nullptr);
    CHECK_FALSE(accepted->event.identity_key.empty());
    CHECK(accepted->event.semantics.contains("event_type"));
    CHECK(accepted->event.body == request.body);
  });
}

TEST_CASE("a sample is accepted under the newest secret and under one that is being replaced") {
  ForEachSample([](const Preset& preset, const FoundSample& sample) {
    if (!IsSigned(preset)) return;
    const RequestParts old = Sample(Compiled(preset, {SecretFor(preset, 2)}), sample);
    const CompiledInbound both = Compiled(preset, {SecretFor(preset, 1), SecretFor(preset, 2)});
    CHECK(Verdict(both, old) == "accepted");
    CHECK(Verdict(both, Sample(both, sample)) == "accepted");
    CHECK(Verdict(Compiled(preset), Sample(both, sample)) == "accepted");
  });
}

TEST_CASE("two samples have two identities") {
  ForEachSample([](const Preset& preset, const FoundSample& sample) {
    const CompiledInbound endpoint = Compiled(preset);
    const auto identity = [&](const RequestParts& request) {
      const Judgement judgement = Judge(endpoint, Request(request), kId, kNow);
      const auto* accepted = std::get_if<Accepted>(&judgement);
      return accepted == nullptr ? std::string() : accepted->event.identity_key;
    };
    const auto made =
        MakeSampleRequest(endpoint, sample, {"0193a2b4-0000-7000-8000-000000000002", kUrl, kNow});
    REQUIRE(made.ok());
    CHECK(identity(Sample(endpoint, sample)) != identity(made.value()));
  });
}

TEST_CASE("another secret is refused") {
  ForEachSample([](const Preset& preset, const FoundSample& sample) {
    const RequestParts request = Sample(Compiled(preset, {SecretFor(preset, 2)}), sample);
    CHECK(Verdict(Compiled(preset), request) == Refused(preset));
  });
}

TEST_CASE("an altered body is refused") {
  ForEachSample([](const Preset& preset, const FoundSample& sample) {
    if (!IsSigned(preset)) return;  // a token says nothing about the body
    const CompiledInbound endpoint = Compiled(preset);
    const RequestParts request = Sample(endpoint, sample);
    // Not in the first bytes: a form's first name might be signed the same under another order.
    for (const std::size_t at : {request.body.size() / 2, request.body.size() - 2}) {
      CAPTURE(at);
      RequestParts altered = request;
      altered.body[at] = altered.body[at] == '1' ? '2' : '1';
      CHECK(Verdict(endpoint, altered).starts_with("rejected: "));
    }
    RequestParts longer = request;
    longer.body += preset.endpoint.payload_contract == model::PayloadContract::kForm ? "&x=1" : " ";
    CHECK(Verdict(endpoint, longer) == "rejected: signature");
    RequestParts empty = request;
    empty.body.clear();
    CHECK(Verdict(endpoint, empty) == "rejected: signature");
  });
}

TEST_CASE("a stale timestamp and one of the future are refused although the signature is right") {
  int with_timestamp = 0;
  ForEachSample([&](const Preset& preset, const FoundSample& sample) {
    if (!HasTimestamp(preset)) return;
    ++with_timestamp;
    const CompiledInbound endpoint = Compiled(preset);
    const RequestParts request = Sample(endpoint, sample);
    CHECK(Verdict(endpoint, request, kNow + seconds(300)) == "accepted");
    CHECK(Verdict(endpoint, request, kNow + seconds(302)) == "rejected: freshness");
    CHECK(Verdict(endpoint, request, kNow - seconds(300)) == "accepted");
    CHECK(Verdict(endpoint, request, kNow - seconds(302)) == "rejected: freshness");
    CHECK(Verdict(endpoint, request, kNow + std::chrono::hours(24 * 365)) == "rejected: freshness");
  });
  CHECK(with_timestamp >= 4);  // of Stripe, Slack, Standard Webhooks at least
}

TEST_CASE("a missing signature or credential is refused") {
  ForEachSample([](const Preset& preset, const FoundSample& sample) {
    const CompiledInbound endpoint = Compiled(preset);
    for (const std::string& name : ProvingHeaders(preset)) {
      CAPTURE(name);
      RequestParts request = Sample(endpoint, sample);
      std::erase_if(request.headers, [&](const auto& header) { return header.first == name; });
      CHECK(Verdict(endpoint, request) == Refused(preset));
      RequestParts empty = Sample(endpoint, sample);
      Header(empty, name).clear();
      CHECK(Verdict(endpoint, empty) == Refused(preset));
    }
  });
}

namespace {

std::string Repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

std::vector<std::string> Garbage() {
  return {"\xC3\xA9\xE2\x82\xAC",
          "\xFF\xFE\x80",
          std::string("t=1\0,v1=\0ab", 11),
          std::string(1, '\0'),
          "t=" + std::string(400, '9') + ",v1=ab",
          std::string(10'000, '9'),
          "-1",
          "t=,v1=",
          "=",
          ",,,;;;===",
          "sha256=",
          "v0=",
          "v1,",
          "sha256=zz",
          "\"unclosed",
          Repeated("v1=ab,", 10'000),
          "t=1," + Repeated("v1=" + std::string(64, 'a') + ",", 10'000),
          Repeated("v1,q83v ", 10'000),
          std::string(1'000'000, 'a')};
}

}  // namespace

TEST_CASE("garbage in place of a signature or credential is refused") {
  ForEachSample([](const Preset& preset, const FoundSample& sample) {
    const CompiledInbound endpoint = Compiled(preset);
    for (const std::string& name : ProvingHeaders(preset)) {
      int number = 0;
      for (const std::string& garbage : Garbage()) {
        CAPTURE(name);
        CAPTURE(number++);
        RequestParts request = Sample(endpoint, sample);
        Header(request, name) = garbage;
        const std::string verdict = Verdict(endpoint, request);
        CHECK((verdict == Refused(preset) || verdict == "rejected: freshness"));
      }
    }
  });
}

TEST_CASE("garbage in any other header harms nobody") {
  ForEachSample([](const Preset& preset, const FoundSample& sample) {
    const CompiledInbound endpoint = Compiled(preset);
    for (const auto& [name, value] : preset.headers) {
      for (const std::string& garbage : Garbage()) {
        RequestParts request = Sample(endpoint, sample);
        Header(request, name) = garbage;
        CHECK_FALSE(Verdict(endpoint, request).empty());  // a clean 4xx, if it is not accepted
      }
    }
  });
}

TEST_CASE("candidates are looked at up to a limit, and the right one among few is found") {
  const std::vector<Preset> presets = BundledPresets();
  const auto stripe = FindSample(presets, "stripe.invoice.paid");
  REQUIRE(stripe.ok());
  const CompiledInbound endpoint = Compiled(*stripe.value().preset);
  RequestParts request = Sample(endpoint, stripe.value());
  std::string& header = Header(request, "Stripe-Signature");
  const std::size_t comma = header.find(',');
  const std::string time = header.substr(0, comma);
  const std::string right = header.substr(comma + 1);
  const std::string wrong = "v1=" + std::string(64, 'a');
  header = time + Repeated("," + wrong, 5) + "," + right;
  CHECK(Verdict(endpoint, request) == "accepted");
  header = time + Repeated("," + wrong, 10'000) + "," + right;
  CHECK(Verdict(endpoint, request) == "rejected: signature");
}

}  // namespace webhook::inbound
