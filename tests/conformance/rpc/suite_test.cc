// SPDX-License-Identifier: LGPL-3.0-or-later
// What every protocol owes on every server (targets.h).
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "tests/conformance/rpc/targets.h"

namespace webhook::rpc {
namespace {

using delivery::RpcFaultKind;
using delivery::RpcReply;
using nlohmann::json;

const base::SystemClock kClock;

RpcReply Echo(Protocol& protocol, const std::string& request) {
  return protocol.CallMethod(kWorkerModel, "echo", request, kPatience);
}

void CheckEcho(Protocol& protocol, const std::string& request) {
  const RpcReply reply = Echo(protocol, request);
  CAPTURE(request.substr(0, 200));
  CAPTURE(Shown(reply));
  REQUIRE(reply.ok());
  CHECK(reply.value().find_first_not_of(
            "\t\n\r !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`"
            "abcdefghijklmnopqrstuvwxyz{|}~") == std::string::npos);
  CHECK((json::parse(reply.value()).at("echo").get<std::string>() == request));
}

std::string Base64OfAllBytes() {
  constexpr const char* kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  for (int value = 0; value < 256 + 2; ++value) bytes += static_cast<char>(value & 0xFF);
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 3; ++j) {
      group = group << 8U | static_cast<unsigned char>(bytes[i + j]);
    }
    for (const unsigned shift : {18U, 12U, 6U, 0U}) text += kDigits[group >> shift & 63U];
  }
  return text;
}

TEST_CASE("texts arrive and come back as they are") {
  FakeOdoo fake;
  for (const Target& target : AllTargets(fake)) {
    CAPTURE(target.name);
    const auto connection = Connect(target.options, kClock);
    CheckEcho(*connection, "");
    CheckEcho(*connection, "{}");
    CheckEcho(*connection, " ");
    CheckEcho(*connection, R"({"bytes": ")" + Base64OfAllBytes() + "\"}");
    // Markup of the envelopes themselves.
    CheckEcho(*connection, R"({"a": "<&>\"'\\ ]]> &amp; <!DOCTYPE x> <value>", "b": "</string>"})");
    // The white space that JSON may have between its tokens.
    CheckEcho(*connection, "{\t\"a\"\r\n:\r1\n,\r\n\r\n\"b\": 2}\r\n");
    std::string printable;
    for (char c = ' '; c <= '~'; ++c) printable += c;
    CheckEcho(*connection, printable);
  }
}

TEST_CASE("every class of code points, escaped") {
  FakeOdoo fake;
  std::string text = "{\"text\": \"";
  for (const char* escape :
       {"\\u0000",       "\\u0001",        "\\u0008",        "\\t",     "\\n",
        "\\r",           "\\r\\n",         "\\u000b",        "\\u001b", "\\u001f",
        "\\u007f",       "\\u0080",        "\\u0085",        "\\u009f", "\\u00e9",
        "\\u07ff",       "\\u0800",        "\\u2028",        "\\u2029", "\\ud7ff",
        "\\ue000",       "\\ufdd0",        "\\ufeff",        "\\ufffd", "\\ufffe",
        "\\uffff",       "\\ud83d\\ude00", "\\udbff\\udfff", "\\ud800", "\\udfff",
        "\\ude00\\ud83d"}) {
    text += escape;
  }
  text += "\"}";
  for (const Target& target : AllTargets(fake)) {
    CAPTURE(target.name);
    CheckEcho(*Connect(target.options, kClock), text);
  }
}

TEST_CASE("large and deep texts") {
  FakeOdoo fake;
  std::string large = "{\"text\": \"";
  while (large.size() < 1'000'000) large += "0123456789 <&\\u00e9\\\"> ";
  large += "\"}";
  const std::string deep = std::string(200, '[') + "{\"a\": 1}" + std::string(200, ']');
  for (const Target& target : AllTargets(fake)) {
    CAPTURE(target.name);
    const auto connection = Connect(target.options, kClock);
    CheckEcho(*connection, large);
    CheckEcho(*connection, deep);
  }
}

TEST_CASE("many calls one after the other, each on a good connection") {
  FakeOdoo fake;
  for (const Target& target : AllTargets(fake)) {
    CAPTURE(target.name);
    const auto connection = Connect(target.options, kClock);
    for (int i = 0; i < 20; ++i) CheckEcho(*connection, std::to_string(i));
  }
}

TEST_CASE("refusals have their kinds") {
  FakeOdoo fake;
  for (const Target& target : AllTargets(fake)) {
    CAPTURE(target.name);
    const auto kind_of = [](const ConnectionOptions& options, std::string_view model,
                            std::string_view method) {
      const RpcReply reply = Connect(options, kClock)->CallMethod(model, method, "{}", kPatience);
      CAPTURE(Shown(reply));
      REQUIRE_FALSE(reply.ok());
      CHECK(reply.error().detail.find(options.key().Reveal()) == std::string::npos);
      return reply.error().kind;
    };
    CHECK(kind_of(target.options, kWorkerModel, "nonsense") == RpcFaultKind::kAddonMissing);
    CHECK(kind_of(target.options, "bwt.webhook.nonsense", "echo") == RpcFaultKind::kAddonMissing);

    ConnectionOptions elsewhere = target.options;
    elsewhere.database = "no_such_database";
    CHECK(kind_of(elsewhere, kWorkerModel, "echo") == RpcFaultKind::kDatabaseMissing);

    ConnectionOptions wrong_key = target.options;
    wrong_key.key = [] { return base::Secret(std::string(40, 'f')); };
    CHECK(kind_of(wrong_key, kWorkerModel, "echo") == RpcFaultKind::kKeyRefused);
  }
}

TEST_CASE("no key and an impossible key are refused before anything is sent") {
  FakeOdoo fake;
  for (const Target& target : AllTargets(fake)) {
    CAPTURE(target.name);
    for (const char* key : {"", "abc\r\nX-Injected: 1"}) {
      ConnectionOptions options = target.options;
      options.key = [key] { return base::Secret(key); };
      const RpcReply reply = Echo(*Connect(options, kClock), "{}");
      CAPTURE(Shown(reply));
      REQUIRE_FALSE(reply.ok());
      CHECK(reply.error().kind == RpcFaultKind::kKeyRefused);
    }
  }
}

TEST_CASE("a changed key is picked up within the call that is refused") {
  for (const auto kind : {ProtocolKind::kJson2, ProtocolKind::kJsonRpc, ProtocolKind::kXmlRpc}) {
    CAPTURE(ProtocolName(kind));
    FakeOdoo fake;
    std::string file = FakeOdoo::kKey;
    int reads = 0;
    ConnectionOptions options = OptionsFor(fake, kind);
    options.key = [&] {
      ++reads;
      return base::Secret(file);
    };
    const auto connection = Connect(options, kClock);
    CheckEcho(*connection, "before");
    CheckEcho(*connection, "before");
    CHECK(reads == 1);
    file = std::string(40, 'e');
    fake.SetKey(file);
    CheckEcho(*connection, "after");

    fake.SetKey(std::string(40, 'd'));
    const RpcReply refused = Echo(*connection, "{}");
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().kind == RpcFaultKind::kKeyRefused);
    file = std::string(40, 'd');
    CheckEcho(*connection, "later");
  }
}

TEST_CASE("the user id is asked for once, and again when it is refused") {
  for (const auto kind : {ProtocolKind::kJsonRpc, ProtocolKind::kXmlRpc}) {
    CAPTURE(ProtocolName(kind));
    FakeOdoo fake;
    const auto connection = Connect(OptionsFor(fake, kind), kClock);
    CheckEcho(*connection, "1");
    CheckEcho(*connection, "2");
    CHECK(fake.log_ins() == 1);
    fake.SetUserId(8);
    CheckEcho(*connection, "3");
    CHECK(fake.log_ins() == 2);
  }
}

TEST_CASE("a wrong key is tried once a call, so that Odoo's log-in guard is not provoked") {
  FakeOdoo fake;
  ConnectionOptions options = OptionsFor(fake, ProtocolKind::kJsonRpc);
  options.key = [] { return base::Secret(std::string(40, 'f')); };
  const auto connection = Connect(options, kClock);
  CHECK_FALSE(Echo(*connection, "{}").ok());
  CHECK(fake.log_ins() == 1);
}

TEST_CASE("a base path in the URL is kept") {
  FakeOdoo fake({.version = "19.0", .jsonrpc = true, .xmlrpc = true, .base_path = "/erp"});
  for (const Target& target : AllTargets(fake)) {
    CAPTURE(target.name);
    CheckEcho(*Connect(target.options, kClock), "{}");
  }
}

}  // namespace
}  // namespace webhook::rpc
