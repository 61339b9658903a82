// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/callback/registry.h"

#include <doctest/doctest.h>

WEBHOOK_CALLBACK("unit.event", [](webhook::callback::EventContext&) -> webhook::callback::Outcome {
  return webhook::callback::Outcome::Done();
});
WEBHOOK_CALLBACK("unit.delivery", [](webhook::callback::DeliveryContext&) {
  return webhook::callback::Outcome::Send();
});

namespace webhook::callback {
namespace {

Callback Some() {
  return {[](EventContext&) { return Outcome::Done(); }, nullptr};
}

}  // namespace

TEST_CASE("the macro registers before main, for the kind that the function takes") {
  const Registry& registry = Registry::OfThisProgram();
  CHECK(registry.Names() == std::vector<std::string>{"unit.delivery", "unit.event"});
  CHECK(registry.problems().empty());
  CHECK(registry.Find("unit.event")->on_event);
  CHECK_FALSE(registry.Find("unit.event")->on_delivery);
  CHECK(registry.Find("unit.delivery")->on_delivery);
  CHECK(webhook_sdk_version() == kSdkVersion);
  CHECK(webhook_sdk_entry() == EntryOfThisProgram());
}

TEST_CASE("a name that is registered twice is nobody's, also the third time") {
  Registry registry;
  for (int i = 0; i < 3; ++i) registry.Add("acme.a", Some());
  registry.Add("acme.b", Some());
  CHECK(registry.Find("acme.a") == nullptr);
  CHECK(registry.Names() == std::vector<std::string>{"acme.b"});
  CHECK(registry.problems() ==
        std::vector<std::string>{"the name acme.a is registered twice: neither can be used"});
}

TEST_CASE("names") {
  CHECK(IsCallbackName("acme.invoice_paid-2"));
  CHECK(IsCallbackName(std::string(128, 'a')));
  for (const std::string& wrong :
       {std::string(), std::string(129, 'a'), std::string("Acme"), std::string("a b"),
        std::string("a\n"), std::string("é"), std::string("a\0b", 3)}) {
    CAPTURE(wrong);
    CHECK_FALSE(IsCallbackName(wrong));
    Registry registry;
    registry.Add(wrong, Some());
    CHECK(registry.Names().empty());
    CHECK(registry.problems().size() == 1);
  }
}

}  // namespace webhook::callback
