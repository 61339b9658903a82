// SPDX-License-Identifier: LGPL-3.0-or-later
// What is ours is not told as the receiver's failure: no descriptor left, a resolver in trouble.
#include <doctest/doctest.h>
#include <sys/resource.h>

#include <memory>
#include <optional>
#include <string>

#include "tests/conformance/net/pooled_rig.h"
#include "tests/conformance/net/scripted_server.h"

namespace webhook::net_tests {
namespace {

using delivery::HttpResult;
using delivery::TransportErrorKind;

// No new descriptor in the whole process while it lives.
class NoDescriptors {
 public:
  NoDescriptors() {
    getrlimit(RLIMIT_NOFILE, &before_);
    rlimit none = before_;
    none.rlim_cur = 0;
    setrlimit(RLIMIT_NOFILE, &none);
  }
  ~NoDescriptors() { setrlimit(RLIMIT_NOFILE, &before_); }
  NoDescriptors(const NoDescriptors&) = delete;
  NoDescriptors& operator=(const NoDescriptors&) = delete;

 private:
  rlimit before_{};
};

class TroubledLookup final : public net::NameLookup {
 public:
  net::LookupResult Lookup(const std::string&) override {
    return net::LookupError{true, "no server answers"};
  }
};

void CheckOurs(const HttpResult& result) {
  REQUIRE_FALSE(result.ok());
  CAPTURE(result.error().detail);
  CHECK(result.error().kind == TransportErrorKind::kOurTrouble);
  CHECK_FALSE(result.error().maybe_delivered);
}

TEST_CASE("no descriptor left is our trouble, and over when there is one again") {
  PooledRig rig;
  ScriptedServer server(ScriptedServer::Answering(
      [](Peer& peer) { peer.Reply(200, "ok", "Connection: close\r\n"); }));
  CHECK(rig.Exchange(Post(server.Url())).ok());
  std::optional<HttpResult> result;
  {
    const NoDescriptors none;  // the sanitizer wants some too, so nothing is checked in here
    result = rig.Exchange(Post(server.Url()));
  }
  CheckOurs(*result);
  CHECK(rig.Exchange(Post(server.Url())).ok());
}

TEST_CASE("a resolver in trouble is ours, an unknown name is not") {
  PooledRig rig;
  const HttpResult unknown = rig.Exchange(Post("http://nowhere.example/"));
  CHECK(unknown.error().kind == TransportErrorKind::kResolve);
  TroubledLookup lookup;
  rig.transport =
      std::make_unique<net::PooledTransport>(LoopbackOptions(), rig.clock, rig.strand, lookup);
  CheckOurs(rig.Exchange(Post("http://shop.example/")));
  rig.transport.reset();
}

}  // namespace
}  // namespace webhook::net_tests
