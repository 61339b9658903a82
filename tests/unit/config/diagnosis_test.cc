// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/config/diagnosis.h"

#include <doctest/doctest.h>

#include <string>

namespace webhook::config {
namespace {

using delivery::RpcFaultKind;

Config SomeConfig() {
  Config config;
  config.odoo.url = "https://odoo.example.com";
  config.odoo.database = "production";
  config.odoo.api_key_file = "/etc/webhook-worker/api_key";
  return config;
}

std::string Fault(RpcFaultKind kind, std::string detail = "") {
  return FindingText(ExplainFault({kind, std::move(detail)}, SomeConfig()));
}

const base::WallTime kNow = base::FromUnixMs(1'795'000'000'000);  // 2026-11-18

HelloFacts GoodHello() {
  HelloFacts hello;
  hello.addon_version = "19.0.1.0.0";
  hello.odoo_version = "19.0";
  hello.fingerprint = std::string(64, 'a');
  hello.settlement_number = 7;
  hello.server_time = kNow;
  return hello;
}

LocalFacts GoodLocal() { return {kNow, base::Milliseconds(20), std::string(64, 'a'), 7}; }

std::string Hello(const HelloFacts& hello, const LocalFacts& local = GoodLocal()) {
  std::string text;
  for (const Finding& finding : ExplainHello(hello, local, SomeConfig())) {
    text += FindingText(finding);
  }
  return text;
}

}  // namespace

TEST_CASE("Odoo cannot be reached") {
  CHECK(Fault(RpcFaultKind::kUnreachable, "connection refused") ==
        "error: Odoo cannot be reached (connection refused).\n"
        "  where: odoo.url (https://odoo.example.com)\n"
        "  do: Check that Odoo runs and that this machine reaches it: curl -sSI "
        "https://odoo.example.com/web/login. If that fails too, look at host name, port, firewall "
        "and certificate.\n");
}

TEST_CASE("the answer was lost") {
  CHECK(Fault(RpcFaultKind::kUnknown, "502") ==
        "error: Odoo did not answer properly in time, or its answer was lost (502).\n"
        "  where: odoo.url (https://odoo.example.com)\n"
        "  do: Look into Odoo's log at this minute. If Odoo is overloaded or hangs, repair that "
        "first; a running worker repeats the call by itself and loses nothing.\n");
}

TEST_CASE("Odoo is busy") {
  CHECK(Fault(RpcFaultKind::kBusy) ==
        "error: Odoo is busy and asks to come back later.\n"
        "  where: odoo.url (https://odoo.example.com)\n"
        "  do: If Odoo is starting or being upgraded, wait and check again; a running worker goes "
        "on by itself. If it stays like this, Odoo has too few processes or database "
        "connections.\n");
}

TEST_CASE("the key is refused: a file") {
  CHECK(Fault(RpcFaultKind::kKeyRefused) ==
        "error: Odoo refuses the API key.\n"
        "  where: odoo.api_key_file (/etc/webhook-worker/api_key), user webhook_worker\n"
        "  do: The key is wrong, expired or belongs to another user or database. Let a system "
        "administrator make a new key for webhook_worker in the database production (Webhooks > "
        "Configuration > Worker key), and put it alone into /etc/webhook-worker/api_key; a running "
        "worker reads it "
        "again by itself.\n");
}

TEST_CASE("the key is refused: inline") {
  Config config = SomeConfig();
  config.odoo.api_key_file = "";
  config.odoo.api_key = base::Secret("s3cr3t");
  const std::string text = FindingText(ExplainFault({RpcFaultKind::kKeyRefused, ""}, config));
  CHECK(text ==
        "error: Odoo refuses the API key.\n"
        "  where: odoo.api_key, user webhook_worker\n"
        "  do: The key is wrong, expired or belongs to another user or database. Let a system "
        "administrator make a new key for webhook_worker in the database production (Webhooks > "
        "Configuration > Worker key), and put it into odoo.api_key, then restart the worker.\n");
}

TEST_CASE("the user has no rights") {
  CHECK(Fault(RpcFaultKind::kAccessDenied) ==
        "error: The user may log in, but is not in the group Webhook Worker.\n"
        "  where: odoo.login (webhook_worker) in the database production\n"
        "  do: Use the user that the addon creates (webhook_worker), or let a system administrator "
        "add webhook_worker to the group Webhook Worker in Odoo.\n");
}

TEST_CASE("no such database") {
  CHECK(
      Fault(RpcFaultKind::kDatabaseMissing) ==
      "error: Odoo has no database named production.\n"
      "  where: odoo.database (production) on https://odoo.example.com\n"
      "  do: Check the spelling, upper and lower case included. If the name is right, Odoo's "
      "dbfilter or db_name may hide the database under this host name: use the URL by which users "
      "reach it.\n");
}

TEST_CASE("no addon") {
  CHECK(Fault(RpcFaultKind::kAddonMissing) ==
        "error: The addon webhook_worker is not installed in this database, or is too old.\n"
        "  where: odoo.database (production) on https://odoo.example.com\n"
        "  do: Put the addon into Odoo's addons path, restart Odoo, and install or upgrade it: "
        "odoo-bin -d production -i webhook_worker (-u to upgrade).\n");
}

TEST_CASE("the request was rejected, and the detail stays on its line") {
  CHECK(Fault(RpcFaultKind::kRejected, "ValidationError:\nno \x1b[31m") ==
        "error: Odoo rejected the worker's request (ValidationError:\\nno \\u001b[31m).\n"
        "  where: odoo.database (production) on https://odoo.example.com\n"
        "  do: Worker and addon do not fit together. Compare their versions (webhook-worker "
        "version, and Apps in Odoo) and upgrade the older one; if they are equal, report this "
        "message.\n");
}

TEST_CASE("not an Odoo") {
  CHECK(Fault(RpcFaultKind::kNotOdoo, "404, nginx") ==
        "error: Something answers there, but not as Odoo does (404, nginx).\n"
        "  where: odoo.url (https://odoo.example.com)\n"
        "  do: Check host and port; a proxy, a log-in page or another service may stand in front. "
        "If odoo.protocol is set, set it to auto: this Odoo may not speak that protocol.\n");
}

TEST_CASE("a good hello has no findings") { CHECK(Hello(GoodHello()).empty()); }

TEST_CASE("incompatible versions") {
  HelloFacts hello = GoodHello();
  hello.compatible = false;
  hello.incompatible_message = "Upgrade the worker to 0.3 or later.";
  CHECK(Hello(hello) ==
        "error: Worker and addon do not speak the same contract (addon 19.0.1.0.0 on Odoo 19.0).\n"
        "  where: odoo.database (production) on https://odoo.example.com\n"
        "  do: Upgrade the worker to 0.3 or later.\n");
}

TEST_CASE("a neutralized database") {
  HelloFacts hello = GoodHello();
  hello.neutralized = true;
  CHECK(Hello(hello) ==
        "error: The database is neutralized: a test copy that must not send anything.\n"
        "  where: odoo.database (production) on https://odoo.example.com\n"
        "  do: If this is the copy, all is well: nothing is sent on purpose. If this should be the "
        "production database, odoo.database or odoo.url points at the copy.\n");
}

TEST_CASE("an unconfirmed fingerprint") {
  HelloFacts hello = GoodHello();
  hello.fingerprint_confirmed = false;
  CHECK(Hello(hello) ==
        "error: The database is not the one it was: it was copied, restored, renamed or moved "
        "(fingerprint aaaaaaaaaaaaaaaa). Everything is on hold.\n"
        "  where: odoo.database (production) on https://odoo.example.com\n"
        "  do: Make sure that no other copy of it sends webhooks, then let this one go on: "
        "webhook-worker confirm-database. On a test copy, do not confirm.\n");
}

TEST_CASE("another fingerprint than the worker knows") {
  LocalFacts local = GoodLocal();
  local.known_fingerprint = std::string(64, 'b');
  CHECK(Hello(GoodHello(), local)
            .find("(fingerprint aaaaaaaaaaaaaaaa, this worker last worked for bbbbbbbbbbbbbbbb)") !=
        std::string::npos);
  local.known_fingerprint = "";  // a new worker knows none
  CHECK(Hello(GoodHello(), local).empty());
}

TEST_CASE("a settlement number that went backwards") {
  LocalFacts local = GoodLocal();
  local.known_settlement_number = 8;
  CHECK(Hello(GoodHello(), local) ==
        "error: The database went back in time: it has seen settlement 7, this worker knows of 8. "
        "It was restored from a backup. Everything is on hold.\n"
        "  where: odoo.database (production) on https://odoo.example.com\n"
        "  do: What was sent since the backup would be sent again. Look through the waiting "
        "deliveries in Odoo, cancel what must not be repeated, then run: webhook-worker "
        "confirm-database.\n");
}

TEST_CASE("a key that expires soon") {
  HelloFacts hello = GoodHello();
  hello.key_expires_at = kNow + std::chrono::days(14);
  CHECK(
      Hello(hello) ==
      "warning: The API key expires in 14 days (2026-12-02).\n"
      "  where: odoo.api_key_file (/etc/webhook-worker/api_key), user webhook_worker\n"
      "  do: Let a system administrator make a new key (Webhooks > Configuration > Worker key) and "
      "replace this one before that day; without a valid key nothing is delivered, though nothing "
      "is lost.\n");
  const auto first_line = [&](base::WallTime expires_at) {
    hello.key_expires_at = expires_at;
    const std::string text = Hello(hello);
    return text.substr(0, text.find('\n'));
  };
  CHECK(first_line(kNow + std::chrono::days(14) + base::Milliseconds(1)).empty());
  CHECK(first_line(kNow + std::chrono::hours(47)) ==
        "warning: The API key expires in 1 day (2026-11-20).");
  CHECK(first_line(kNow + std::chrono::hours(1)) ==
        "warning: The API key expires within a day (2026-11-18).");
  CHECK(first_line(kNow - std::chrono::hours(1)) ==
        "warning: The API key has passed its end (2026-11-18).");
}

TEST_CASE("clocks that differ") {
  HelloFacts hello = GoodHello();
  hello.server_time = kNow + std::chrono::seconds(90);
  CHECK(Hello(hello) ==
        "warning: Odoo's clock is 90 seconds ahead of this machine's.\n"
        "  where: the clocks of both machines\n"
        "  do: Let both follow a time server (timedatectl status). Retries come early or late, and "
        "signed requests may be refused by receivers as too old.\n");
  hello.server_time = kNow - std::chrono::seconds(90);
  CHECK(Hello(hello).find("Odoo's clock is 89 seconds behind this machine's.") !=
        std::string::npos);
  hello.server_time = kNow + std::chrono::seconds(10);
  CHECK(Hello(hello).empty());
  hello.server_time = kNow - std::chrono::seconds(40);  // within a slow call
  LocalFacts slow = GoodLocal();
  slow.round_trip = std::chrono::seconds(31);
  CHECK(Hello(hello, slow).empty());
}

TEST_CASE("a limit of ours beyond Odoo's") {
  HelloFacts hello = GoodHello();
  hello.claim_batch_max = 500;
  hello.lease_seconds_max = 60;
  CHECK(Hello(hello) ==
        "warning: worker.lease_seconds is 300, but Odoo allows 60.\n"
        "  where: worker.lease_seconds\n"
        "  do: Odoo's limit holds. Set lease_seconds to 60 or less to silence this.\n");
}

TEST_CASE("several findings come together, errors first") {
  HelloFacts hello = GoodHello();
  hello.neutralized = true;
  hello.fingerprint_confirmed = false;
  hello.key_expires_at = kNow;
  const Findings findings = ExplainHello(hello, GoodLocal(), SomeConfig());
  REQUIRE(findings.size() == 3);
  CHECK(findings[0].severity == Severity::kError);
  CHECK(findings[1].severity == Severity::kError);
  CHECK(findings[2].severity == Severity::kWarning);
}

TEST_CASE("the key of sealed secrets") {
  HelloFacts hello = GoodHello();
  LocalFacts local = GoodLocal();
  CHECK(Hello(hello, local) == "");
  CHECK(SealingKeyText(hello, local) ==
        "sealed secrets: this worker has no key (webhook-worker keygen makes one)");
  local.key_fingerprint = "aaaa bbbb";
  CHECK(Hello(hello, local)
            .starts_with("warning: Nobody has confirmed this worker's key in Odoo, so that no "
                         "secret can be sealed.\n"));
  CHECK(Hello(hello, local).find("with aaaa bbbb, and confirm it") != std::string::npos);
  CHECK(SealingKeyText(hello, local) ==
        "sealed secrets: key aaaa bbbb, not the one that Odoo seals to");
  hello.sealing_key_fingerprint = "aaaa bbbb";
  CHECK(Hello(hello, local) == "");
  CHECK(SealingKeyText(hello, local) == "sealed secrets: key aaaa bbbb, confirmed in Odoo");
  hello.sealing_key_fingerprint = "cccc dddd";
  CHECK(Hello(hello, local)
            .starts_with("warning: Odoo seals secrets to another key (cccc dddd) than this "
                         "worker's (aaaa bbbb).\n"));
  local.key_fingerprint = "";
  CHECK(Hello(hello, local)
            .starts_with("warning: Odoo seals secrets to the key cccc dddd, which this worker does "
                         "not have.\n"));
}

}  // namespace webhook::config
