// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/base/secret.h"

#include <doctest/doctest.h>

#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <utility>

namespace webhook::base {
namespace {

const std::string kShort = "PLANTED";  // is kept within the object
const std::string kLong(100, 'P');

}  // namespace

TEST_CASE("copied and moved like a text") {
  for (const std::string& text : {std::string(), kShort, kLong}) {
    Secret first(text);
    Secret copy(first);
    CHECK(copy.Reveal() == text);
    CHECK(first.Reveal() == text);
    Secret moved(std::move(first));
    CHECK(moved.Reveal() == text);
    Secret assigned("before");
    assigned = copy;
    CHECK(assigned.Reveal() == text);
    Secret& same = assigned;
    assigned = same;
    CHECK(assigned.Reveal() == text);
    assigned = Secret("another");
    CHECK(assigned.Reveal() == "another");
    CHECK(copy.Reveal() == text);
  }
}

TEST_CASE("wiping leaves nothing behind, not even behind the end") {
  for (const std::string& text : {kShort, kLong}) {
    std::string wiped = text;
    const char* const at = wiped.data();
    wiped.resize(2);  // what was longer is still there
    Secret::Wipe(wiped);
    CHECK(wiped.empty());
    CHECK(wiped.data() == at);
    CHECK(std::string(at, text.size()) == std::string(text.size(), '\0'));
  }
}

TEST_CASE("a short secret leaves nothing in the object that it leaves") {
  alignas(Secret) unsigned char memory[sizeof(Secret)];
  const auto holds = [&memory] {
    return std::string(reinterpret_cast<char*>(memory), sizeof memory).find(kShort) !=
           std::string::npos;
  };
  auto* const secret = new (memory) Secret(kShort);
  CHECK(holds());
  Secret elsewhere(std::move(*secret));
  CHECK_FALSE(holds());
  *secret = elsewhere;
  CHECK(holds());
  std::destroy_at(secret);
  CHECK_FALSE(holds());
}

}  // namespace webhook::base
