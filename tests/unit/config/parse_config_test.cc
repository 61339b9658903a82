// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/config/parse_config.h"

#include <doctest/doctest.h>

#include "tests/unit/config/config_input.h"

namespace webhook::config {

TEST_CASE("the smallest configuration takes the defaults") {
  const Config config = ConfigOf(Input(kOdoo));
  CHECK(config.odoo.url == "https://odoo.example.com");
  CHECK(config.odoo.database == "production");
  CHECK(config.odoo.login == "webhook_worker");
  CHECK(config.odoo.api_key.empty());
  CHECK(config.odoo.api_key_file == "/key");
  CHECK(config.odoo.protocol == RpcProtocol::kAuto);
  CHECK(config.odoo.calls_in_flight_max == 2);
  CHECK(config.odoo.call_timeout_seconds == 150);
  CHECK(config.worker.name == "host-1");
  CHECK(config.worker.journal == "/var/lib/webhook-worker/journal.sqlite");
  CHECK(config.worker.deliveries_in_flight_max == 1024);
  CHECK(config.worker.lease_seconds == 300);
  CHECK(config.transport.allow.empty());
  CHECK(config.wake.listen == "127.0.0.1:0");
  CHECK(config.poll.idle_ms_max == 1000);
  CHECK(config.poll.idle_woken_ms_max == 5000);
  CHECK(config.log.level == base::Level::kInfo);
  CHECK(config.log.format == LogFormat::kText);
  CHECK(WarningsOf(Input(kOdoo)).empty());
}

TEST_CASE("every key of every type reaches its place") {
  const Config config = ConfigOf(
      Input("[odoo]\nurl = 'http://127.0.0.1:8069/'\ndatabase = 'd'\nlogin = 'l'\n"
            "api_key_file = '/key'\nprotocol = 'jsonrpc'\nca_file = '/ca.pem'\n"
            "calls_in_flight_max = 16\ncall_timeout_seconds = 300\n"
            "[worker]\nname = 'w'\njournal = '/j'\ndeliveries_in_flight_max = 11\n"
            "claim_batch_max = 12\nsettle_batch_max = 13\nlease_seconds = 60\n"
            "shutdown_grace_seconds = 14\n"
            "[transport]\nthreads = 3\nconnect_timeout_seconds = 4\nresponse_bytes_max = 2048\n"
            "allow = ['127.0.0.0/8', '10.1.2.0/24:443,8000-8999']\nca_file = '/ca.pem'\n"
            "plain_http_allowed = true\n"
            "user_agent_suffix = '(ops@example.com)'\n"
            "[wake]\nlisten = '[::1]:4711'\n[poll]\nidle_ms_max = 200\nidle_woken_ms_max = 300\n"
            "[log]\nlevel = 'error'\nformat = 'json'\nfile = '/log'\n"));
  CHECK(config.odoo.url == "http://127.0.0.1:8069");
  CHECK(config.odoo.database == "d");
  CHECK(config.odoo.login == "l");
  CHECK(config.odoo.protocol == RpcProtocol::kJsonRpc);
  CHECK(config.odoo.ca_file == "/ca.pem");
  CHECK(config.odoo.calls_in_flight_max == 16);
  CHECK(config.odoo.call_timeout_seconds == 300);
  CHECK(config.worker.name == "w");
  CHECK(config.worker.journal == "/j");
  CHECK(config.worker.deliveries_in_flight_max == 11);
  CHECK(config.worker.claim_batch_max == 12);
  CHECK(config.worker.settle_batch_max == 13);
  CHECK(config.worker.lease_seconds == 60);
  CHECK(config.worker.shutdown_grace_seconds == 14);
  CHECK(config.transport.threads == 3);
  CHECK(config.transport.connect_timeout_seconds == 4);
  CHECK(config.transport.response_bytes_max == 2048);
  CHECK(config.transport.allow ==
        std::vector<std::string>{"127.0.0.0/8", "10.1.2.0/24:443,8000-8999"});
  CHECK(config.transport.plain_http_allowed);
  CHECK(config.transport.ca_file == "/ca.pem");
  CHECK(config.transport.user_agent_suffix == "(ops@example.com)");
  CHECK(config.wake.listen == "[::1]:4711");
  CHECK(config.poll.idle_ms_max == 200);
  CHECK(config.poll.idle_woken_ms_max == 300);
  CHECK(config.log.level == base::Level::kError);
  CHECK(config.log.format == LogFormat::kJson);
  CHECK(config.log.file == "/log");
}

TEST_CASE("all errors are listed at once, in the order of the lines") {
  CHECK(ErrorsOf(Input("verbose = true\n"
                       "url = \"x\"\n"
                       "[odoo]\n"
                       "ulr = \"https://odoo.example.com\"\n"
                       "database = 7\n"
                       "login = \"\"\n"
                       "protocol = \"json\"\n"
                       "calls_in_flight_max = 17\n"
                       "call_timeout_seconds = 150.5\n"
                       "[wroker]\n"
                       "name = \"a\"\n"
                       "[worker]\n"
                       "journal = \":memory:\"\n"
                       "lease_seconds = \"120\"\n"
                       "claim_batch_max = true\n"
                       "[transport]\n"
                       "allow = [\"10.0.0.0/8\", 3]\n"
                       "threads = 2026-01-01\n"
                       "[wake]\n"
                       "listen = \"localhost:0\"\n"
                       "[log]\n"
                       "level = \"inf\"\n"
                       "format = [\"json\"]\n")) ==
        "worker.toml:1: verbose: stands outside every section; "
        "expected only the sections odoo, worker, transport, secrets, wake, poll, callbacks, "
        "gateway, metrics, log\n"
        "worker.toml:2: url: stands outside every section; expected it in the section [odoo]\n"
        "worker.toml:3: odoo.url: is missing; "
        "expected url = \"https://odoo.example.com\" in [odoo], or WEBHOOK_WORKER_ODOO_URL\n"
        "worker.toml:3: odoo.api_key_file: is missing, and api_key too; "
        "expected api_key_file = \"/etc/webhook-worker/api_key\" in [odoo], "
        "or WEBHOOK_WORKER_ODOO_API_KEY_FILE\n"
        "worker.toml:4: odoo.ulr: is not a known key; did you mean \"url\"?\n"
        "worker.toml:5: odoo.database: is the number 7; expected a text\n"
        "worker.toml:6: odoo.login: is empty; expected a text\n"
        "worker.toml:7: odoo.protocol: is \"json\"; expected one of: auto, json2, jsonrpc, xmlrpc; "
        "did you mean \"json2\"?\n"
        "worker.toml:8: odoo.calls_in_flight_max: is 17; expected a whole number from 1 to 16\n"
        "worker.toml:9: odoo.call_timeout_seconds: is a number with a decimal point; "
        "expected a whole number from 5 to 3600\n"
        "worker.toml:10: wroker: is not a known section; did you mean \"worker\"?\n"
        "worker.toml:13: worker.journal: \":memory:\" is not a path; "
        "expected the path of a file on a local disk; it must survive a restart\n"
        "worker.toml:14: worker.lease_seconds: is the text \"120\"; "
        "expected a whole number from 10 to 3600\n"
        "worker.toml:15: worker.claim_batch_max: is true; "
        "expected a whole number from 1 to 1000\n"
        "worker.toml:17: transport.allow: is a list that holds something else than texts; "
        "expected a list of at most 256 texts\n"
        "worker.toml:18: transport.threads: is a date or time; "
        "expected a whole number from 1 to 64\n"
        "worker.toml:20: wake.listen: \"localhost:0\" is not a numeric address with a port; "
        "expected 127.0.0.1:0, [::1]:4711 or such, or \"\" to switch wake-ups off\n"
        "worker.toml:22: log.level: is \"inf\"; expected one of: debug, info, warning, error; "
        "did you mean \"info\"?\n"
        "worker.toml:23: log.format: is a list; expected one of: text, json\n");
}

TEST_CASE("a section that is not one is said") {
  CHECK(ErrorsOf(Input("log = \"info\"\n[[wake]]\nlisten = \"\"\n" + kOdoo)) ==
        "worker.toml:1: log: is a text; expected a section [log]\n"
        "worker.toml:2: wake: is a list; expected a section [wake]\n");
}

TEST_CASE("a name that is no word is shown on one line") {
  CHECK(ErrorsOf(Input(kOdoo + "\"a\\nb\" = 1\n[\"\\u001b[31m\"]\n")) ==
        "worker.toml:5: odoo.\"a\\nb\": is not a known key; known are: url, database, login, "
        "api_key, api_key_file, protocol, ca_file, calls_in_flight_max, call_timeout_seconds\n"
        "worker.toml:6: \"\\u001b[31m\": is not a known section; "
        "known are: odoo, worker, transport, secrets, wake, poll, callbacks, gateway, metrics, "
        "log\n");
}

TEST_CASE("a syntax error names line and column") {
  const std::string errors = ErrorsOf(Input("[odoo]\nurl = https://odoo.example.com\n"));
  CHECK(errors.starts_with("worker.toml:2:7: is not TOML: "));
  CHECK(errors.ends_with("; expected lines such as [section] and key = \"text\"\n"));
  CHECK(ErrorsOf(Input(kOdoo + "url = \"https://a\"\n")).starts_with("worker.toml:5:"));
  CHECK(ErrorsOf(Input("a = \"\xff\"\n")).starts_with("worker.toml:1:"));
}

TEST_CASE("hostile nesting is a syntax error, not a crash") {
  CHECK(ErrorsOf(Input("a = " + std::string(100'000, '['))).starts_with("worker.toml:1:"));
}

TEST_CASE("with a syntax error the environment's own errors are listed still") {
  const std::string errors =
      ErrorsOf(Input("[odoo\n", {{"WEBHOOK_WORKER_WORKER_LEASE_SECONDS", "x"}}));
  CHECK(errors.starts_with("worker.toml:1:"));
  CHECK(errors.find("WEBHOOK_WORKER_WORKER_LEASE_SECONDS: worker.lease_seconds: is the text \"x\"; "
                    "expected a whole number from 10 to 3600\n") != std::string::npos);
  CHECK(errors.find("missing") == std::string::npos);
}

TEST_CASE("what a section lacks is said at the section, or at the file when it is not there") {
  CHECK(ErrorsOf(Input("\n[odoo]\ndatabase = \"d\"\napi_key_file = \"/key\"\n"))
            .starts_with("worker.toml:2: odoo.url: is missing;"));
  CHECK(ErrorsOf(Input("")).starts_with("worker.toml: odoo.url: is missing;"));
}

TEST_CASE("named files are read: certificates") {
  CHECK(ErrorsOf(Input(kOdoo + "ca_file = \"/none.pem\"\n"
                               "[transport]\nca_file = \"/empty.pem\"\n")) ==
        "worker.toml:5: odoo.ca_file: \"/none.pem\" cannot be read: No such file or directory; "
        "expected a file of certificates in PEM format\n"
        "worker.toml:7: transport.ca_file: \"/empty.pem\" holds no certificate; "
        "expected a file of certificates in PEM format\n");
}

TEST_CASE("a file that holds the key itself must not be readable by everybody") {
  ConfigInput input =
      Input("[odoo]\nurl = \"https://odoo.example.com\"\ndatabase = \"d\"\napi_key = \"s3cr3t\"\n");
  CHECK(ErrorsOf(input).empty());
  input.file.mode = 0644;
  CHECK(ErrorsOf(input) ==
        "worker.toml:4: odoo.api_key: \"worker.toml\" holds a secret, and its mode 0644 lets every "
        "user of this machine read it; run: chmod 0640 worker.toml\n");
}

TEST_CASE("no message ever shows the key") {
  for (const std::string value : {"\"s3cr3t word\"", "[\"s3cr3t\"]", "\"s3cr3t\\n\"", "53"}) {
    const std::string errors = ErrorsOf(Input(
        "[odoo]\nurl = \"https://odoo.example.com\"\ndatabase = \"d\"\napi_key = " + value + "\n"));
    CAPTURE(errors);
    CHECK(errors.starts_with("worker.toml:4: odoo.api_key:"));
    CHECK(errors.find("s3cr3t") == std::string::npos);
    CHECK(errors.find("53") == std::string::npos);
  }
}

TEST_CASE("a syntax error in the line of the key does not show it either") {
  for (const std::string value :
       {"s3cr3t", "\"s3cr3t", "99999999999999999999s3cr3t", "nans3cr3t"}) {
    const std::string errors = ErrorsOf(Input("[odoo]\napi_key = " + value + "\n"));
    CAPTURE(errors);
    CHECK(errors.starts_with("worker.toml:2:"));
    CHECK(errors.find("s3cr3t") == std::string::npos);
    CHECK(errors.find("999") == std::string::npos);
    CHECK(errors.find("nans") == std::string::npos);
  }
}

TEST_CASE("secrets and the proxy reach their places") {
  ConfigInput input =
      Input(kOdoo +
            "[transport]\nproxy = 'http://proxy.example:3128'\nproxy_user = 'worker'\n"
            "proxy_password_file = '/password'\nproxy_resolves_names = true\n"
            "proxy_bypass = ['.example.org', '10.1.2.0/24']\n"
            "[secrets]\nkey_file = '/now'\nold_key_files = ['/old']\nenv_prefix = 'SHOP_'\n"
            "directory = '/run/secrets'\n");
  input.read_file = MemoryFiles({{"/key", {"k", 0600}},
                                 {"/password", {"PLANTED\n", 0640}},
                                 {"/now", {"webhook-worker-private-key:1:AA==\n", 0600}},
                                 {"/old", {"webhook-worker-private-key:1:AA==\n", 0400}}});
  const Config config = ConfigOf(input);
  CHECK(config.transport.proxy == "http://proxy.example:3128");
  CHECK(config.transport.proxy_user == "worker");
  CHECK(config.transport.proxy_password_file == "/password");
  CHECK(config.transport.proxy_resolves_names);
  CHECK(config.transport.proxy_bypass == std::vector<std::string>{".example.org", "10.1.2.0/24"});
  CHECK(config.secrets.key_file == "/now");
  CHECK(config.secrets.old_key_files == std::vector<std::string>{"/old"});
  CHECK(config.secrets.env_prefix == "SHOP_");
  CHECK(config.secrets.directory == "/run/secrets");
  CHECK(WarningsOf(input).empty());
}

TEST_CASE("a private key in a file that others reach, or that is none") {
  ConfigInput input =
      Input(kOdoo + "[secrets]\nkey_file = '/now'\nold_key_files = ['/none', '/other']\n");
  input.read_file = MemoryFiles({{"/key", {"k", 0600}},
                                 {"/now", {"webhook-worker-private-key:1:PLANTED", 0640}},
                                 {"/other", {"PLANTED", 0600}}});
  CHECK(
      ErrorsOf(input) ==
      "worker.toml:6: secrets.key_file: \"/now\" holds a private key, and its mode 0640 lets "
      "others at it; run: chmod 600 /now\n"
      "worker.toml:7: secrets.old_key_files: \"/none\" cannot be read: No such file or directory; "
      "expected a file that webhook-worker keygen made\n"
      "worker.toml:7: secrets.old_key_files: \"/other\" holds no private key; "
      "expected a file that webhook-worker keygen made\n");
}

TEST_CASE("a proxy that is given in parts") {
  CHECK(ErrorsOf(Input(kOdoo + "[transport]\nproxy_user = 'u'\n")) ==
        "worker.toml:6: transport.proxy_user: is given, but no proxy; "
        "expected proxy = \"http://proxy.example:3128\" too\n");
  ConfigInput input =
      Input(kOdoo + "[transport]\nproxy = 'http://p:1'\nproxy_password_file = '/p'\n");
  input.read_file = MemoryFiles({{"/key", {"k", 0600}}, {"/p", {"one\nPLANTED", 0644}}});
  CHECK(ErrorsOf(input) ==
        "worker.toml:7: transport.proxy_password_file: is given, but no proxy_user; "
        "expected proxy_user too\n"
        "worker.toml:7: transport.proxy_password_file: \"/p\" holds a secret, and its mode 0644 "
        "lets every user of this machine read it; run: chmod 0640 /p\n");
}

TEST_CASE("old keys without one in use are worth a warning") {
  ConfigInput input = Input(kOdoo + "[secrets]\nold_key_files = ['/old']\n");
  input.read_file =
      MemoryFiles({{"/key", {"k", 0600}}, {"/old", {"webhook-worker-private-key:1:AA==\n", 0600}}});
  CHECK(WarningsOf(input).starts_with("worker.toml:6: secrets.old_key_files: is given, but no"));
}

}  // namespace webhook::config
