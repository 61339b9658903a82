// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/config/relations.h"

#include <doctest/doctest.h>

#include "tests/unit/config/config_input.h"

namespace webhook::config {
namespace {

const std::string kNoKey = "[odoo]\nurl = \"https://odoo.example.com\"\ndatabase = \"d\"\n";

}  // namespace

TEST_CASE("exactly one of api_key and api_key_file") {
  CHECK(ErrorsOf(Input(kOdoo + "api_key = \"k\"\n")) ==
        "worker.toml:5: odoo.api_key: is given, and api_key_file too; "
        "expected exactly one of them\n");
  CHECK(ErrorsOf(Input(kNoKey)) ==
        "worker.toml:1: odoo.api_key_file: is missing, and api_key too; expected api_key_file = "
        "\"/etc/webhook-worker/api_key\" in [odoo], or WEBHOOK_WORKER_ODOO_API_KEY_FILE\n");
  CHECK(ErrorsOf(Input(kNoKey + "api_key_file = \"\"\n")) ==
        "worker.toml:4: odoo.api_key_file: is empty; expected a text\n");
  CHECK(ErrorsOf(Input(kNoKey + "api_key = \"k\"\n")).empty());
}

TEST_CASE("the grace of a stopping worker ends before its leases do") {
  CHECK(ErrorsOf(Input(kOdoo + "[worker]\nshutdown_grace_seconds = 300\n")) ==
        "worker.toml:6: worker.shutdown_grace_seconds: shutdown_grace_seconds is 300 and "
        "lease_seconds is 300; expected shutdown_grace_seconds to be less than lease_seconds, so "
        "that a stopping worker still owns what it waits for\n");
  CHECK(ErrorsOf(Input(kOdoo + "[worker]\nshutdown_grace_seconds = 299\n")).empty());
}

TEST_CASE("connecting takes less than a lease") {
  CHECK(ErrorsOf(Input(kOdoo + "[worker]\nlease_seconds = 60\n"
                               "[transport]\nconnect_timeout_seconds = 60\n")) ==
        "worker.toml:8: transport.connect_timeout_seconds: connect_timeout_seconds is 60 and "
        "lease_seconds is 60; expected connect_timeout_seconds to be less than lease_seconds, so "
        "that no lease ends while a connection is only being made\n");
}

TEST_CASE("polling is no lazier without wake-ups than with them; the given one is blamed") {
  CHECK(ErrorsOf(Input(kOdoo + "[poll]\nidle_woken_ms_max = 999\n")) ==
        "worker.toml:6: poll.idle_woken_ms_max: idle_ms_max is 1000 and idle_woken_ms_max is 999; "
        "expected idle_ms_max to be at most idle_woken_ms_max, because wake-ups only make polling "
        "less urgent\n");
  CHECK(ErrorsOf(Input(kOdoo + "[poll]\nidle_woken_ms_max = 1000\n")).empty());
  CHECK(ErrorsOf(Input(kOdoo + "[poll]\nidle_ms_max = 5001\n"))
            .starts_with("worker.toml:6: poll.idle_ms_max: "));
}

TEST_CASE("a value that failed by itself is not compared") {
  CHECK(ErrorsOf(Input(kOdoo + "[worker]\nlease_seconds = 1\nshutdown_grace_seconds = 200\n")) ==
        "worker.toml:6: worker.lease_seconds: is 1; expected a whole number from 10 to 3600\n");
}

TEST_CASE("unwise values are warned about, and work") {
  CHECK(WarningsOf(Input("[odoo]\nurl = \"http://odoo.example.com\"\ndatabase = \"d\"\n"
                         "api_key = \"k\"\ncall_timeout_seconds = 120\n")) ==
        "worker.toml:2: odoo.url: sends the API key over plain HTTP to another machine; "
        "better use https\n"
        "worker.toml:4: odoo.api_key: holds the API key itself, which copies and listings may "
        "show; better put it into a file and name that in api_key_file\n"
        "worker.toml:5: odoo.call_timeout_seconds: is 120, not more than Odoo's usual "
        "limit_time_real of 120 seconds; a call that still runs in Odoo may be repeated; better "
        "exceed your limit_time_real\n");
}

TEST_CASE("a lease that a call may outlive is warned about, and works") {
  CHECK(WarningsOf(Input(kOdoo + "[worker]\nlease_seconds = 150\n")) ==
        "worker.toml:6: worker.lease_seconds: is 150, not more than call_timeout_seconds of 150; "
        "a call without an answer may outlive the lease, so that a delivery is sent twice; better "
        "exceed it\n");
}

TEST_CASE("values at the edge are not warned about") {
  CHECK(WarningsOf(Input(kOdoo + "call_timeout_seconds = 121\n")).empty());
  CHECK(WarningsOf(Input(kOdoo + "[worker]\nlease_seconds = 151\n")).empty());
}

TEST_CASE("a path after the host is allowed for the sake of proxies, and warned about") {
  const ConfigInput input = Input(
      "[odoo]\nurl = \"https://example.com/erp/\"\ndatabase = \"d\"\napi_key_file = \"/key\"\n");
  CHECK(ConfigOf(input).odoo.url == "https://example.com/erp");
  CHECK(WarningsOf(input) ==
        "worker.toml:2: odoo.url: has a path, which Odoo itself does not know; right only where a "
        "proxy puts Odoo under that path; otherwise leave it out\n");
}

}  // namespace webhook::config
