// SPDX-License-Identifier: LGPL-3.0-or-later
// The one table of configuration keys. Parsing, environment variables, the reference text and the
// test of the JSON schema all read it; defaults are those of a default-constructed Config.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "lib/config/config.h"
#include "lib/config/text_checks.h"

namespace webhook::config {

// One alternative per type of value: where it goes in Config, and which values it takes.
struct Text {
  std::string& (*at)(Config&);
  TextCheck check;
};
struct SecretText {
  base::Secret& (*at)(Config&);
  TextCheck check;
};
struct TextList {
  std::vector<std::string>& (*at)(Config&);
  TextCheck check_item;
  std::size_t items_max;
};
struct Whole {
  int& (*at)(Config&);
  int min;
  int max;
};
struct Large {
  std::int64_t& (*at)(Config&);
  std::int64_t min;
  std::int64_t max;
};
struct Flag {
  bool& (*at)(Config&);
};
struct Choice {
  std::span<const std::string_view> names;  // in the order of the enumeration
  std::size_t (*get)(const Config&);
  void (*set)(Config&, std::size_t);
};

using Slot = std::variant<Text, SecretText, TextList, Whole, Large, Flag, Choice>;

struct Key {
  std::string_view section;
  std::string_view name;
  Slot slot;
  std::string_view description;   // one or more sentences
  std::string_view example = {};  // TOML; of a key that has no usable default
  bool required = false;
};

struct Section {
  std::string_view name;
  std::string_view description;
};

std::span<const Section> Sections();
std::span<const Key> Keys();  // grouped by section, in the order of Sections()

// nullptr when there is none.
const Key* FindKey(std::string_view section, std::string_view name);

std::vector<std::string_view> SectionNames();
std::vector<std::string_view> KeyNames(std::string_view section);

std::string FullName(const Key& key);             // odoo.url
std::string EnvironmentVariable(const Key& key);  // WEBHOOK_WORKER_ODOO_URL

// What a value must be: `expected a whole number from 1 to 16`.
std::string Expected(const Slot& slot);

}  // namespace webhook::config
