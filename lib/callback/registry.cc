// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/callback/registry.h"

#include <algorithm>

#include "lib/base/text.h"

namespace webhook::callback {

bool IsCallbackName(std::string_view name) {
  return !name.empty() && name.size() <= kNameCharactersMax &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
                  c == '-';
         });
}

Registry& Registry::OfThisProgram() {
  static Registry registry;
  return registry;
}

void Registry::Add(std::string name, Callback callback) {
  if (!IsCallbackName(name)) {
    problems_.push_back("\"" + base::PrintableText(name, kNameCharactersMax) +
                        "\" cannot be the name of a callback: lower-case letters, digits, \".\", "
                        "\"_\" and \"-\", at most 128");
    return;
  }
  const int times = ++times_[name];
  if (times == 2) {
    problems_.push_back("the name " + name + " is registered twice: neither can be used");
  }
  if (times > 1) {
    callbacks_.erase(name);
    return;
  }
  callbacks_.emplace(std::move(name), std::move(callback));
}

const Callback* Registry::Find(std::string_view name) const {
  const auto found = callbacks_.find(name);
  return found == callbacks_.end() ? nullptr : &found->second;
}

std::vector<std::string> Registry::Names() const {
  std::vector<std::string> names;
  for (const auto& [name, callback] : callbacks_) names.push_back(name);
  return names;
}

}  // namespace webhook::callback
