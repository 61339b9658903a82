// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/net/route.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace webhook::net {
namespace {

std::vector<CheckedAddress> Addresses(const std::vector<const char*>& texts) {
  std::vector<CheckedAddress> addresses;
  for (const char* text : texts) {
    addresses.push_back(CheckedAddress::OfOperator(*IpAddress::Parse(text), 1));
  }
  return addresses;
}

std::string Next(Route& route) {
  const auto next = route.Next();
  return next.has_value() ? next->address().ToString() : "";
}

std::string Target(const Route& route) {
  return route.target() == nullptr ? "" : route.target()->address().ToString();
}

TEST_CASE("without a proxy the receiver's addresses are dialled in order") {
  Route route;
  CHECK(Next(route) == "");
  route.SetTargets(Addresses({"1.1.1.1", "2.2.2.2"}));
  CHECK(Target(route) == "");
  CHECK(route.left() == 2);
  CHECK(Next(route) == "1.1.1.1");
  CHECK(Target(route) == "1.1.1.1");
  CHECK(route.left() == 1);
  CHECK_FALSE(route.TryNextTarget());
  CHECK(Next(route) == "2.2.2.2");
  CHECK_FALSE(route.has_next());
  CHECK(Next(route) == "");
}

TEST_CASE("with a proxy its addresses are dialled until one works, then the targets follow") {
  Route route;
  route.SetTargets(Addresses({"1.1.1.1", "2.2.2.2"}));
  route.SetProxies(Addresses({"10.0.0.1", "10.0.0.2", "10.0.0.3"}));
  CHECK_FALSE(route.TryNextTarget());  // no proxy was dialled yet
  CHECK(Next(route) == "10.0.0.1");
  CHECK(route.left() == 3);
  CHECK(Next(route) == "10.0.0.2");
  CHECK(Target(route) == "1.1.1.1");
  CHECK(route.TryNextTarget());
  CHECK(Target(route) == "2.2.2.2");
  CHECK(Next(route) == "10.0.0.2");
  CHECK_FALSE(route.TryNextTarget());
  CHECK(route.left() == 1);
  CHECK(Next(route) == "10.0.0.3");
  CHECK(route.left() == 0);
  CHECK(Next(route) == "");
}

TEST_CASE("a proxy that resolves names has no targets") {
  Route route;
  route.SetTargets({});
  route.SetProxies(Addresses({"10.0.0.1"}));
  CHECK(route.left() == 1);
  CHECK(Next(route) == "10.0.0.1");
  CHECK(Target(route) == "");
  CHECK_FALSE(route.TryNextTarget());
  CHECK(route.left() == 0);
}

TEST_CASE("a route that is set anew forgets") {
  Route route;
  route.SetTargets(Addresses({"1.1.1.1"}));
  route.SetProxies(Addresses({"10.0.0.1"}));
  Next(route);
  route.SetTargets(Addresses({"2.2.2.2"}));
  CHECK(Next(route) == "2.2.2.2");
}

}  // namespace
}  // namespace webhook::net
