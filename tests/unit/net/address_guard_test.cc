// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/net/address_guard.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "lib/net/url.h"

namespace webhook::net {
namespace {

struct RefusedAddress {
  const char* address;
  const char* range;  // what the refusal says
};

// The first and last address of each range, some from the middle, and what attackers use.
const RefusedAddress kRefused[] = {
    // this network
    {"0.0.0.0", "this network"},
    {"0.0.0.1", "this network"},
    {"0.1.2.3", "this network"},
    {"0.127.0.1", "this network"},
    {"0.255.255.255", "this network"},
    // private
    {"10.0.0.0", "private network 10.0.0.0/8"},
    {"10.0.0.1", "private network 10.0.0.0/8"},
    {"10.1.2.3", "private network 10.0.0.0/8"},
    {"10.96.0.1", "private network 10.0.0.0/8"},
    {"10.244.0.1", "private network 10.0.0.0/8"},
    {"10.255.255.255", "private network 10.0.0.0/8"},
    {"172.16.0.0", "private network 172.16.0.0/12"},
    {"172.16.0.1", "private network 172.16.0.0/12"},
    {"172.17.0.1", "private network 172.16.0.0/12"},
    {"172.17.0.2", "private network 172.16.0.0/12"},
    {"172.20.10.1", "private network 172.16.0.0/12"},
    {"172.31.255.255", "private network 172.16.0.0/12"},
    {"192.168.0.0", "private network 192.168.0.0/16"},
    {"192.168.0.1", "private network 192.168.0.0/16"},
    {"192.168.1.1", "private network 192.168.0.0/16"},
    {"192.168.99.100", "private network 192.168.0.0/16"},
    {"192.168.122.1", "private network 192.168.0.0/16"},
    {"192.168.255.255", "private network 192.168.0.0/16"},
    // carrier-grade NAT, with a cloud's metadata service
    {"100.64.0.0", "shared address space"},
    {"100.64.0.1", "shared address space"},
    {"100.100.100.200", "shared address space"},
    {"100.115.92.1", "shared address space"},
    {"100.127.255.255", "shared address space"},
    // loopback
    {"127.0.0.0", "loopback"},
    {"127.0.0.1", "loopback"},
    {"127.0.0.2", "loopback"},
    {"127.0.0.53", "loopback"},
    {"127.0.1.1", "loopback"},
    {"127.1.2.3", "loopback"},
    {"127.255.255.254", "loopback"},
    {"127.255.255.255", "loopback"},
    // link-local, with metadata services
    {"169.254.0.0", "link-local"},
    {"169.254.0.1", "link-local"},
    {"169.254.169.253", "link-local"},
    {"169.254.169.254", "link-local"},
    {"169.254.170.2", "link-local"},
    {"169.254.170.23", "link-local"},
    {"169.254.42.42", "link-local"},
    {"169.254.255.255", "link-local"},
    // protocol assignments, with a cloud's metadata service
    {"192.0.0.0", "protocol assignments"},
    {"192.0.0.1", "protocol assignments"},
    {"192.0.0.8", "protocol assignments"},
    {"192.0.0.170", "protocol assignments"},
    {"192.0.0.192", "protocol assignments"},
    {"192.0.0.255", "protocol assignments"},
    // documentation
    {"192.0.2.0", "documentation"},
    {"192.0.2.1", "documentation"},
    {"192.0.2.255", "documentation"},
    {"198.51.100.0", "documentation"},
    {"198.51.100.7", "documentation"},
    {"198.51.100.255", "documentation"},
    {"203.0.113.0", "documentation"},
    {"203.0.113.9", "documentation"},
    {"203.0.113.255", "documentation"},
    // 6to4 relay
    {"192.88.99.0", "6to4 relay"},
    {"192.88.99.1", "6to4 relay"},
    {"192.88.99.255", "6to4 relay"},
    // benchmarking
    {"198.18.0.0", "benchmarking"},
    {"198.18.0.1", "benchmarking"},
    {"198.19.0.1", "benchmarking"},
    {"198.19.255.255", "benchmarking"},
    // multicast
    {"224.0.0.0", "multicast"},
    {"224.0.0.1", "multicast"},
    {"224.0.0.251", "multicast"},
    {"232.1.2.3", "multicast"},
    {"239.255.255.250", "multicast"},
    {"239.255.255.255", "multicast"},
    // reserved and broadcast
    {"240.0.0.0", "reserved"},
    {"240.0.0.1", "reserved"},
    {"250.1.2.3", "reserved"},
    {"255.0.0.0", "reserved"},
    {"255.255.255.254", "reserved"},
    {"255.255.255.255", "reserved"},
    // a cloud platform's own address
    {"168.63.129.16", "cloud platform service"},
    // IPv6: unspecified, loopback, and what lies around them
    {"::", "unspecified"},
    {"0:0:0:0:0:0:0:0", "unspecified"},
    {"::1", "loopback"},
    {"0:0:0:0:0:0:0:1", "loopback"},
    {"0000:0000:0000:0000:0000:0000:0000:0001", "loopback"},
    {"::2", "IPv4-compatible"},
    // link-local, site-local, unique local
    {"fe80::", "link-local"},
    {"fe80::1", "link-local"},
    {"fe80::a9fe:a9fe", "link-local"},
    {"fe80::5efe:10.0.0.1", "link-local"},
    {"fe8f:ffff::1", "link-local"},
    {"febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "link-local"},
    {"fec0::", "site-local"},
    {"fec0::1", "site-local"},
    {"feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "site-local"},
    {"fc00::", "private network"},
    {"fc00::1", "private network"},
    {"fcff:ffff::1", "private network"},
    {"fd00::1", "private network"},
    {"fd00:ec2::254", "private network"},
    {"fd00:ec2::253", "private network"},
    {"fd20:ce::254", "private network"},
    {"fd12:3456:789a:1::1", "private network"},
    {"fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "private network"},
    // multicast
    {"ff00::", "multicast"},
    {"ff01::1", "multicast"},
    {"ff02::1", "multicast"},
    {"ff02::fb", "multicast"},
    {"ff05::2", "multicast"},
    {"ff0e::1", "multicast"},
    {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "multicast"},
    // documentation, discard, segment routing, protocol assignments
    {"2001:db8::", "documentation"},
    {"2001:db8::1", "documentation"},
    {"2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "documentation"},
    {"3fff::", "documentation"},
    {"3fff::1", "documentation"},
    {"3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", "documentation"},
    {"100::", "discard-only"},
    {"100::1", "discard-only"},
    {"100::ffff:ffff:ffff:ffff", "discard-only"},
    {"5f00::", "segment routing"},
    {"5f00::1", "segment routing"},
    {"5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "segment routing"},
    {"2001:1::1", "protocol assignments"},
    {"2001:2::1", "protocol assignments"},
    {"2001:3::1", "protocol assignments"},
    {"2001:10::1", "protocol assignments"},
    {"2001:20::1", "protocol assignments"},
    {"2001:30::1", "protocol assignments"},
    {"2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", "protocol assignments"},
    // outside 2000::/3
    {"100:0:0:1::1", "outside"},
    {"::1:0:0:0:1", "outside"},
    {"64:ff9c::1", "outside"},
    {"200::1", "outside"},
    {"400::1", "outside"},
    {"1000::1", "outside"},
    {"1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "outside"},
    {"4000::", "outside"},
    {"4000::1", "outside"},
    {"5eff::1", "outside"},
    {"8000::1", "outside"},
    {"c000::1", "outside"},
    {"e000::1", "outside"},
    {"f800::1", "outside"},
    {"fbff::1", "outside"},
    {"fe00::1", "outside"},
    {"fe7f::1", "outside"},
    {"::ffff:0:10.0.0.1", "outside"},
    {"::ffff:0:8.8.8.8", "outside"},
    // IPv4-mapped: judged as the IPv4 address
    {"::ffff:0.0.0.0", "this network"},
    {"::ffff:10.0.0.1", "private network 10.0.0.0/8"},
    {"::ffff:a00:1", "private network 10.0.0.0/8"},
    {"0:0:0:0:0:ffff:0a00:0001", "private network 10.0.0.0/8"},
    {"::ffff:127.0.0.1", "loopback"},
    {"::ffff:7f00:1", "loopback"},
    {"::FFFF:7F00:0001", "loopback"},
    {"::ffff:169.254.169.254", "link-local"},
    {"::ffff:a9fe:a9fe", "link-local"},
    {"::ffff:172.16.0.1", "private network 172.16.0.0/12"},
    {"::ffff:192.168.1.1", "private network 192.168.0.0/16"},
    {"::ffff:100.64.0.1", "shared address space"},
    {"::ffff:168.63.129.16", "cloud platform service"},
    {"::ffff:224.0.0.1", "multicast"},
    {"::ffff:255.255.255.255", "reserved"},
    // IPv4-compatible
    {"::10.0.0.1", "IPv4-compatible"},
    {"::127.0.0.1", "around loopback"},
    {"::7f00:1", "around loopback"},
    {"::169.254.169.254", "around link-local"},
    {"::192.168.0.1", "around private network"},
    {"::8.8.8.8", "IPv4-compatible"},
    // NAT64
    {"64:ff9b::10.0.0.1", "NAT64 64:ff9b::/96 around private network"},
    {"64:ff9b::a00:1", "around private network"},
    {"64:ff9b::127.0.0.1", "around loopback"},
    {"64:ff9b::169.254.169.254", "around link-local"},
    {"64:ff9b::a9fe:a9fe", "around link-local"},
    {"64:ff9b::192.168.1.1", "around private network"},
    {"64:ff9b::8.8.8.8", "NAT64"},
    {"64:ff9b:1::10.0.0.1", "local NAT64"},
    {"64:ff9b:1::127.0.0.1", "local NAT64"},
    {"64:ff9b:1::a9fe:a9fe", "local NAT64"},
    {"64:ff9b:1:ffff:ffff:ffff:a00:1", "local NAT64"},
    // 6to4
    {"2002::", "6to4"},
    {"2002:a00:1::", "6to4 2002::/16 around private network"},
    {"2002:a00:1::1", "around private network"},
    {"2002:7f00:1::", "around loopback"},
    {"2002:7f00:1::1", "around loopback"},
    {"2002:a9fe:a9fe::", "around link-local"},
    {"2002:c0a8:101::1", "around private network"},
    {"2002:ac10:1::1", "around private network"},
    {"2002:808:808::1", "6to4"},
    {"2002:ffff:ffff::1", "around reserved"},
    // Teredo: the client's address is inverted
    {"2001::", "Teredo"},
    {"2001::1", "Teredo"},
    {"2001:0:4136:e378:8000:63bf:3fff:fdd2", "Teredo"},
    {"2001:0:4136:e378:8000:63bf:f5ff:fffe", "Teredo 2001::/32 around private network"},
    {"2001:0:4136:e378:8000:63bf:80ff:fffe", "around loopback"},
    {"2001:0:4136:e378:8000:63bf:5601:5601", "around link-local"},
    // each inner range inside each form: mapped, NAT64, 6to4, Teredo
    {"::ffff:1:203", "this network"},
    {"64:ff9b::1:203", "around this network"},
    {"2002:1:203::1", "around this network"},
    {"2001:0:4136:e378:0:ffff:fffe:fdfc", "around this network"},
    {"::ffff:a60:1", "private network"},
    {"64:ff9b::a60:1", "around private network"},
    {"2002:a60:1::1", "around private network"},
    {"2001:0:4136:e378:0:ffff:f59f:fffe", "around private network"},
    {"::ffff:6464:64c8", "shared address space"},
    {"64:ff9b::6464:64c8", "around shared address space"},
    {"2002:6464:64c8::1", "around shared address space"},
    {"2001:0:4136:e378:0:ffff:9b9b:9b37", "around shared address space"},
    {"::ffff:7f00:35", "loopback"},
    {"64:ff9b::7f00:35", "around loopback"},
    {"2002:7f00:35::1", "around loopback"},
    {"2001:0:4136:e378:0:ffff:80ff:ffca", "around loopback"},
    {"::ffff:a9fe:aa02", "link-local"},
    {"64:ff9b::a9fe:aa02", "around link-local"},
    {"2002:a9fe:aa02::1", "around link-local"},
    {"2001:0:4136:e378:0:ffff:5601:55fd", "around link-local"},
    {"::ffff:ac11:2", "private network"},
    {"64:ff9b::ac11:2", "around private network"},
    {"2002:ac11:2::1", "around private network"},
    {"2001:0:4136:e378:0:ffff:53ee:fffd", "around private network"},
    {"::ffff:c000:c0", "protocol assignments"},
    {"64:ff9b::c000:c0", "around protocol assignments"},
    {"2002:c000:c0::1", "around protocol assignments"},
    {"2001:0:4136:e378:0:ffff:3fff:ff3f", "around protocol assignments"},
    {"::ffff:c0a8:7a01", "private network"},
    {"64:ff9b::c0a8:7a01", "around private network"},
    {"2002:c0a8:7a01::1", "around private network"},
    {"2001:0:4136:e378:0:ffff:3f57:85fe", "around private network"},
    {"::ffff:c612:1", "benchmarking"},
    {"64:ff9b::c612:1", "around benchmarking"},
    {"2002:c612:1::1", "around benchmarking"},
    {"2001:0:4136:e378:0:ffff:39ed:fffe", "around benchmarking"},
    {"::ffff:cb00:7109", "documentation"},
    {"64:ff9b::cb00:7109", "around documentation"},
    {"2002:cb00:7109::1", "around documentation"},
    {"2001:0:4136:e378:0:ffff:34ff:8ef6", "around documentation"},
    {"::ffff:a83f:8110", "cloud platform service"},
    {"64:ff9b::a83f:8110", "around cloud platform service"},
    {"2002:a83f:8110::1", "around cloud platform service"},
    {"2001:0:4136:e378:0:ffff:57c0:7eef", "around cloud platform service"},
    {"::ffff:efff:fffa", "multicast"},
    {"64:ff9b::efff:fffa", "around multicast"},
    {"2002:efff:fffa::1", "around multicast"},
    {"2001:0:4136:e378:0:ffff:1000:5", "around multicast"},
    {"::ffff:ffff:ffff", "reserved"},
    {"64:ff9b::ffff:ffff", "around reserved"},
    {"2002:ffff:ffff::1", "around reserved"},
    {"2001:0:4136:e378:0:ffff:0:0", "around reserved"},
};

const char* const kAllowed[] = {
    "1.1.1.1",
    "1.0.0.1",
    "8.8.8.8",
    "9.9.9.9",
    "9.255.255.255",
    "11.0.0.0",
    "52.94.236.248",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.0",
    "151.101.1.140",
    "168.63.129.15",
    "168.63.129.17",
    "169.253.255.255",
    "169.255.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "191.255.255.255",
    "192.0.1.0",
    "192.0.3.0",
    "192.88.98.255",
    "192.88.100.0",
    "192.167.255.255",
    "192.169.0.0",
    "198.17.255.255",
    "198.20.0.0",
    "198.51.99.255",
    "198.51.101.0",
    "203.0.112.255",
    "203.0.114.0",
    "223.255.255.255",
    "2000::1",
    "2001:200::1",
    "2001:4860:4860::8888",
    "2001:db7:ffff::1",
    "2001:db9::1",
    "2003::1",
    "2400:cb00:2048:1::c629:d7a2",
    "2606:4700:4700::1111",
    "2620:fe::fe",
    "2a00:1450:4001:82a::200e",
    "2a01:4f8::1",
    "3ffe:ffff::1",
    "3fff:1000::1",
    "::ffff:8.8.8.8",
    "::ffff:808:808",
};

// Spellings that never become an address: refused by the URL parser. What resolvers would make of
// them is written beside.
const char* const kRefusedSpellings[] = {
    "http://2130706433/",             // 127.0.0.1
    "http://0x7f000001/",             // 127.0.0.1
    "http://0X7F000001/",             // 127.0.0.1
    "http://017700000001/",           // 127.0.0.1
    "http://127.1/",                  // 127.0.0.1
    "http://127.0.1/",                // 127.0.0.1
    "http://0177.0.0.1/",             // 127.0.0.1
    "http://0x7f.0x0.0x0.0x1/",       // 127.0.0.1
    "http://0x7f.1/",                 // 127.0.0.1
    "http://127.0.0.01/",             // 127.0.0.1
    "http://127.000.000.001/",        // 127.0.0.1
    "http://0/",                      // 0.0.0.0
    "http://0x0/",                    // 0.0.0.0
    "http://00/",                     // 0.0.0.0
    "http://127.0.0.1./",             // 127.0.0.1
    "http://localhost./",             // 127.0.0.1
    "http://2852039166/",             // 169.254.169.254
    "http://0xa9fea9fe/",             // 169.254.169.254
    "http://0xa9.0xfe.0xa9.0xfe/",    // 169.254.169.254
    "http://0251.0376.0251.0376/",    // 169.254.169.254
    "http://169.254.43518/",          // 169.254.169.254
    "http://169.16689662/",           // 169.254.169.254
    "http://167772161/",              // 10.0.0.1
    "http://012.0.0.1/",              // 10.0.0.1
    "http://10.1/",                   // 10.0.0.1
    "http://3232235777/",             // 192.168.1.1
    "http://0300.0250.1.1/",          // 192.168.1.1
    "http://1.1.1.1@127.0.0.1/",      // user information
    "http://127.0.0.1:80@8.8.8.8/",   // user information
    "http://8.8.8.8\\@127.0.0.1/",    // a slash for some
    "http://8.8.8.8#@127.0.0.1/",     // a fragment for some
    "http://127.0.0.1 /",             // white space
    "http://127.0.0.1\t/",            // white space
    "http://127.0.0.1\r\n/",          // white space
    "http://\x31\x32\x37.0.0.1%00/",  // NUL
    "http://①②⑦.0.0.1/",              // 127.0.0.1 after normalisation
    "http://127。0。0。1/",           // 127.0.0.1 after normalisation
    "http://127%2e0%2e0%2e1/",        // 127.0.0.1 after decoding
    "http://%31%32%37.0.0.1/",        // 127.0.0.1 after decoding
    "http://[::1%25lo]/",             // ::1 with a zone
    "http://[fe80::1%25eth0]/",       // link-local with a zone
    "http://[::ffff:0x7f.0.0.1]/",    // mapped, odd
    "http://[::ffff:127.1]/",         // mapped, short
    "http://[127.0.0.1]/",            // brackets
    "http://::1/",                    // without brackets
    "http:127.0.0.1/",                // without slashes
    "http:/127.0.0.1/",               // with one slash
    "http:///127.0.0.1/",             // with three
};

TEST_CASE("addresses inside are refused, by the name of their range") {
  const AddressGuard guard({});
  for (const RefusedAddress& refused : kRefused) {
    CAPTURE(refused.address);
    const auto checked = guard.Check(*IpAddress::Parse(refused.address), 443);
    REQUIRE_FALSE(checked.ok());
    CAPTURE(checked.error().range);
    CHECK(checked.error().range.find(refused.range) != std::string::npos);
  }
  static_assert(std::size(kRefused) >= 200);
}

TEST_CASE("addresses of the public internet pass") {
  const AddressGuard guard({});
  for (const char* address : kAllowed) {
    CAPTURE(address);
    CHECK(guard.Check(*IpAddress::Parse(address), 443).ok());
  }
  static_assert(std::size(kAllowed) >= 30);
}

TEST_CASE("spellings that hide an address are refused before there is an address") {
  for (const char* url : kRefusedSpellings) {
    CAPTURE(url);
    CHECK_FALSE(ParseUrl(url).ok());
  }
}

TEST_CASE("a mapped address is dialled as what it is") {
  const auto checked = AddressGuard({}).Check(*IpAddress::Parse("::ffff:8.8.8.8"), 443);
  CHECK(checked.value().ToString() == "8.8.8.8:443");
}

bool Passes(const std::vector<const char*>& rules, const char* address, std::uint16_t port) {
  std::vector<AllowRule> parsed;
  for (const char* rule : rules) parsed.push_back(*ParseAllowRule(rule));
  return AddressGuard(parsed).Check(*IpAddress::Parse(address), port).ok();
}

TEST_CASE("a rule allows its network, on its ports") {
  CHECK(Passes({"10.1.0.0/16"}, "10.1.2.3", 1));
  CHECK_FALSE(Passes({"10.1.0.0/16"}, "10.2.0.1", 1));
  CHECK(Passes({"10.1.2.3:8080"}, "10.1.2.3", 8080));
  CHECK_FALSE(Passes({"10.1.2.3:8080"}, "10.1.2.3", 8081));
  CHECK_FALSE(Passes({"10.1.2.3:8080"}, "10.1.2.4", 8080));
  CHECK(Passes({"10.0.0.0/8:443,8000-8999"}, "10.9.9.9", 8500));
  CHECK_FALSE(Passes({"10.0.0.0/8:443,8000-8999"}, "10.9.9.9", 9000));
  CHECK(Passes({"[fd00::/8]:443"}, "fd00::1", 443));
  CHECK_FALSE(Passes({"[fd00::/8]:443"}, "fd00::1", 80));
  CHECK(Passes({"::1"}, "::1", 80));
  CHECK(Passes({"127.0.0.0/8", "::1"}, "127.0.0.1", 80));
}

TEST_CASE("rules work for every refused range, carrier-grade NAT and metadata included") {
  CHECK(Passes({"100.64.0.0/10"}, "100.100.100.200", 80));
  CHECK(Passes({"169.254.169.254:80"}, "169.254.169.254", 80));
  CHECK(Passes({"fe80::/10"}, "fe80::1", 80));
  CHECK(Passes({"0.0.0.0/0"}, "255.255.255.255", 80));
}

TEST_CASE("a rule for IPv4 covers the mapped form, and no other form") {
  CHECK(Passes({"10.0.0.0/8"}, "::ffff:10.0.0.1", 80));
  CHECK_FALSE(Passes({"10.0.0.0/8"}, "64:ff9b::10.0.0.1", 80));
  CHECK_FALSE(Passes({"10.0.0.0/8"}, "2002:a00:1::1", 80));
  CHECK_FALSE(Passes({"10.0.0.0/8"}, "::10.0.0.1", 80));
}

TEST_CASE("a rule for a translator does not open what is behind it") {
  CHECK(Passes({"64:ff9b::/96"}, "64:ff9b::8.8.8.8", 443));
  CHECK_FALSE(Passes({"64:ff9b::/96"}, "64:ff9b::10.0.0.1", 443));
  CHECK_FALSE(Passes({"::/0"}, "64:ff9b::169.254.169.254", 443));
  CHECK(Passes({"64:ff9b::/96", "10.0.0.0/8"}, "64:ff9b::10.0.0.1", 443));
  CHECK(Passes({"2002::/16"}, "2002:808:808::1", 443));
  CHECK_FALSE(Passes({"2002::/16"}, "2002:a00:1::1", 443));
}

TEST_CASE("what is no rule is said to be none") {
  for (const char* text :
       {"", "10.0.0.0/8:", "10.0.0.0/8:0", "10.0.0.0/8:65536", "10.0.0.0/8:9-8", "10.0.0.0/8:1,",
        "10.0.0.1/8", "example.com", "10.0.0.0/8 :80", "[fd00::/8]443", "[fd00::/8",
        "[fd00::/8]:", "fd00::/8:443", "10.0.0.0/8:http", ":80", "*"}) {
    CAPTURE(text);
    CHECK_FALSE(ParseAllowRule(text).has_value());
  }
}

}  // namespace
}  // namespace webhook::net
