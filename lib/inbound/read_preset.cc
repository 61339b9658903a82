// SPDX-License-Identifier: LGPL-3.0-or-later
// A preset's file as data. The endpoint in it is read by the contract's own reader, once it has the
// members that only a record of Odoo has.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <optional>

#include "lib/inbound/presets.h"
#include "lib/model/contract.h"

namespace webhook::inbound {
namespace {

using model::Value;

// What is wrong with the file; nothing: it is right.
using Problem = std::optional<std::string>;

constexpr std::array kRoots = {"name",     "label",   "documentation", "secret",
                               "endpoint", "request", "samples"};
constexpr std::array kEndpointMembers = {"payload_contract",
                                         "delivery_identity_policy",
                                         "replay_identity_policy",
                                         "replay_blocks",
                                         "ordered",
                                         "challenge",
                                         "allowed_networks",
                                         "auth",
                                         "verification",
                                         "sources",
                                         "semantic_bindings"};

// Exactly these members, or some of them.
template <typename Names>
Problem CheckMembers(const Value& value, std::string_view where, const Names& names,
                     bool all_required) {
  const Value::Object* object = value.object();
  if (object == nullptr) return fmt::format("{} is no object", where);
  for (const model::Member& member : *object) {
    if (std::find(names.begin(), names.end(), member.key) == names.end()) {
      return fmt::format("{} has an unknown member \"{}\"", where, member.key);
    }
  }
  for (const char* name : names) {
    if (all_required && value.Find(name) == nullptr) {
      return fmt::format("{} lacks the member \"{}\"", where, name);
    }
  }
  return std::nullopt;
}

Problem ReadText(const Value& object, std::string_view where, const char* key, std::string& text) {
  const Value* value = object.Find(key);
  if (value == nullptr || value->text() == nullptr || value->text()->empty()) {
    return fmt::format("{}: \"{}\" is no text, or empty", where, key);
  }
  text = *value->text();
  return std::nullopt;
}

Problem ReadSecret(const Value& root, Preset& preset) {
  const Value& secret = *root.Find("secret");
  constexpr std::array kMembers = {"purpose", "hint"};
  if (auto problem = CheckMembers(secret, "secret", kMembers, true)) return problem;
  if (auto problem = ReadText(secret, "secret", "hint", preset.secret_hint)) return problem;
  const std::string* purpose = secret.Find("purpose")->text();
  for (const auto known : {model::SecretPurpose::kSigning, model::SecretPurpose::kBasicPassword,
                           model::SecretPurpose::kBearerToken, model::SecretPurpose::kApiKey}) {
    if (purpose == nullptr || *purpose != model::Spelling(known)) continue;
    preset.secret_purpose = known;
    return std::nullopt;
  }
  return "secret: \"purpose\" is not one that an inbound endpoint has";
}

// Rows of a record have ids; here they are numbers that only tell them apart.
void NumberRows(Value* rows) {
  Value::List* list = rows == nullptr ? nullptr : rows->list();
  if (list == nullptr) return;
  long long id = 0;
  for (Value& row : *list) {
    if (row.object() != nullptr) row.Set("id", Value::Integer(++id));
  }
}

Value* Member(Value& object, std::string_view key) {
  for (model::Member& member : *object.object()) {
    if (member.key == key) return &member.value;
  }
  return nullptr;
}

Problem ReadEndpoint(const Value& root, Preset& preset) {
  Value endpoint = *root.Find("endpoint");
  if (auto problem = CheckMembers(endpoint, "endpoint", kEndpointMembers, false)) return problem;
  NumberRows(Member(endpoint, "sources"));
  NumberRows(Member(endpoint, "semantic_bindings"));
  Value* verification = Member(endpoint, "verification");
  if (verification != nullptr && verification->object() != nullptr) {
    NumberRows(Member(*verification, "parts"));
  }
  endpoint.Set("id", Value::Integer(1));
  endpoint.Set("path", Value::Text(preset.name));
  endpoint.Set("state", Value::Text("active"));
  endpoint.Set("retry_policy_id", Value::Integer(1));
  auto decoded = model::DecodeInboundEndpoint(model::DumpAsciiJson(endpoint));
  if (!decoded.ok()) return "endpoint: " + decoded.error().message;
  preset.endpoint = std::move(decoded).value();
  return std::nullopt;
}

Problem ReadRequest(const Value& root, Preset& preset) {
  const Value& request = *root.Find("request");
  constexpr std::array kMembers = {"content_type", "headers"};
  if (auto problem = CheckMembers(request, "request", kMembers, true)) return problem;
  if (auto problem = ReadText(request, "request", "content_type", preset.content_type)) {
    return problem;
  }
  const Value::Object* headers = request.Find("headers")->object();
  if (headers == nullptr) return "request: \"headers\" is no object";
  for (const model::Member& header : *headers) {
    if (header.value.text() == nullptr) return "request: a header's value is no text";
    preset.headers.emplace_back(header.key, *header.value.text());
  }
  return std::nullopt;
}

Problem ReadSamples(const Value& root, Preset& preset) {
  const Value::Object* samples = root.Find("samples")->object();
  if (samples == nullptr || samples->empty()) return "\"samples\" is no object, or empty";
  for (const model::Member& sample : *samples) {
    if (sample.value.object() == nullptr) {
      return fmt::format("samples: \"{}\" is no object", sample.key);
    }
    preset.samples.push_back({sample.key, sample.value});
  }
  return std::nullopt;
}

Problem ReadRoot(const Value& root, Preset& preset) {
  if (auto problem = CheckMembers(root, "the preset", kRoots, true)) return problem;
  const std::pair<const char*, std::string*> texts[] = {
      {"name", &preset.name}, {"label", &preset.label}, {"documentation", &preset.documentation}};
  for (const auto& [key, text] : texts) {
    if (auto problem = ReadText(root, "the preset", key, *text)) return problem;
  }
  if (preset.name.find('.') != std::string::npos) return "\"name\" has a full stop";
  for (const auto read : {ReadSecret, ReadEndpoint, ReadRequest, ReadSamples}) {
    if (auto problem = read(root, preset)) return problem;
  }
  return std::nullopt;
}

}  // namespace

base::Result<Preset, std::string> ReadPreset(std::string_view json) {
  const auto root = model::ParseJson(json);
  if (!root.ok()) {
    return fmt::format("it is not JSON: at byte {}: {}", root.error().byte, root.error().message);
  }
  Preset preset;
  if (auto problem = ReadRoot(root.value(), preset)) return *std::move(problem);
  return preset;
}

}  // namespace webhook::inbound
