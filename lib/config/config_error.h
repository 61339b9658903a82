// SPDX-License-Identifier: LGPL-3.0-or-later
// One thing that is wrong with the configuration, or a warning about it: where, what, and what was
// expected. Never holds a secret.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace webhook::config {

// Where a value was given: a line of the file, or an environment variable.
struct Place {
  std::string name;  // of the file or of the variable
  int line = 0;      // from 1; 0: no line
  int column = 0;    // from 1, with syntax errors only; 0: none
};

// What is wrong with one value, without saying where it stands.
struct Complaint {
  std::string what;
  std::string expected;
};

struct ConfigError {
  Place place;
  std::string key;  // odoo.url; empty for a syntax error
  Complaint complaint;
};

using ConfigErrors = std::vector<ConfigError>;

// worker.toml:12: odoo.url: what is wrong; what is expected
std::string ErrorText(const ConfigError& error);

// One line each.
std::string ErrorsText(const ConfigErrors& errors);

// A text as messages show it: printable, one line, at most 500 bytes.
std::string Printable(std::string_view text);

// A value as messages cite it: in quotes, printable, one line, at most 60 bytes.
std::string Cite(std::string_view value);

}  // namespace webhook::config
