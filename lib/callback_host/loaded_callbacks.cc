// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/callback_host/loaded_callbacks.h"

#include <fmt/format.h>
#include <unistd.h>

#include "lib/callback/registry.h"
#include "lib/callback_host/library.h"
#include "lib/callback_host/library_check.h"

namespace webhook::callback_host {
namespace {

constexpr std::size_t kCallbacksMax = 1000;  // the contract's hello carries no more

webhook_sdk_sink SinkOf(std::vector<std::string>& texts) {
  return {&texts, [](void* self, const char* text, size_t size) {
            static_cast<std::vector<std::string>*>(self)->emplace_back(text, size);
          }};
}

}  // namespace

LoadedCallbacks::LoadedCallbacks(const std::vector<std::string>& libraries) {
  Add({"the worker itself", callback::EntryOfThisProgram()});
  for (const std::string& path : libraries) AddLibrary(path);
}

void LoadedCallbacks::AddLibrary(const std::string& path) {
  if (auto refusal = RefuseLibrary(path, geteuid())) {
    problems_.push_back(*std::move(refusal));
    return;
  }
  const auto entry = LoadLibrary(path);
  if (!entry.ok()) {
    problems_.push_back(entry.error());
    return;
  }
  Add({path, entry.value()});
}

// All or none of a source: with half of it missing, nobody would know what runs.
void LoadedCallbacks::Add(const Source& source) {
  std::vector<std::string> names;
  std::vector<std::string> wrong;
  source.entry->names(SinkOf(names), SinkOf(wrong));
  for (const std::string& name : names) {
    const auto known = callbacks_.find(name);
    if (known != callbacks_.end()) {
      wrong.push_back(
          fmt::format("the name {} is registered by {} already", name, known->second.where));
    }
  }
  if (callbacks_.size() + names.size() > kCallbacksMax) {
    wrong.push_back(fmt::format("with it there are more than {} callbacks", kCallbacksMax));
  }
  for (const std::string& problem : wrong) {
    problems_.push_back(fmt::format("{} is not used: {}", source.where, problem));
  }
  if (!wrong.empty()) return;
  for (std::string& name : names) callbacks_.emplace(std::move(name), source);
}

std::vector<std::string> LoadedCallbacks::Names() const {
  std::vector<std::string> names;
  for (const auto& [name, source] : callbacks_) names.push_back(name);
  return names;
}

const webhook_sdk_entry_table* LoadedCallbacks::Find(std::string_view name) const {
  const auto found = callbacks_.find(name);
  return found == callbacks_.end() ? nullptr : found->second.entry;
}

}  // namespace webhook::callback_host
