// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/config/keys.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <utility>

#include "lib/base/result.h"
#include "lib/config/gateway_keys.h"
#include "lib/config/outbound_keys.h"

namespace webhook::config {
namespace {

constexpr std::array<Section, 10> kSections = {{
    {"odoo", "The Odoo server whose webhooks this worker brings out."},
    {"worker", "This worker: its name, its store, and how much it takes on at once."},
    {"transport", "Requests to receivers."},
    {"secrets", "How the worker opens the secrets of endpoints."},
    {"wake", "The datagram by which Odoo says that there is work."},
    {"poll", "How often the worker asks for work that no wake-up told it of."},
    {"callbacks", "Native callbacks (C++), and the processes in which they run."},
    {"gateway", "Receiving webhooks: the HTTP server of inbound endpoints, and what it accepted."},
    {"metrics", "Numbers about the work, for Prometheus."},
    {"log", "What is written about the work, and where."},
}};

template <std::size_t... First, std::size_t... Second>
constexpr auto Joined(std::index_sequence<First...>, std::index_sequence<Second...>) {
  return std::array<Key, sizeof...(First) + sizeof...(Second)>{kOutboundKeys[First]...,
                                                               kGatewayKeys[Second]...};
}

constexpr auto kKeys = Joined(std::make_index_sequence<kOutboundKeys.size()>(),
                              std::make_index_sequence<kGatewayKeys.size()>());

}  // namespace

std::span<const Section> Sections() { return kSections; }

std::span<const Key> Keys() { return kKeys; }

const Key* FindKey(std::string_view section, std::string_view name) {
  for (const Key& key : Keys()) {
    if (key.section == section && key.name == name) return &key;
  }
  return nullptr;
}

std::vector<std::string_view> SectionNames() {
  std::vector<std::string_view> names;
  for (const Section& section : kSections) names.push_back(section.name);
  return names;
}

std::vector<std::string_view> KeyNames(std::string_view section) {
  std::vector<std::string_view> names;
  for (const Key& key : Keys()) {
    if (key.section == section) names.push_back(key.name);
  }
  return names;
}

std::string FullName(const Key& key) { return fmt::format("{}.{}", key.section, key.name); }

std::string EnvironmentVariable(const Key& key) {
  std::string name = fmt::format("WEBHOOK_WORKER_{}_{}", key.section, key.name);
  for (char& character : name) {
    if (character >= 'a' && character <= 'z') character = static_cast<char>(character - 'a' + 'A');
  }
  return name;
}

std::string Expected(const Slot& slot) {
  return std::visit(
      base::Overloaded{
          [](const Text&) { return std::string("expected a text"); },
          [](const SecretText&) { return std::string("expected a text"); },
          [](const TextList& list) {
            return fmt::format("expected a list of at most {} texts", list.items_max);
          },
          [](const Whole& whole) {
            return fmt::format("expected a whole number from {} to {}", whole.min, whole.max);
          },
          [](const Large& large) {
            return fmt::format("expected a whole number from {} to {}", large.min, large.max);
          },
          [](const Flag&) { return std::string("expected true or false"); },
          [](const Choice& choice) {
            return fmt::format("expected one of: {}", fmt::join(choice.names, ", "));
          },
      },
      slot);
}

}  // namespace webhook::config
