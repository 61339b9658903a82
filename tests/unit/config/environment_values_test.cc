// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/config/environment_values.h"

#include <doctest/doctest.h>

#include "lib/config/keys.h"
#include "tests/unit/config/config_input.h"

namespace webhook::config {

TEST_CASE("the environment overrides the file, for every type") {
  const Config config = ConfigOf(Input(kOdoo + "[worker]\nlease_seconds = 60\n",
                                       {{"WEBHOOK_WORKER_ODOO_DATABASE", "staging"},
                                        {"WEBHOOK_WORKER_WORKER_LEASE_SECONDS", "90"},
                                        {"WEBHOOK_WORKER_LOG_FORMAT", "json"},
                                        {"WEBHOOK_WORKER_WAKE_LISTEN", ""},
                                        {"WEBHOOK_WORKER_TRANSPORT_PLAIN_HTTP_ALLOWED", "true"},
                                        {"WEBHOOK_WORKER_TRANSPORT_ALLOW", "10.0.0.0/8, ::1 ,"}}));
  CHECK(config.odoo.database == "staging");
  CHECK(config.worker.lease_seconds == 90);
  CHECK(config.log.format == LogFormat::kJson);
  CHECK(config.wake.listen.empty());
  CHECK(config.transport.plain_http_allowed);
  CHECK(config.transport.allow == std::vector<std::string>{"10.0.0.0/8", "::1"});
}

TEST_CASE("an empty list in the environment is the empty list") {
  const Config config = ConfigOf(
      Input(kOdoo + "[transport]\nallow = [\"::1\"]\n", {{"WEBHOOK_WORKER_TRANSPORT_ALLOW", " "}}));
  CHECK(config.transport.allow.empty());
}

TEST_CASE("every key has its variable") {
  for (const Key& key : Keys()) {
    const auto values = ReadEnvironmentValues({{EnvironmentVariable(key), "1"}});
    CAPTURE(FullName(key));
    CHECK(values.errors.empty());
    REQUIRE(values.given.size() == 1);
    CHECK(values.given[0].key == &key);
  }
}

TEST_CASE("the environment's key replaces the file's, whichever way each is given") {
  const Config config = ConfigOf(Input(kOdoo, {{"WEBHOOK_WORKER_ODOO_API_KEY", "k"}}));
  CHECK(config.odoo.api_key.Reveal() == "k");
  CHECK(config.odoo.api_key_file.empty());
}

TEST_CASE("errors name the variable") {
  CHECK(ErrorsOf(Input(kOdoo, {{"WEBHOOK_WORKER_TRANSPORT_PLAIN_HTTP_ALLOWED", "yes"}})) ==
        "WEBHOOK_WORKER_TRANSPORT_PLAIN_HTTP_ALLOWED: transport.plain_http_allowed: is the text "
        "\"yes\"; expected true or false\n");
  CHECK(ErrorsOf(Input(kOdoo, {{"WEBHOOK_WORKER_ODOO_CALLS_IN_FLIGHT_MAX", ""},
                               {"WEBHOOK_WORKER_ODOO_URL", "odoo"},
                               {"WEBHOOK_WORKER_POLL_IDLE_MS_MAX", "99999999999999999999"}})) ==
        "WEBHOOK_WORKER_ODOO_CALLS_IN_FLIGHT_MAX: odoo.calls_in_flight_max: is the text \"\"; "
        "expected a whole number from 1 to 16\n"
        "WEBHOOK_WORKER_ODOO_URL: odoo.url: \"odoo\" is not an http or https URL; expected scheme, "
        "host and port: https://odoo.example.com or http://127.0.0.1:8069\n"
        "WEBHOOK_WORKER_POLL_IDLE_MS_MAX: poll.idle_ms_max: is the text "
        "\"99999999999999999999\"; expected a whole number from 50 to 60000\n");
}

TEST_CASE("a misspelt variable is an error, a container manager's is not") {
  CHECK(ErrorsOf(Input(kOdoo, {{"WEBHOOK_WORKER_ODOO_ULR", "https://a"},
                               {"WEBHOOK_WORKER_ODO_DATABASE", "d"},
                               {"WEBHOOK_WORKER_LOG_COLOUR", "red"},
                               {"WEBHOOK_WORKER_SERVICE_HOST", "10.0.0.1"},
                               {"WEBHOOK_WORKER_PORT", "tcp://10.0.0.1:80"},
                               {"WEBHOOK_WORKER_PORT_80_TCP_ADDR", "10.0.0.1"},
                               {"PATH", "/bin"}})) ==
        "WEBHOOK_WORKER_LOG_COLOUR: is not a known variable; "
        "expected the name of a section and a key\n"
        "WEBHOOK_WORKER_ODOO_ULR: is not a known variable; did you mean WEBHOOK_WORKER_ODOO_URL?\n"
        "WEBHOOK_WORKER_ODO_DATABASE: is not a known variable; "
        "did you mean WEBHOOK_WORKER_ODOO_DATABASE?\n");
}

TEST_CASE("the environment alone is enough, and its errors do not speak of a file") {
  ConfigInput input = Input("", {{"WEBHOOK_WORKER_ODOO_URL", "https://odoo.example.com"},
                                 {"WEBHOOK_WORKER_ODOO_DATABASE", "d"},
                                 {"WEBHOOK_WORKER_ODOO_API_KEY_FILE", "/key"}});
  input.file_name = "";
  CHECK(ConfigOf(input).odoo.database == "d");
  input.environment.erase("WEBHOOK_WORKER_ODOO_DATABASE");
  CHECK(ErrorsOf(input) ==
        "environment: odoo.database: is missing; expected WEBHOOK_WORKER_ODOO_DATABASE\n");
}

}  // namespace webhook::config
