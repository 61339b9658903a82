// SPDX-License-Identifier: LGPL-3.0-or-later
#include "tests/unit/presets/preset_endpoint.h"

#include <doctest/doctest.h>

#include "lib/base/ascii.h"
#include "lib/base/base64.h"
#include "lib/base/result.h"
#include "lib/inbound/sample_request.h"
#include "tests/fakes/fake_secrets.h"

namespace webhook::inbound {

std::string SecretFor(const Preset& preset, int seed) {
  const std::string text = "a secret of 32 bytes, number " + std::to_string(100 + seed);
  const bool is_standard =
      preset.endpoint.verification.mode == model::VerificationMode::kStandardWebhooks;
  return is_standard ? "whsec_" + base::EncodeBase64(text) : text;
}

CompiledInbound Compiled(const Preset& preset, const std::vector<std::string>& secrets) {
  fakes::FakeSecrets opener;
  model::InboundEndpoint endpoint = preset.endpoint;
  int id = 0;
  for (const std::string& secret : secrets) {
    model::SecretEntry entry;
    entry.id = ++id;
    entry.purpose = preset.secret_purpose;
    entry.value = "sealed:1:" + std::to_string(id);
    // The first is the one in use, the others are being replaced.
    if (id > 1) entry.expires_at = kNow + std::chrono::hours(24) / id;
    opener.values[entry.value] = secret;
    endpoint.secrets.push_back(entry);
  }
  return CompileInbound(endpoint, opener, kNow);
}

CompiledInbound Compiled(const Preset& preset) { return Compiled(preset, {SecretFor(preset)}); }

RequestParts Sample(const CompiledInbound& endpoint, const FoundSample& sample,
                    base::WallTime now) {
  auto made = MakeSampleRequest(endpoint, sample, {kId, kUrl, now});
  REQUIRE_MESSAGE(made.ok(), made.error());
  RequestParts request = std::move(made).value();
  request.remote_address = "192.0.2.7";
  return request;
}

std::string Verdict(const CompiledInbound& endpoint, const RequestParts& request,
                    base::WallTime now) {
  const Judgement judgement = Judge(endpoint, Request(request), kId, now);
  return std::visit(base::Overloaded{
                        [](const Accepted&) { return std::string("accepted"); },
                        [](const Rejected& why) {
                          const int status = StatusCode(why.category);
                          CHECK(status >= 400);
                          CHECK(status < 500);
                          CHECK_FALSE(why.reason.empty());
                          return "rejected: " + std::string(Spelling(why.category));
                        },
                        [](const Challenged&) { return std::string("challenged"); },
                    },
                    judgement);
}

std::string& Header(RequestParts& request, const std::string& name) {
  for (auto& [known, value] : request.headers) {
    if (base::EqualsIgnoringCase(known, name)) return value;
  }
  FAIL("no header " << name);
  return request.headers.front().second;
}

std::vector<std::string> ProvingHeaders(const Preset& preset) {
  std::vector<std::string> names;
  for (const auto& [name, value] : preset.headers) {
    if (value.find("{signature}") != std::string::npos) names.push_back(name);
  }
  switch (preset.endpoint.auth.mode) {
    case model::InboundAuthMode::kNone:
      break;
    case model::InboundAuthMode::kApiKey:
      names.push_back(preset.endpoint.auth.header_name);
      break;
    case model::InboundAuthMode::kBasic:
    case model::InboundAuthMode::kBearer:
      names.push_back("Authorization");
      break;
  }
  return names;
}

}  // namespace webhook::inbound
