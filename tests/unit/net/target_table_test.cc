// SPDX-License-Identifier: LGPL-3.0-or-later
// The table of targets: what must be refused, by its spelling or by the address it names, and what
// must pass. Each goes the way that a request goes.
#include "tests/unit/net/target_table.h"

#include <doctest/doctest.h>

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "lib/net/resolver.h"
#include "lib/net/url.h"

namespace webhook::net {
namespace {

enum class Verdict { kSpelling, kAddress, kPasses };

// As TransportLoop does it. `answers`: what the resolver says of a name.
Verdict Judge(std::string_view text, const std::vector<std::string>& rules = {},
              const std::vector<std::string>& answers = {}) {
  const auto url = ParseUrl(text);
  if (!url.ok()) return Verdict::kSpelling;
  std::vector<AllowRule> allowed;
  for (const std::string& rule : rules) allowed.push_back(*ParseAllowRule(rule));
  std::vector<IpAddress> addresses;
  for (const std::string& answer : answers) addresses.push_back(*IpAddress::Parse(answer));
  if (url.value().address.has_value()) addresses = {*url.value().address};
  REQUIRE_FALSE(addresses.empty());
  const auto checked = CheckAnswers(AddressGuard(allowed), addresses, url.value().port);
  return checked.ok() ? Verdict::kPasses : Verdict::kAddress;
}

template <std::size_t size>
void CheckAll(const char* const (&urls)[size], Verdict verdict, std::set<std::string>& seen) {
  for (const char* url : urls) {
    CAPTURE(url);
    CHECK(Judge(url) == verdict);
    CHECK(seen.insert(url).second);
  }
}

TEST_CASE("at least 200 targets are refused, each by what refuses it") {
  std::set<std::string> seen;
  CheckAll(kRefusedSpellings, Verdict::kSpelling, seen);
  CHECK(seen.size() >= 100);
  CheckAll(kEndsOfRanges, Verdict::kAddress, seen);
  CheckAll(kWellKnownInside, Verdict::kAddress, seen);
  CheckAll(kEmbedded, Verdict::kAddress, seen);
  CHECK(seen.size() >= 250);
}

TEST_CASE("at least 30 targets pass") {
  std::set<std::string> seen;
  CheckAll(kAllowed, Verdict::kPasses, seen);
  CHECK(seen.size() >= 30);
}

TEST_CASE("bytes that no literal holds are refused") {
  for (int byte = 0; byte < 256; ++byte) {
    if (byte > 0x20 && byte < 0x7f && byte != '\\' && byte != '#') continue;
    CAPTURE(byte);
    const auto character = static_cast<char>(byte);
    CHECK(Judge(std::string("http://8.8.8.8/") + character) == Verdict::kSpelling);
    CHECK(Judge(std::string("http://8.8.8.8") + character + "/") == Verdict::kSpelling);
    CHECK(Judge(std::string("http://") + character + "8.8.8.8/") == Verdict::kSpelling);
  }
}

struct NameCase {
  std::vector<std::string> answers;
  Verdict verdict;
};

TEST_CASE("a name is judged by what it resolves to, never by how it looks") {
  const NameCase cases[] = {
      {{"8.8.8.8"}, Verdict::kPasses},
      {{"127.0.0.1"}, Verdict::kAddress},
      {{"10.0.0.1", "8.8.8.8"}, Verdict::kPasses},  // the second one is dialled
      {{"10.0.0.1", "fd00:ec2::254", "::ffff:169.254.169.254"}, Verdict::kAddress},
      {{"64:ff9b::7f00:1"}, Verdict::kAddress},
      {{"0.0.0.0"}, Verdict::kAddress},
      {{"2606:4700::1"}, Verdict::kPasses},
  };
  for (const NameCase& one : cases) {
    for (const char* url :
         {"http://shop.example/", "https://localhost:8443/", "http://127.0.0.1.nip.example/",
          "http://metadata.google.internal/", "http://169-254-169-254.example/"}) {
      CAPTURE(url);
      CAPTURE(one.answers.front());
      CHECK(Judge(url, {}, one.answers) == one.verdict);
    }
  }
}

struct RuleCase {
  std::vector<std::string> rules;
  const char* url;
  Verdict verdict;
};

TEST_CASE("an operator's exceptions hold for their networks and ports, for every range") {
  const RuleCase cases[] = {
      {{"100.64.0.0/10"}, "https://100.64.0.0/", Verdict::kPasses},
      {{"100.64.0.0/10"}, "https://100.127.255.255:8443/", Verdict::kPasses},
      {{"100.64.0.0/10"}, "https://[::ffff:100.100.1.1]/", Verdict::kPasses},
      {{"100.64.0.0/10"}, "https://10.0.0.1/", Verdict::kAddress},
      {{"100.64.0.0/10"}, "https://[64:ff9b::6464:101]/", Verdict::kAddress},
      {{"100.100.0.0/16:443"}, "https://100.100.1.1/", Verdict::kPasses},
      {{"100.100.0.0/16:443"}, "http://100.100.1.1/", Verdict::kAddress},
      {{"100.100.0.0/16:443"}, "https://100.101.0.0/", Verdict::kAddress},
      {{"10.1.2.3:8069"}, "http://10.1.2.3:8069/", Verdict::kPasses},
      {{"10.1.2.3:8069"}, "http://10.1.2.3:8070/", Verdict::kAddress},
      {{"10.1.2.3:8069"}, "http://10.1.2.4:8069/", Verdict::kAddress},
      {{"10.0.0.0/8:443,8000-8999"}, "http://10.9.9.9:8999/", Verdict::kPasses},
      {{"10.0.0.0/8:443,8000-8999"}, "http://10.9.9.9:9000/", Verdict::kAddress},
      {{"127.0.0.0/8", "::1"}, "http://[::1]:8069/", Verdict::kPasses},
      {{"127.0.0.0/8"}, "http://[::1]:8069/", Verdict::kAddress},
      {{"fd00::/8"}, "https://[fd12::1]/", Verdict::kPasses},
      {{"[fd00::/8]:443"}, "http://[fd12::1]/", Verdict::kAddress},
      {{"168.63.129.16"}, "http://168.63.129.16/", Verdict::kPasses},
      {{"64:ff9b::/96"}, "https://[64:ff9b::8.8.8.8]/", Verdict::kPasses},
      {{"64:ff9b::/96"}, "https://[64:ff9b::10.0.0.1]/", Verdict::kAddress},
      {{"::/0"}, "https://[2002:a9fe:a9fe::1]/", Verdict::kAddress},
      {{"0.0.0.0/0"}, "http://2130706433/", Verdict::kSpelling},
      {{"0.0.0.0/0", "::/0"}, "http://[fe80::1%25eth0]/", Verdict::kSpelling},
  };
  for (const RuleCase& one : cases) {
    CAPTURE(one.rules.front());
    CAPTURE(one.url);
    CHECK(Judge(one.url, one.rules) == one.verdict);
  }
}

}  // namespace
}  // namespace webhook::net
