// SPDX-License-Identifier: LGPL-3.0-or-later
#include "rpc/fault_mapping.h"

#include <doctest/doctest.h>

#include "rpc/key_holder.h"
#include "tests/unit/rpc/golden.h"

namespace webhook::rpc {
namespace {

constexpr CallContext kCall{"crm", "bwt.webhook.worker", "claim"};

std::string Kind(std::string_view name, std::string_view message) {
  return KindName(ClassifyException(name, message, kCall).kind);
}

TEST_CASE("PostgreSQL's sentences are about this database or they are trouble of Odoo's") {
  const char* const name = "psycopg2.OperationalError";
  CHECK(Kind(name, "FATAL:  database \"crm\" does not exist") == "DatabaseMissing");
  CHECK(Kind(name, "FATAL:  database \"crm2\" does not exist") == "Busy");
  CHECK(Kind(name, "FATAL:  database \"crm\" is not currently accepting connections") == "Busy");
  CHECK(Kind(name, "FATAL:  sorry, too many clients already") == "Busy");
}

TEST_CASE("an AttributeError is a missing method only when it names ours") {
  CHECK(Kind("AttributeError", "The method 'bwt.webhook.worker.claim' does not exist") ==
        "AddonMissing");
  // Odoo 17
  CHECK(Kind("builtins.AttributeError",
             "type object 'bwt.webhook.worker' has no attribute 'claim'") == "AddonMissing");
  CHECK(Kind("AttributeError", "'bwt.webhook.worker' object has no attribute 'x'") == "Unknown");
}

TEST_CASE("a KeyError is an upgrade only when a model of ours is missing") {
  CHECK(Kind("KeyError", "'bwt.webhook.handler'") == "Busy");
  CHECK(Kind("builtins.KeyError", "name") == "Unknown");
}

TEST_CASE("a traceback is read at its end, whatever the message pretends") {
  const auto kind = [](std::string_view text) {
    return KindName(ClassifyXmlRpcFault(1, text, kCall).kind);
  };
  CHECK(std::string(kind("Traceback (most recent call last):\n  File \"a\", line 1, in f\n    f()\n"
                         "psycopg2.errors.UndefinedColumn: column\n")) == "Busy");
  CHECK(std::string(kind("Traceback (most recent call last):\n  File \"a\"\nValueError: x\n"
                         "psycopg2.errors.UndefinedColumn: column\n")) == "Unknown");
  CHECK(std::string(kind("Traceback (most recent call last):\n  File")) == "Unknown");
  CHECK(std::string(kind("")) == "Unknown");
}

TEST_CASE("details are one printable line of at most 500 bytes") {
  CHECK(FaultDetail("\r\n  first\nsecond") == "first");
  CHECK(FaultDetail("") == "");
  CHECK(FaultDetail(std::string(2000, 'x')).size() == 500);
  CHECK(FaultDetail(std::string(2000, '\x01')).size() <= 500);
  CHECK(FaultDetail("a\x1b[31mb") == "a\\u001b[31mb");
}

TEST_CASE("the key is read again only when asked for, and never shown") {
  std::string source = "first";
  KeyHolder key([&] { return base::Secret(source); });
  CHECK(key.Current().Reveal() == "first");
  source = "second";
  CHECK(key.Current().Reveal() == "first");
  CHECK(key.Reread());
  CHECK_FALSE(key.Reread());
  CHECK(key.Current().Reveal() == "second");
  CHECK(key.Redacted("a second and a second") == "a […] and a […]");
}

}  // namespace
}  // namespace webhook::rpc
