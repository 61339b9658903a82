// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/config/file_values.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <toml++/toml.h>

#include "lib/base/suggestion.h"

namespace webhook::config {
namespace {

OtherType TypeOf(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::none:
      return {"nothing"};
    case toml::node_type::table:
      return {"a section"};
    case toml::node_type::array:
      return {"a list"};
    case toml::node_type::string:
      return {"a text"};
    case toml::node_type::integer:
      return {"a whole number"};
    case toml::node_type::floating_point:
      return {"a number with a decimal point"};
    case toml::node_type::boolean:
      return {"true or false"};
    case toml::node_type::date:
    case toml::node_type::time:
    case toml::node_type::date_time:
      return {"a date or time"};
  }
  return {"something else"};
}

GivenValue ReadList(const toml::array& array) {
  std::vector<std::string> texts;
  for (const toml::node& item : array) {
    if (!item.is_string()) return OtherType{"a list that holds something else than texts"};
    texts.push_back(item.as_string()->get());
  }
  return texts;
}

GivenValue ReadValue(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* number = node.as_integer()) return number->get();
  if (const auto* flag = node.as_boolean()) return flag->get();
  if (const auto* array = node.as_array()) return ReadList(*array);
  return TypeOf(node);
}

// Line `number`, from 1.
std::string_view LineOf(std::string_view text, std::size_t number) {
  for (; number > 1; --number) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
  return text.substr(0, text.find('\n'));
}

// The parser's messages may cite the value, which in the line of the API key is a secret.
std::string SyntaxProblem(const toml::parse_error& error, std::string_view line) {
  if (line.find("api_key") != std::string_view::npos) return "the value cannot be understood";
  return Printable(error.description());
}

class Reader {
 public:
  Reader(const std::string& file_name, FileValues& values)
      : file_name_(file_name), values_(values) {}

  void ReadRoot(const toml::table& root) {
    for (const auto& [name, node] : root) ReadTopLevel(name, node);
  }

  void AddSyntaxError(const toml::parse_error& error, std::string_view text) {
    values_.is_toml = false;
    const toml::source_position at = error.source().begin;
    values_.errors.push_back({{file_name_, static_cast<int>(at.line), static_cast<int>(at.column)},
                              "",
                              {"is not TOML: " + SyntaxProblem(error, LineOf(text, at.line)),
                               "expected lines such as [section] and key = \"text\""}});
  }

 private:
  // A missing region would read as line 0, which is left out of the text.
  Place PlaceOf(const toml::source_region& region) const {
    return {file_name_, static_cast<int>(region.begin.line), 0};
  }

  void AddError(const toml::source_region& region, std::string key, Complaint complaint) {
    values_.errors.push_back({PlaceOf(region), std::move(key), std::move(complaint)});
  }

  void ReadTopLevel(const toml::key& name, const toml::node& node) {
    const toml::table* table = node.as_table();
    const std::vector<std::string_view> sections = SectionNames();
    const bool known = KeyNames(name.str()).size() > 0;
    if (known && table != nullptr) {
      values_.section_lines[std::string(name.str())] = PlaceOf(node.source()).line;
      ReadSection(name.str(), *table);
    } else if (known) {
      AddError(name.source(), Shown(name.str()),
               {fmt::format("is {}", TypeOf(node).what),
                fmt::format("expected a section [{}]", name.str())});
    } else if (table != nullptr) {
      AddError(name.source(), Shown(name.str()),
               {"is not a known section", base::Suggest(name.str(), sections)});
    } else {
      AddError(name.source(), Shown(name.str()),
               {"stands outside every section", SuggestSection(name.str())});
    }
  }

  void ReadSection(std::string_view section, const toml::table& table) {
    for (const auto& [name, node] : table) {
      const Key* key = FindKey(section, name.str());
      if (key != nullptr) {
        values_.given.push_back({key, ReadValue(node), PlaceOf(name.source())});
        continue;
      }
      AddError(name.source(), fmt::format("{}.{}", section, Shown(name.str())),
               {"is not a known key", base::Suggest(name.str(), KeyNames(section))});
    }
  }

  static std::string SuggestSection(std::string_view name) {
    for (const Key& key : Keys()) {
      if (key.name == name) return fmt::format("expected it in the section [{}]", key.section);
    }
    return fmt::format("expected only the sections {}", fmt::join(SectionNames(), ", "));
  }

  // A name from the file, as it is unless it holds what should not be printed.
  static std::string Shown(std::string_view name) {
    const std::string cited = Cite(name);
    return cited.size() == name.size() + 2 ? std::string(name) : cited;
  }

  const std::string& file_name_;
  FileValues& values_;
};

}  // namespace

FileValues ReadFileValues(const std::string& file_name, std::string_view text) {
  FileValues values;
  Reader reader(file_name, values);
  try {
    reader.ReadRoot(toml::parse(text, file_name));
  } catch (const toml::parse_error& error) {
    reader.AddSyntaxError(error, text);
  }
  return values;
}

}  // namespace webhook::config
