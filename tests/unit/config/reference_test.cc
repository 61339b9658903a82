// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/config/reference.h"

#include <doctest/doctest.h>

#include <sstream>
#include <string>

#include "lib/config/keys.h"
#include "tests/unit/config/config_input.h"

namespace webhook::config {

TEST_CASE("the reference is a valid configuration that changes no default") {
  ConfigInput input = Input(ConfigReference());
  input.read_file = MemoryFiles({{"/etc/webhook-worker/api_key", {"k", 0600}}});
  const Config config = ConfigOf(input);
  const Config defaults;
  CHECK(config.worker.deliveries_in_flight_max == defaults.worker.deliveries_in_flight_max);
  CHECK(config.worker.journal == defaults.worker.journal);
  CHECK(config.transport.allow == defaults.transport.allow);
  CHECK(config.wake.listen == defaults.wake.listen);
  CHECK(config.log.level == defaults.log.level);
  CHECK(WarningsOf(input).empty());
}

TEST_CASE("the reference names every key once, in lines that fit a page") {
  const std::string reference = "\n" + ConfigReference();
  for (const Section& section : Sections()) {
    CHECK(reference.find("\n[" + std::string(section.name) + "]\n") != std::string::npos);
  }
  for (const Key& key : Keys()) {
    CAPTURE(FullName(key));
    CHECK((reference.find("\n" + std::string(key.name) + " = ") != std::string::npos ||
           reference.find("\n# " + std::string(key.name) + " = ") != std::string::npos));
  }
  std::istringstream lines(reference);
  for (std::string line; std::getline(lines, line);) CHECK(line.size() <= 100);
}

TEST_CASE("an entry of the reference") {
  const std::string reference = ConfigReference();
  CHECK(reference.find("\n"
                       "# How Odoo is called. auto takes the best that the server speaks. One of: "
                       "auto, json2, jsonrpc,\n"
                       "# xmlrpc.\n"
                       "protocol = \"auto\"\n") != std::string::npos);
  CHECK(reference.find("# Deliveries that one claim may bring. From 1 to 1000.\n"
                       "claim_batch_max = 500\n") != std::string::npos);
  CHECK(reference.find("# The name of the database. Required.\n"
                       "database = \"production\"\n") != std::string::npos);
}

}  // namespace webhook::config
