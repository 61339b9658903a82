// SPDX-License-Identifier: LGPL-3.0-or-later
// What every HttpTransport owes the engine, asked of the production one and of the fake.
#include <doctest/doctest.h>

#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "tests/conformance/net/pooled_rig.h"
#include "tests/conformance/net/scripted_server.h"
#include "tests/fakes/fake_transport.h"

namespace webhook::net_tests {
namespace {

using delivery::HttpReply;
using delivery::HttpRequest;
using delivery::HttpResult;
using delivery::TransportErrorKind;

// What a request meets, by the path of its URL.
constexpr const char* kAccepts = "/accepts";  // 202, X-Reply: yes, "accepted"
constexpr const char* kFails = "/fails";      // 503, Retry-After: 7
constexpr const char* kSilent = "/silent";    // never answers
constexpr const char* kLong = "/long";        // 200 with a body of 1,000 bytes
constexpr const char* kLost = "/lost";        // reads the request and closes

const std::string kLongBody(1000, 'x');

class PooledSubject {
 public:
  PooledSubject() : server_([this](Peer& peer) { Serve(peer); }) {}

  delivery::HttpTransport& transport() { return *rig_.transport; }
  bool RunUntil(const std::function<bool()>& wanted) { return rig_.strand.RunUntil(wanted); }
  std::string Url(const std::string& path) const { return server_.Url(path); }
  std::string UnknownName() const { return "http://nowhere.example/"; }
  std::string RefusedAddress() const { return "http://10.0.0.1/"; }
  std::string ClosedPort() const { return "http://127.0.0.1:1/"; }
  std::size_t received_count() const { return server_.requests().size(); }
  std::string received_body() const {
    const std::string request = server_.requests().back();
    return request.substr(request.find("\r\n\r\n") + 4);
  }

 private:
  void Serve(Peer& peer) {
    while (true) {
      const std::string request = peer.ReadRequest();
      if (request.empty()) return;
      peer.Record(request);
      const std::string path = request.substr(5, request.find(' ', 5) - 5);
      if (path == kAccepts) peer.Reply(202, "accepted", "X-Reply: yes\r\n");
      if (path == kFails) peer.Reply(503, "", "Retry-After: 7\r\n");
      if (path == kLong) peer.Reply(200, kLongBody);
      if (path == kSilent) return peer.WaitForEnd();
      if (path == kLost) return;
    }
  }

  ScriptedServer server_;
  PooledRig rig_;
};

class FakeSubject {
 public:
  FakeSubject() : strand_(clock_), transport_(strand_) {
    transport_.SetScript([](const HttpRequest& request) { return Answer(request.url); });
  }

  delivery::HttpTransport& transport() { return transport_; }
  bool RunUntil(const std::function<bool()>& wanted) {
    strand_.RunUntilIdle();
    return wanted();
  }
  std::string Url(const std::string& path) const { return "https://receiver.example" + path; }
  std::string UnknownName() const { return Url("/unknown"); }
  std::string RefusedAddress() const { return Url("/refused"); }
  std::string ClosedPort() const { return Url("/closed"); }
  std::size_t received_count() const { return transport_.requests().size(); }
  std::string received_body() const { return transport_.requests().back().body; }

 private:
  static fakes::FakeAnswer Answer(const std::string& url) {
    if (url.ends_with(kAccepts)) {
      return fakes::FakeReply({202, {{"X-Reply", "yes"}}, "accepted", false});
    }
    if (url.ends_with(kFails)) return fakes::FakeReply({503, {{"Retry-After", "7"}}, "", false});
    if (url.ends_with(kLong)) return fakes::FakeReply({200, {}, kLongBody, false});
    if (url.ends_with(kLost)) return fakes::FakeError(TransportErrorKind::kConnectionLost, true);
    if (url.ends_with("/unknown")) return fakes::FakeError(TransportErrorKind::kResolve, false);
    if (url.ends_with("/closed")) return fakes::FakeError(TransportErrorKind::kConnect, false);
    if (url.ends_with("/refused")) {
      return fakes::FakeError(TransportErrorKind::kAddressRefused, false);
    }
    return fakes::FakeSilence();
  }

  fakes::FakeClock clock_;
  fakes::QueueStrand strand_;
  fakes::FakeTransport transport_;
};

template <typename Subject>
HttpResult Exchange(Subject& subject, HttpRequest request) {
  std::optional<HttpResult> result;
  subject.transport().Send(std::move(request), [&](HttpResult got) {
    CHECK_FALSE(result.has_value());
    result = std::move(got);
  });
  CHECK_FALSE(result.has_value());  // never inside the call
  REQUIRE(subject.RunUntil([&] { return result.has_value(); }));
  return *result;
}

template <typename Subject>
void CheckFails(Subject& subject, HttpRequest request, TransportErrorKind kind,
                bool maybe_delivered) {
  const HttpResult result = Exchange(subject, std::move(request));
  REQUIRE_FALSE(result.ok());
  CHECK(result.error().kind == kind);
  CHECK(result.error().maybe_delivered == maybe_delivered);
  CHECK_FALSE(result.error().detail.empty());
  CHECK(result.error().detail.size() <= 300);
}

TEST_CASE_TEMPLATE("a reply comes back with status, headers and body", S, PooledSubject,
                   FakeSubject) {
  S subject;
  const HttpResult result = Exchange(subject, Post(subject.Url(kAccepts)));
  REQUIRE(result.ok());
  CHECK(result.value().status_code == 202);
  CHECK(result.value().body == "accepted");
  CHECK_FALSE(result.value().truncated);
  bool found = false;
  for (const auto& [name, value] : result.value().headers) {
    found = found || (name == "X-Reply" && value == "yes");
  }
  CHECK(found);
}

TEST_CASE_TEMPLATE("a status that is no success is a reply all the same", S, PooledSubject,
                   FakeSubject) {
  S subject;
  const HttpResult result = Exchange(subject, Post(subject.Url(kFails)));
  REQUIRE(result.ok());
  CHECK(result.value().status_code == 503);
}

TEST_CASE_TEMPLATE("every byte of the body arrives", S, PooledSubject, FakeSubject) {
  S subject;
  std::string body;
  for (int i = 0; i < 100000; ++i) body += static_cast<char>(i % 256);
  REQUIRE(Exchange(subject, Post(subject.Url(kAccepts), body)).ok());
  CHECK(subject.received_body() == body);
}

TEST_CASE_TEMPLATE("silence is a timeout, perhaps delivered", S, PooledSubject, FakeSubject) {
  S subject;
  CheckFails(subject, Post(subject.Url(kSilent), "{}", base::Milliseconds(500)),
             TransportErrorKind::kTimeout, true);
}

TEST_CASE_TEMPLATE("a lost connection may have delivered", S, PooledSubject, FakeSubject) {
  S subject;
  CheckFails(subject, Post(subject.Url(kLost)), TransportErrorKind::kConnectionLost, true);
  CHECK(subject.received_count() == 1);
}

TEST_CASE_TEMPLATE("failures before sending have not delivered", S, PooledSubject, FakeSubject) {
  S subject;
  CheckFails(subject, Post(subject.UnknownName()), TransportErrorKind::kResolve, false);
  CheckFails(subject, Post(subject.ClosedPort()), TransportErrorKind::kConnect, false);
  CheckFails(subject, Post(subject.RefusedAddress()), TransportErrorKind::kAddressRefused, false);
}

TEST_CASE_TEMPLATE("what cannot be sent is not sent", S, PooledSubject, FakeSubject) {
  S subject;
  const auto refused = [&](HttpRequest request) {
    CheckFails(subject, std::move(request), TransportErrorKind::kRequestInvalid, false);
  };
  HttpRequest request = Post(subject.Url(kAccepts));
  request.url = "ftp://receiver.example/";
  refused(request);
  request = Post(subject.Url(kAccepts));
  request.method = "POST /x HTTP/1.1\r\nX: ";
  refused(request);
  request = Post(subject.Url(kAccepts));
  request.headers = {{"X-A", "1\r\nX-Injected: 1"}};
  refused(request);
  request.headers = {{"X-A: 1\r\nX-B", "1"}};
  refused(request);
  request.headers = {{"Content-Length", "1"}};
  refused(request);
  CHECK(subject.received_count() == 0);
}

TEST_CASE_TEMPLATE("a body at the limit is whole, one beyond is cut", S, PooledSubject,
                   FakeSubject) {
  S subject;
  HttpRequest request = Post(subject.Url(kLong));
  request.response_bytes_max = kLongBody.size();
  HttpResult result = Exchange(subject, request);
  REQUIRE(result.ok());
  CHECK(result.value().body == kLongBody);
  CHECK_FALSE(result.value().truncated);
  for (const std::size_t limit : {kLongBody.size() - 1, std::size_t{1}, std::size_t{0}}) {
    request.response_bytes_max = limit;
    result = Exchange(subject, request);
    REQUIRE(result.ok());
    CHECK(result.value().body == kLongBody.substr(0, limit));
    CHECK(result.value().truncated);
  }
}

TEST_CASE_TEMPLATE("each of many requests is answered once, on the strand", S, PooledSubject,
                   FakeSubject) {
  S subject;
  constexpr std::size_t kCount = 200;
  std::vector<int> answers(kCount, 0);
  std::size_t answered = 0;
  const std::thread::id strand = std::this_thread::get_id();
  for (std::size_t i = 0; i < kCount; ++i) {
    subject.transport().Send(Post(subject.Url(kAccepts), std::to_string(i)), [&, i](HttpResult r) {
      CHECK(r.ok());
      CHECK(std::this_thread::get_id() == strand);
      ++answers[i];
      ++answered;
    });
  }
  REQUIRE(subject.RunUntil([&] { return answered == kCount; }));
  CHECK(answers == std::vector<int>(kCount, 1));
  CHECK(subject.received_count() == kCount);
}

TEST_CASE_TEMPLATE("CancelAll ends what is under way, and nothing later", S, PooledSubject,
                   FakeSubject) {
  S subject;
  std::vector<TransportErrorKind> kinds;
  for (int i = 0; i < 5; ++i) {
    subject.transport().Send(Post(subject.Url(kSilent)), [&](HttpResult result) {
      REQUIRE_FALSE(result.ok());
      kinds.push_back(result.error().kind);
    });
  }
  subject.transport().CancelAll();
  REQUIRE(subject.RunUntil([&] { return kinds.size() == 5; }));
  CHECK(kinds == std::vector<TransportErrorKind>(5, TransportErrorKind::kCanceled));
  CHECK(Exchange(subject, Post(subject.Url(kAccepts))).ok());
}

TEST_CASE_TEMPLATE("a request may be sent from the completion of another", S, PooledSubject,
                   FakeSubject) {
  S subject;
  int done = 0;
  subject.transport().Send(Post(subject.Url(kAccepts)), [&](HttpResult) {
    ++done;
    subject.transport().Send(Post(subject.Url(kAccepts)), [&](HttpResult) { ++done; });
  });
  REQUIRE(subject.RunUntil([&] { return done == 2; }));
}

}  // namespace
}  // namespace webhook::net_tests
