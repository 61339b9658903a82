// SPDX-License-Identifier: LGPL-3.0-or-later
#include "app/webhook_demo/env_file.h"

#include <doctest/doctest.h>

#include <stdexcept>

namespace webhook::demo {
namespace {

TEST_CASE("values as a shell reads them") {
  const EnvValues values = ParseEnv(
      "# a comment\n"
      "PLAIN=http://127.0.0.1:8069\n"
      "export EXPORTED=yes\n"
      "ESCAPED=a\\ b\\=c\n"
      "SINGLE='a \"b\" \\c'\n"
      "DOUBLE=\"a 'b' \\\" c\"\n"
      "EMPTY=\n"
      "not an assignment\n"
      "2 X=1\n"
      "LAST=no line break");
  CHECK(values == EnvValues{{"PLAIN", "http://127.0.0.1:8069"},
                            {"EXPORTED", "yes"},
                            {"ESCAPED", "a b=c"},
                            {"SINGLE", "a \"b\" \\c"},
                            {"DOUBLE", "a 'b' \" c"},
                            {"EMPTY", ""},
                            {"LAST", "no line break"}});
}

TEST_CASE("a file that is not there is named") {
  CHECK_THROWS_WITH_AS(ReadEnvFile("/nowhere/env"),
                       "the file /nowhere/env, which describes Odoo, cannot be read",
                       std::runtime_error);
}

}  // namespace
}  // namespace webhook::demo
