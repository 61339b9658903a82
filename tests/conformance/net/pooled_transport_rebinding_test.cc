// SPDX-License-Identifier: LGPL-3.0-or-later
// Names that change their answer, and redirects to the inside: what is dialled is what was judged.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/conformance/net/pooled_rig.h"
#include "tests/conformance/net/scripted_server.h"

namespace webhook::net_tests {
namespace {

using delivery::HttpResult;
using delivery::TransportErrorKind;

// 127.0.0.1 plays the public internet, everything else on loopback the inside.
net::TransportOptions OnlyOneAllowed() {
  net::TransportOptions options = LoopbackOptions();
  options.allow = {*net::ParseAllowRule("127.0.0.1")};
  return options;
}

ScriptedServer::Script Closing(const std::string& headers = "") {
  return ScriptedServer::Answering(
      [headers](Peer& peer) { peer.Reply(200, "", headers + "Connection: close\r\n"); });
}

void CheckRefused(const HttpResult& result, const std::string& address) {
  REQUIRE_FALSE(result.ok());
  CHECK(result.error().kind == TransportErrorKind::kAddressRefused);
  CHECK(result.error().detail.find(address) != std::string::npos);
  CHECK_FALSE(result.error().maybe_delivered);
}

TEST_CASE("a name that answers with the public first and the inside then") {
  for (const char* inside : {"127.0.0.9", "10.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.9",
                             "64:ff9b::7f00:1", "fd00:ec2::254"}) {
    CAPTURE(inside);
    ScriptedServer server(Closing());
    PooledRig rig(OnlyOneAllowed());
    rig.lookup.SetChanging("changing.example", {{"127.0.0.1"}, {inside}, {"127.0.0.1"}});
    const std::string url = "http://changing.example:" + std::to_string(server.port()) + "/";
    CHECK(rig.Exchange(Post(url)).ok());
    CheckRefused(rig.Exchange(Post(url)), "changing.example");
    CHECK(rig.Exchange(Post(url)).ok());
    CHECK(server.requests().size() == 2);
    CHECK(rig.lookup.count() == 3);  // one question a request: nobody asks again to dial
  }
}

TEST_CASE("a name that answers with the inside first and the public then") {
  ScriptedServer server(Closing());
  PooledRig rig(OnlyOneAllowed());
  rig.lookup.SetChanging("changing.example", {{"127.0.0.9"}, {"127.0.0.1"}});
  const std::string url = "http://changing.example:" + std::to_string(server.port()) + "/";
  CheckRefused(rig.Exchange(Post(url)), "127.0.0.9");
  CHECK(server.connection_count() == 0);
  CHECK(rig.Exchange(Post(url)).ok());
}

TEST_CASE("of an answer with both, only the public one is dialled, whatever comes first") {
  for (const std::vector<std::string>& answer :
       {std::vector<std::string>{"127.0.0.9", "127.0.0.1"}, {"127.0.0.1", "127.0.0.9"}}) {
    ScriptedServer server(Closing());
    PooledRig rig(OnlyOneAllowed());
    rig.lookup.Set("both.example", answer);
    const std::string port = std::to_string(server.port());
    CHECK(rig.Exchange(Post("http://both.example:" + port + "/")).ok());
    // Where nobody listens on the public one, the inside is not tried instead.
    const HttpResult down = rig.Exchange(Post("http://both.example:1/"));
    REQUIRE_FALSE(down.ok());
    CHECK(down.error().kind == TransportErrorKind::kConnect);
    CHECK(down.error().detail.find("127.0.0.1:1") != std::string::npos);
  }
}

TEST_CASE("a connection that was judged is used again without asking, and only while it lives") {
  ScriptedServer server(ScriptedServer::Answering([](Peer& peer) { peer.Reply(200, ""); }));
  PooledRig rig(OnlyOneAllowed());
  rig.lookup.SetChanging("changing.example", {{"127.0.0.1"}, {"127.0.0.9"}});
  const std::string url = "http://changing.example:" + std::to_string(server.port()) + "/";
  for (int i = 0; i < 5; ++i) CHECK(rig.Exchange(Post(url)).ok());
  CHECK(server.connection_count() == 1);
  CHECK(rig.lookup.count() == 1);
}

TEST_CASE("where a redirect leads is judged like any target when it is sent to") {
  for (const char* target :
       {"http://169.254.169.254/latest/meta-data/", "http://127.0.0.9/", "http://[fd00:ec2::254]/",
        "http://[::ffff:a9fe:a9fe]/", "http://inside.example/"}) {
    CAPTURE(target);
    ScriptedServer server(ScriptedServer::Answering([target](Peer& peer) {
      peer.Reply(307, "", "Location: " + std::string(target) + "\r\n");
    }));
    PooledRig rig(OnlyOneAllowed());
    rig.lookup.Set("inside.example", {"10.0.0.1"});
    const HttpResult reply = rig.Exchange(Post(server.Url()));
    REQUIRE(reply.ok());
    std::string location;
    for (const auto& [name, value] : reply.value().headers) {
      if (name == "Location") location = value;
    }
    CheckRefused(rig.Exchange(Post(location)), "");
  }
}

TEST_CASE("a redirect to another spelling or scheme is no request at all") {
  PooledRig rig(OnlyOneAllowed());
  for (const char* location : {"http://2852039166/", "http://0xa9fea9fe/", "file:///etc/passwd",
                               "gopher://127.0.0.1:6379/_x", "//169.254.169.254/", "/relative",
                               "http://127.0.0.1@169.254.169.254/"}) {
    CAPTURE(location);
    const HttpResult result = rig.Exchange(Post(location));
    REQUIRE_FALSE(result.ok());
    CHECK(result.error().kind == TransportErrorKind::kRequestInvalid);
  }
}

}  // namespace
}  // namespace webhook::net_tests
