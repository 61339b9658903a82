// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/handler_book.h"

#include <doctest/doctest.h>

#include "tests/fakes/fake_secrets.h"

using namespace webhook::delivery;
namespace base = webhook::base;
namespace fakes = webhook::fakes;
namespace model = webhook::model;

namespace {

const base::WallTime kNow = base::FromUnixMs(1767225600000);

model::Configuration TwoEndpoints() {
  model::Configuration configuration;
  model::Endpoint good;
  good.id = 1;
  good.target_hostname = "https://example.com";
  good.target_path = "/";
  good.retry_policy_id = 5;
  good.auth.mode = model::AuthMode::kBearer;
  good.secrets = {{8, model::SecretPurpose::kBearerToken, "file:token"}};
  model::Endpoint bad = good;
  bad.id = 2;
  bad.target_path = "/{";
  bad.retry_policy_id = 6;
  configuration.endpoints = {{1, good}, {2, bad}};
  configuration.retry_policies[5].final_statuses = "404";
  return configuration;
}

}  // namespace

TEST_CASE("a book has every endpoint compiled, with its secrets and its policy") {
  fakes::FakeSecrets secrets;
  secrets.values["file:token"] = "token-1";
  const auto book = MakeHandlerBook(std::make_shared<const model::Configuration>(TwoEndpoints()),
                                    {}, secrets, kNow);
  REQUIRE(book->endpoints.size() == 2);
  const CompiledEndpoint& good = book->endpoints.at(1);
  CHECK(good.endpoint_id == 1);
  CHECK(good.problem == "");
  CHECK(good.credential.Reveal() == "token-1");
  CHECK(good.final_statuses.Contains(404));
  const CompiledEndpoint& bad = book->endpoints.at(2);
  CHECK(bad.problem.starts_with("target_path: "));
  CHECK(bad.findings.size() == 2);  // and its retry policy is missing
}

TEST_CASE("a native handler can run where its callback is") {
  auto configuration = std::make_shared<model::Configuration>();
  model::Handler handler;
  handler.id = 7;
  handler.execution_mode = model::ExecutionMode::kNative;
  handler.native_callback = "acme.paid";
  configuration->handlers[7] = handler;
  fakes::FakeSecrets secrets;
  const auto with = MakeHandlerBook(configuration, {"acme.paid"}, secrets, kNow);
  CHECK(with->CanRun(7));
  CHECK(with->Find(7) != nullptr);
  CHECK(with->Rules(7) == nullptr);
  CHECK_FALSE(with->CanRun(8));
  CHECK_FALSE(MakeHandlerBook(configuration, {"other"}, secrets, kNow)->CanRun(7));
}
