// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/callback/dispatch.h"

#include <doctest/doctest.h>

#include <stdexcept>

#include "lib/callback/context_json.h"

namespace webhook::callback {
namespace {

const std::string kEvent = EncodeContext(EventFacts());

Reply RunEvent(EventFunction function) {
  Registry registry;
  registry.Add("acme.x", {std::move(function), nullptr});
  return Dispatch(registry, "acme.x", kEvent, {});
}

Reply RunDelivery(DeliveryFunction function) {
  Registry registry;
  registry.Add("acme.x", {nullptr, std::move(function)});
  DeliveryFacts facts;
  facts.request = {"post", "/x", {}, "{}"};
  return Dispatch(registry, "acme.x", EncodeContext(facts), {});
}

std::string Failed(const Reply& reply, FailureKind kind) {
  REQUIRE_FALSE(reply.ok());
  CHECK(reply.error().kind == kind);
  return reply.error().message;
}

}  // namespace

TEST_CASE("outcomes belong to a kind of context") {
  CHECK(RunEvent([](EventContext&) { return Outcome::Done(); }).ok());
  CHECK(RunEvent([](EventContext&) { return Outcome::DeadLetter("x"); }).ok());
  Failed(RunEvent([](EventContext&) { return Outcome::Send(); }), FailureKind::kNoAnswer);
  Failed(RunEvent([](EventContext&) { return Outcome::Cancel(""); }), FailureKind::kNoAnswer);
  CHECK(RunDelivery([](DeliveryContext&) { return Outcome::Send(); }).ok());
  CHECK(RunDelivery([](DeliveryContext&) { return Outcome::Retry(""); }).ok());
  Failed(RunDelivery([](DeliveryContext&) { return Outcome::Done(); }), FailureKind::kNoAnswer);
}

TEST_CASE("a request is given back only when it is sent and was changed") {
  const auto changed = [](DeliveryContext& context, Outcome outcome) {
    context.request().payload = "new";
    return outcome;
  };
  const Reply sent =
      RunDelivery([&](DeliveryContext& context) { return changed(context, Outcome::Send()); });
  REQUIRE(sent.value().request);
  CHECK(sent.value().request->payload == "new");
  CHECK_FALSE(
      RunDelivery([&](DeliveryContext& context) { return changed(context, Outcome::Cancel("no")); })
          .value()
          .request);
  CHECK_FALSE(RunDelivery([](DeliveryContext&) { return Outcome::Send(); }).value().request);
}

TEST_CASE("requests that cannot be sent") {
  CHECK(Failed(RunDelivery([](DeliveryContext& context) {
                 context.request().http_method = "POST";
                 return Outcome::Send();
               }),
               FailureKind::kNoAnswer) == "it left an HTTP method that cannot be sent: POST");
  CHECK(Failed(RunDelivery([](DeliveryContext& context) {
                 context.request().target_path = "http://elsewhere/";
                 return Outcome::Send();
               }),
               FailureKind::kNoAnswer) == "it left a target path that has no / in front");
}

TEST_CASE("what is thrown, by its first line") {
  CHECK(Failed(RunEvent([](EventContext&) -> Outcome { throw std::logic_error("a\nb"); }),
               FailureKind::kThrew) == "a");
  CHECK(Failed(RunEvent([](EventContext&) -> Outcome { throw "text"; }), FailureKind::kThrew) ==
        "something that is no std::exception");
  CHECK(Failed(RunEvent([](EventContext&) -> Outcome {
                 throw std::runtime_error(std::string(5000, 'x'));
               }),
               FailureKind::kThrew)
            .size() == 1000);
}

TEST_CASE("notes are made printable and bounded") {
  const Reply reply =
      RunEvent([](EventContext&) { return Outcome::Done().Note("\xFF" + std::string(5000, 'x')); });
  CHECK(reply.value().note.substr(0, 5) == "\\xffx");
  CHECK(reply.value().note.size() <= 2010);
}

TEST_CASE("texts that are not UTF-8 and numbers that are none are no answer, not other values") {
  for (const Value& value : {Value::Text("\xFF\xFE"), Value::Decimal("1,5"), Value::Decimal("")}) {
    Failed(
        RunEvent([&](EventContext&) { return Outcome::Done().With(Create("a").Set("x", value)); }),
        FailureKind::kNoAnswer);
    Failed(
        RunEvent([&](EventContext&) { return Outcome::Done().With(Update("a").By("x", value)); }),
        FailureKind::kNoAnswer);
  }
  Failed(RunDelivery([](DeliveryContext& context) {
           context.request().SetHeader("X", "\xFF");
           return Outcome::Send();
         }),
         FailureKind::kNoAnswer);
}

TEST_CASE("nobody has it, or a context that is none") {
  const Registry registry;
  Failed(Dispatch(registry, "acme.x", kEvent, {}), FailureKind::kUnknownCallback);
  Registry other;
  other.Add("acme.x", {[](EventContext&) { return Outcome::Done(); }, nullptr});
  Failed(Dispatch(other, "acme.x", "{}", {}), FailureKind::kNoAnswer);
}

}  // namespace webhook::callback
