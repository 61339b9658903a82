// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/compiled_endpoint.h"

#include <doctest/doctest.h>

#include <fstream>
#include <functional>
#include <iterator>

#include "lib/base/base64.h"
#include "lib/base/clock.h"
#include "lib/delivery/endpoint_findings.h"
#include "tests/fakes/run_program.h"
#include "tests/fakes/temporary_directory.h"
#include "tests/unit/request/endpoint_world.h"

using namespace webhook::delivery;
namespace base = webhook::base;
namespace model = webhook::model;
using model::AuthMode;
using model::SecretPurpose;
using model::SourceKind;

namespace {

const std::string kEndpointModel = "bwt.webhook.outbound.endpoint";

// The endpoint must have this one finding, which is an error and stops every request.
void CheckProblem(EndpointWorld& world, const std::string& record_model, const std::string& field) {
  const CompiledEndpoint compiled = world.Compiled();
  REQUIRE(compiled.findings.size() == 1);
  const model::Finding& finding = compiled.findings.front();
  CAPTURE(finding.message);
  CHECK(finding.is_error);
  CHECK(finding.model == record_model);
  CHECK(finding.field == field);
  CHECK(finding.message.ends_with('.'));
  CHECK(compiled.problem + "." == finding.message);
  CHECK(compiled.not_here == "");
}

void CheckEndpointProblem(const std::string& field,
                          const std::function<void(EndpointWorld&)>& spoil) {
  EndpointWorld world;
  spoil(world);
  CAPTURE(field);
  CheckProblem(world, kEndpointModel, field);
}

std::string Whsec(char c) { return "whsec_" + base::EncodeBase64(std::string(24, c)); }

void UseOauth2(EndpointWorld& world) {
  world.endpoint.auth.mode = AuthMode::kOauth2ClientCredentials;
  world.endpoint.auth.token_url = "https://login.example.com/token?tenant=1";
  world.endpoint.auth.client_id = "shop";
  world.AddSecret(SecretPurpose::kOauth2ClientSecret, "client-secret");
}

}  // namespace

TEST_CASE("nothing is wrong with a complete endpoint") {
  EndpointWorld world;
  world.endpoint.target_path = "/orders/{order.id}?a={b}";
  world.endpoint.content_type = "text/xml; charset=utf-8";
  world.policy.retry_statuses = "409, 500-599";
  world.policy.final_statuses = "404";
  world.AddContextLine("order", SourceOf(SourceKind::kPayloadPath, "order"));
  world.AddHeaderRule("X-Shop", Literal("7"));
  world.AddHeaderRule("Cookie", Literal("a=b"));
  world.AddPayloadRule("a.b[0]", JsonLiteral("[1.10]"));
  world.AddPayloadRule("", Literal("whole"));
  const CompiledEndpoint compiled = world.Compiled();
  CHECK(compiled.endpoint_id == 3);
  CHECK(compiled.findings.empty());
  CHECK(compiled.problem == "");
  CHECK(compiled.not_here == "");
  CHECK(compiled.tls == nullptr);
  CHECK(compiled.needs.empty());
  CHECK(compiled.retry_statuses.Contains(409));
  CHECK(compiled.final_statuses.Contains(404));
  CHECK_FALSE(compiled.final_statuses.Contains(409));
  CHECK(world.secrets.opened == 0);
}

TEST_CASE("fields of the endpoint that make requests impossible") {
  CheckEndpointProblem("target_hostname", [](auto& w) { w.endpoint.target_hostname = "ftp://a"; });
  CheckEndpointProblem("target_hostname", [](auto& w) { w.endpoint.target_hostname = ""; });
  CheckEndpointProblem("target_hostname",
                       [](auto& w) { w.endpoint.target_hostname = "https://{host}"; });
  CheckEndpointProblem("target_path", [](auto& w) { w.endpoint.target_path = "/{open"; });
  CheckEndpointProblem("target_path", [](auto& w) { w.endpoint.target_path = "//other.example"; });
  CheckEndpointProblem("content_type", [](auto& w) { w.endpoint.content_type = "json"; });
  CheckEndpointProblem("content_type", [](auto& w) { w.endpoint.content_type = "a/b\r\nX: 1"; });
}

TEST_CASE("authentication is complete or told") {
  CheckEndpointProblem("auth_mode", [](auto& w) {
    w.endpoint.auth.mode = AuthMode::kBearer;
    w.AddSecret(SecretPurpose::kApiKey, "of-another-purpose");
  });
  CheckEndpointProblem("auth_mode", [](auto& w) {
    w.endpoint.auth.mode = AuthMode::kBasic;
    w.endpoint.auth.username = "shop";
  });
  for (const std::string name : {"", "a:b", "a\nb"}) {
    CheckEndpointProblem("auth_username", [&](auto& w) {
      w.endpoint.auth.mode = AuthMode::kBasic;
      w.endpoint.auth.username = name;
      w.AddSecret(SecretPurpose::kBasicPassword, "password");
    });
  }
  for (const std::string name : {"", "X Key", "Host", "webhook-id", "X-Amz-Date"}) {
    CheckEndpointProblem("auth_header_name", [&](auto& w) {
      w.endpoint.auth.mode = AuthMode::kApiKey;
      w.endpoint.auth.header_name = name;
      w.AddSecret(SecretPurpose::kApiKey, "api-key");
    });
  }
  for (const std::string url :
       {"", "login.example.com", "ftp://a/b", "https://a/{b}", "https://u@a"}) {
    CheckEndpointProblem("oauth2_token_url", [&](auto& w) {
      UseOauth2(w);
      w.endpoint.auth.token_url = url;
    });
  }
  CheckEndpointProblem("oauth2_client_id", [](auto& w) {
    UseOauth2(w);
    w.endpoint.auth.client_id = "";
  });
  EndpointWorld complete;
  UseOauth2(complete);
  const CompiledEndpoint compiled = complete.Compiled();
  CHECK(compiled.findings.empty());
  CHECK(compiled.credential.Reveal() == "client-secret");
}

TEST_CASE("a credential that would break its header is told, but not shown") {
  for (const std::string token : {"hunter2\n", " hunter2", "hunter2\r!"}) {
    EndpointWorld world;
    world.endpoint.auth.mode = AuthMode::kBearer;
    world.AddSecret(SecretPurpose::kBearerToken, token);
    CheckProblem(world, "bwt.webhook.secret", "value");
    CHECK(world.Compiled().problem.find("hunter2") == std::string::npos);
  }
}

TEST_CASE("of several credentials the one that stays longest, then the newest") {
  EndpointWorld world;
  world.endpoint.auth.mode = AuthMode::kBearer;
  world.AddSecret(SecretPurpose::kBearerToken, "first");
  world.AddSecret(SecretPurpose::kBearerToken, "second");
  world.AddSecret(SecretPurpose::kBearerToken, "ending", world.now + std::chrono::hours(1));
  CHECK(world.Compiled().credential.Reveal() == "second");
  CHECK(world.secrets.opened == 1);
}

TEST_CASE("a secret that is broken stops requests, one that is elsewhere stops this worker") {
  EndpointWorld broken;
  broken.endpoint.auth.mode = AuthMode::kBearer;
  broken.AddSecret(SecretPurpose::kBearerToken, "token-1");
  broken.secrets.invalid.insert("file:token-1");
  CheckProblem(broken, "bwt.webhook.secret", "value");

  EndpointWorld elsewhere;
  elsewhere.endpoint.auth.mode = AuthMode::kBearer;
  const model::RecordId id = elsewhere.AddSecret(SecretPurpose::kBearerToken, "token-1");
  elsewhere.secrets.values.clear();
  const CompiledEndpoint compiled = elsewhere.Compiled();
  CHECK(compiled.problem == "");
  CHECK(compiled.not_here.find("this worker does not have its key") != std::string::npos);
  REQUIRE(compiled.findings.size() == 1);
  CHECK_FALSE(compiled.findings.front().is_error);
  CHECK(compiled.findings.front().record_id == id);
}

TEST_CASE("secrets that nothing uses are not opened") {
  EndpointWorld world;
  for (const SecretPurpose purpose :
       {SecretPurpose::kSigning, SecretPurpose::kBasicPassword, SecretPurpose::kBearerToken,
        SecretPurpose::kApiKey, SecretPurpose::kOauth2ClientSecret, SecretPurpose::kClientKey}) {
    world.AddSecret(purpose, "unused");
  }
  world.secrets.invalid.insert("file:unused");
  CHECK(world.Compiled().findings.empty());
  CHECK(world.secrets.opened == 0);
}

TEST_CASE("signing secrets: the newest first, expired ones not at all") {
  EndpointWorld world;
  world.endpoint.signature.mode = model::SignatureMode::kStandardWebhooks;
  const auto in = [&](int hours) { return world.now + std::chrono::hours(hours); };
  world.AddSecret(SecretPurpose::kSigning, Whsec('b'), in(2));
  world.AddSecret(SecretPurpose::kSigning, Whsec('x'), in(0));
  world.AddSecret(SecretPurpose::kSigning, Whsec('c'));
  world.AddSecret(SecretPurpose::kSigning, Whsec('d'));
  world.AddSecret(SecretPurpose::kSigning, Whsec('a'), in(1));
  const CompiledEndpoint compiled = world.Compiled();
  CHECK(compiled.findings.empty());
  std::vector<std::string> order;
  for (const OpenedSecret& opened : compiled.signing_secrets) {
    order.push_back(opened.secret.Reveal());
  }
  CHECK(order == std::vector<std::string>{Whsec('d'), Whsec('c'), Whsec('b'), Whsec('a')});
}

TEST_CASE("a signature that cannot be made is told") {
  EndpointWorld none;
  none.endpoint.signature.mode = model::SignatureMode::kStandardWebhooks;
  CHECK(none.Compiled().problem != "");
  EndpointWorld header;
  header.endpoint.signature.mode = model::SignatureMode::kHmac;
  header.endpoint.signature.parts = {{model::SignaturePartKind::kRawBody, ""}};
  header.endpoint.signature.header_name = "no name";
  header.AddSecret(SecretPurpose::kSigning, "topsecret");
  CheckProblem(header, kEndpointModel, "signature_header_name");
  // One of two cannot be opened: signing with the other alone could fail every verification.
  EndpointWorld half;
  half.endpoint.signature.mode = model::SignatureMode::kStandardWebhooks;
  half.AddSecret(SecretPurpose::kSigning, Whsec('a'));
  half.AddSecret(SecretPurpose::kSigning, Whsec('b'));
  half.secrets.values.erase("file:" + Whsec('b'));
  CHECK(half.Compiled().problem == "");
  CHECK(half.Compiled().not_here != "");
}

TEST_CASE("rules that cannot work are told on their own record") {
  const std::string header = kEndpointModel + ".header.rule";
  const std::string payload = kEndpointModel + ".payload.rule";
  const std::string context = kEndpointModel + ".context.line";
  using Spoil = std::function<void(EndpointWorld&)>;
  struct Case {
    std::string model;
    std::string field;
    Spoil spoil;
  };
  const std::vector<Case> cases = {
      {header, "header_name", [](auto& w) { w.AddHeaderRule("X Shop", Literal("1")); }},
      {header, "header_name", [](auto& w) { w.AddHeaderRule("", Literal("1")); }},
      {header, "header_name", [](auto& w) { w.AddHeaderRule("Content-Length", Literal("1")); }},
      {header, "header_name", [](auto& w) { w.AddHeaderRule("Webhook-Id", Literal("1")); }},
      {header, "source_expression", [](auto& w) { w.AddHeaderRule("X-A", TemplateOf("{{ x")); }},
      {header, "source_kind",
       [](auto& w) { w.AddHeaderRule("X-A", SourceOf(SourceKind::kEventField, "topic")); }},
      {header, "source_kind",
       [](auto& w) { w.AddHeaderRule("X-A", SourceOf(SourceKind::kResponseStatus, "")); }},
      {payload, "source_kind",
       [](auto& w) { w.AddPayloadRule("a", SourceOf(SourceKind::kItemPath, "a")); }},
      {payload, "source_kind",
       [](auto& w) { w.AddPayloadRule("a", SourceOf(SourceKind::kQueryParameter, "a")); }},
      {payload, "target_path", [](auto& w) { w.AddPayloadRule("a..b", Literal("1")); }},
      {payload, "target_path", [](auto& w) { w.AddPayloadRule("a[*]", Literal("1")); }},
      {payload, "literal_value", [](auto& w) { w.AddPayloadRule("a", JsonLiteral("{")); }},
      {context, "key_name", [](auto& w) { w.AddContextLine("", Literal("1")); }},
      {context, "source_expression",
       [](auto& w) { w.AddContextLine("a", SourceOf(SourceKind::kPayloadPath, "a..b")); }},
      {context, "source_expression",
       [](auto& w) { w.AddContextLine("a", SourceOf(SourceKind::kRecordField, "1")); }},
  };
  for (const Case& wrong : cases) {
    EndpointWorld world;
    wrong.spoil(world);
    CAPTURE(wrong.field);
    CheckProblem(world, wrong.model, wrong.field);
  }
}

TEST_CASE("a rule is named by its place and target") {
  EndpointWorld world;
  world.AddHeaderRule("X-Fine", Literal("1"));
  world.AddHeaderRule("Host", Literal("1"));
  CHECK(world.Compiled().problem.starts_with("header rule 2 (Host): "));
}

TEST_CASE("a rule for the header of the authentication is idle, which is a warning") {
  EndpointWorld world;
  world.endpoint.auth.mode = AuthMode::kBearer;
  world.AddSecret(SecretPurpose::kBearerToken, "token-1");
  world.AddHeaderRule("AUTHORIZATION", Literal("x"));
  const CompiledEndpoint compiled = world.Compiled();
  CHECK(compiled.problem == "");
  REQUIRE(compiled.findings.size() == 1);
  CHECK_FALSE(compiled.findings.front().is_error);
}

TEST_CASE("what rules read of records is needed, each once, sorted") {
  EndpointWorld world;
  world.AddHeaderRule("X-A", SourceOf(SourceKind::kRecordField, "partner_id.email"));
  world.AddPayloadRule("a", TemplateOf("{{ record.partner_id.email }} {{ company.name }}"));
  world.AddContextLine("b", SourceOf(SourceKind::kDeliveryField, "id"));
  CHECK(world.Compiled().needs == std::vector<std::string>{"company_field:name",
                                                           "delivery_field:id",
                                                           "record_field:partner_id.email"});
}

TEST_CASE("a wrong schedule keeps it from being activated, but not what waits from being sent") {
  EndpointWorld world;
  world.policy.retry_statuses = "4xx";
  world.policy.final_statuses = "404";
  const CompiledEndpoint compiled = world.Compiled();
  CHECK(compiled.problem == "");
  CHECK(compiled.final_statuses.Contains(404));
  REQUIRE(compiled.findings.size() == 1);
  CHECK(compiled.findings.front().is_error);
  CHECK(compiled.findings.front().field == "retry_policy_id");
  const CompiledEndpoint without =
      CompileEndpoint(world.endpoint, nullptr, world.secrets, world.now);
  REQUIRE(without.findings.size() == 1);
  CHECK(without.findings.front().field == "retry_policy_id");
}

TEST_CASE("findings are limited; the first problem is kept") {
  EndpointWorld world;
  for (int i = 0; i < 500; ++i) world.AddHeaderRule("bad name", Literal("1"));
  const CompiledEndpoint compiled = world.Compiled();
  CHECK(compiled.findings.size() == EndpointFindings::kFindingsMax);
  CHECK(compiled.findings.back().message.find("301 more") != std::string::npos);
  CHECK(compiled.problem.starts_with("header rule 1 "));
}

TEST_CASE("the redactor knows what was opened, and what is made of it") {
  EndpointWorld world;
  world.endpoint.auth.mode = AuthMode::kBasic;
  world.endpoint.auth.username = "shop";
  world.AddSecret(SecretPurpose::kBasicPassword, "hunter2!");
  world.endpoint.signature.mode = model::SignatureMode::kStandardWebhooks;
  world.AddSecret(SecretPurpose::kSigning, Whsec('s'));
  const Redactor redactor = world.Compiled().redactor;
  CHECK(redactor.Text("hunter2!") == "(redacted)");
  CHECK(redactor.Text(base::EncodeBase64("shop:hunter2!")).starts_with("(redacted)"));
  CHECK(redactor.Text(Whsec('s')) == "(redacted)");
  CHECK(redactor.Text("shop") == "shop");

  EndpointWorld key;
  key.endpoint.auth.mode = AuthMode::kApiKey;
  key.endpoint.auth.header_name = "X-Shop";
  key.AddSecret(SecretPurpose::kApiKey, "1234");
  CHECK(key.Compiled().redactor.HidesHeader("x-shop"));
}

TEST_CASE("client certificates and authorities are checked and have an identity") {
  const webhook::fakes::TemporaryDirectory directory;
  const auto make = [&](const std::string& name) {
    const auto made = webhook::fakes::RunProgram(
        {"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-noenc", "-subj", "/CN=worker", "-days", "2", "-keyout", directory.File(name + ".key"),
         "-out", directory.File(name + ".pem")});
    REQUIRE_MESSAGE(made.exit_code == 0, made.output);
    const auto read = [](const std::string& path) {
      std::ifstream file(path);
      return std::string(std::istreambuf_iterator<char>(file), {});
    };
    return std::pair(read(directory.File(name + ".pem")), read(directory.File(name + ".key")));
  };
  const auto [certificate, key] = make("one");
  const auto [other_certificate, other_key] = make("two");
  const auto world_of = [](const std::string& pem, const std::string& key_pem,
                           const std::string& ca) {
    EndpointWorld world;
    world.now = base::SystemClock().Now() + std::chrono::hours(1);
    world.endpoint.tls.client_certificate_pem = pem;
    world.endpoint.tls.ca_certificate_pem = ca;
    if (!key_pem.empty()) world.AddSecret(SecretPurpose::kClientKey, key_pem);
    return world;
  };
  EndpointWorld fine = world_of(certificate, key, certificate);
  const CompiledEndpoint compiled = fine.Compiled();
  CHECK(compiled.problem == "");
  REQUIRE(compiled.tls != nullptr);
  CHECK(compiled.tls->certificate_pem == certificate);
  CHECK(compiled.tls->key_pem.Reveal() == key);
  CHECK(compiled.tls->ca_pem == certificate);
  CHECK(compiled.tls->id.size() == 64);
  CHECK(compiled.tls->id == world_of(certificate, key, certificate).Compiled().tls->id);
  CHECK(compiled.tls->id != world_of(certificate, key, "").Compiled().tls->id);
  CHECK(compiled.tls->id != world_of(other_certificate, other_key, certificate).Compiled().tls->id);

  EndpointWorld no_key = world_of(certificate, "", "");
  CheckProblem(no_key, kEndpointModel, "client_certificate_pem");
  EndpointWorld wrong_key = world_of(certificate, other_key, "");
  CheckProblem(wrong_key, kEndpointModel, "client_certificate_pem");
  EndpointWorld bad_ca = world_of("", "", "nonsense");
  CheckProblem(bad_ca, kEndpointModel, "ca_certificate_pem");
}

namespace {

// Refuses what it is told to.
class PickyTransport final : public HttpTransport {
 public:
  explicit PickyTransport(TransportErrorKind kind) : kind_(kind) {}
  void Send(HttpRequest, std::function<void(HttpResult)>) override {}
  void CancelAll() override {}
  std::optional<TransportError> WhyRefused(const std::string& url) const override {
    return TransportError{kind_, url + " will not do", false};
  }

 private:
  const TransportErrorKind kind_;
};

}  // namespace

TEST_CASE("what the transport says of a target is a finding; only what is no URL stops it") {
  for (const auto kind :
       {TransportErrorKind::kRequestInvalid, TransportErrorKind::kAddressRefused}) {
    EndpointWorld world;
    const PickyTransport transport(kind);
    const CompiledEndpoint compiled =
        CompileEndpoint(world.endpoint, &world.policy, world.secrets, world.now, &transport);
    REQUIRE(compiled.findings.size() == 1);
    CHECK(compiled.findings.front().is_error);
    CHECK(compiled.findings.front().field == "target_hostname");
    CHECK(compiled.problem.empty() == (kind == TransportErrorKind::kAddressRefused));
  }
}

TEST_CASE("an API key and a signature cannot share a header") {
  EndpointWorld world;
  world.endpoint.auth.mode = AuthMode::kApiKey;
  world.endpoint.auth.header_name = "x-signature";
  world.AddSecret(SecretPurpose::kApiKey, "key-12345");
  world.endpoint.signature.mode = model::SignatureMode::kHmac;
  world.endpoint.signature.parts = {{model::SignaturePartKind::kRawBody}};
  world.AddSecret(SecretPurpose::kSigning, "secret-12345");
  CheckProblem(world, kEndpointModel, "auth_header_name");
  world.endpoint.auth.header_name = "X-Api-Key";
  CHECK(world.Compiled().findings.empty());
}
