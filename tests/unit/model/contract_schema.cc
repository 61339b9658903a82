// SPDX-License-Identifier: LGPL-3.0-or-later
#include "tests/unit/model/contract_schema.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

namespace webhook::model {
namespace {

using Json = nlohmann::json;
using Adapter = valijson::adapters::NlohmannJsonAdapter;

Json MergedDefinitions() {
  Json definitions = Json::object();
  for (const auto& entry : std::filesystem::directory_iterator(WEBHOOK_SCHEMA_DIR "/contract")) {
    if (entry.path().extension() != ".json") continue;
    const Json file = Json::parse(std::ifstream(entry.path()));
    for (const auto& [name, definition] : file.at("definitions").items()) {
      if (definitions.contains(name)) throw std::runtime_error("defined twice: " + name);
      definitions[name] = definition;
    }
  }
  return definitions;
}

const Json& Definitions() {
  static const Json definitions = MergedDefinitions();
  return definitions;
}

const valijson::Schema& ParsedSchema(const std::string& definition) {
  const Json& definitions = Definitions();
  static std::map<std::string, valijson::Schema> schemas;
  const auto [schema, is_new] = schemas.try_emplace(definition);
  if (is_new) {
    if (!definitions.contains(definition)) throw std::runtime_error("no definition " + definition);
    const Json root = {{"definitions", definitions},
                       {"allOf", {{{"$ref", "#/definitions/" + definition}}}}};
    valijson::SchemaParser(valijson::SchemaParser::kDraft7)
        .populateSchema(Adapter(root), schema->second);
  }
  return schema->second;
}

}  // namespace

std::string SchemaErrors(const std::string& definition, std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) return "not JSON: " + std::string(text);
  valijson::Validator validator;
  valijson::ValidationResults results;
  if (validator.validate(ParsedSchema(definition), Adapter(json), &results)) return "";
  std::string errors = "does not fit:";
  for (valijson::ValidationResults::Error error; results.popError(error);) {
    errors += "\n  ";
    for (const std::string& step : error.context) errors += step;
    errors += " " + error.description;
  }
  return errors;
}

std::size_t SchemaEnumSize(const std::string& definition, const std::string& member) {
  return Definitions().at(definition).at("properties").at(member).at("enum").size();
}

bool IsAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
}

}  // namespace webhook::model
